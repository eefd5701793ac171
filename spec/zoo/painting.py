"""Envs that draw with pygame, of which no wheel is here: a stand-in has those of its methods that are needed."""

import sys
import types

from .walk import Walk


class OfC:
    def __reduce_ex__(self, protocol):
        raise TypeError(f"cannot pickle 'pygame.{type(self).__name__}' object")


class Buffer:
    def __init__(self, pixels):
        self.pixels = pixels

    @property
    def raw(self):
        return bytes(self.pixels)

    def write(self, pixels, offset):
        self.pixels[offset : offset + len(pixels)] = pixels


class Surface(OfC):
    """A byte a pixel; one that is a part of another shares its rows."""

    def __init__(self, size, flags=0, depth=32, masks=(255, 255, 255, 0)):
        self.size, self.flags, self.depth, self.masks = tuple(size), flags, depth, tuple(masks)
        self.pixels = bytearray(size[0] * size[1])
        self.parent, self.offset = None, (0, 0)
        self.alpha = self.colorkey = None
        self.clip = (0, 0, *size)

    def subsurface(self, place):
        part = Surface(place[2:])
        part.parent, part.offset = self, tuple(place[:2])
        return part

    def set_at(self, place, value):
        if self.parent is None:
            self.pixels[place[1] * self.size[0] + place[0]] = value
        else:
            self.parent.set_at((place[0] + self.offset[0], place[1] + self.offset[1]), value)

    def get_buffer(self):
        return Buffer(self.pixels)

    def get_size(self):
        return self.size

    def get_bitsize(self):
        return self.depth

    def get_flags(self):
        return self.flags | 4  # one that a new one is not given

    def get_masks(self):
        return self.masks

    def get_parent(self):
        return self.parent

    def get_offset(self):
        return self.offset

    def get_colorkey(self):
        return self.colorkey

    def set_colorkey(self, key):
        self.colorkey = key

    def get_alpha(self):
        return self.alpha

    def set_alpha(self, alpha):
        self.alpha = alpha

    def get_clip(self):
        return list(self.clip)

    def set_clip(self, clip):
        self.clip = tuple(clip)


class Clock(OfC):
    ticks = 0

    def tick(self):
        self.ticks += 1


class Font(OfC):
    def __init__(self, size):
        self.size = size


class Color(OfC):
    def __init__(self, *values):
        self.values = list(values)

    def __iter__(self):
        return iter(self.values)


pygame = types.ModuleType("pygame")
pygame.SRCALPHA = 0x10000
pygame.Surface, pygame.Color = Surface, Color
pygame.display = types.SimpleNamespace(get_surface=lambda: None)
pygame.time, pygame.font = types.SimpleNamespace(Clock=Clock), types.SimpleNamespace(Font=Font)
sys.modules["pygame"] = pygame
Surface.__module__ = Color.__module__ = "pygame"


class Canvas(Walk):
    """Draws as it walks, and sees what it has drawn."""

    def __init__(self):
        super().__init__()
        self.sheet = Surface((8, 2), pygame.SRCALPHA)
        self.tile, self.color = self.sheet.subsurface((2, 0, 4, 2)), Color(1, 2, 3)
        self.sheet.set_alpha(100)
        self.font = [Font(9)]

    def advance(self, action):
        self.tile.set_at((self.steps % 4, action % 2), self.steps)
        self.color.values[0] += 1
        self.sheet.set_colorkey(self.color.values[0])

    def more(self):
        same = self.tile.parent is self.sheet
        return [*self.sheet.pixels, *self.color, self.sheet.alpha, self.sheet.colorkey, self.font[0].size, same]


class Window(Walk):
    """As Gymnasium's: what it paints with is made with the first picture, and is painted over at each."""

    screen = clock = font = None

    def render(self):
        if self.screen is None:
            self.screen, self.clock, self.font = Surface((3, 2)), Clock(), Font(4)
        self.clock.tick()
        for x in range(3):
            self.screen.set_at((x, 0), abs(self.place) * x + self.font.size)
        return memoryview(bytes(self.screen.pixels)).cast("B", [2, 3])


class Labels(Walk):
    """A font that comes with the first step, where a new env has none."""

    def advance(self, action):
        if not hasattr(self, "label"):
            self.label = Font(self.steps)

    def more(self):
        return self.label.size if hasattr(self, "label") else None
