"""Renderers of each kind. The picture is three pixels wide and two high."""

import io
import warnings
from array import array

from .walk import Walk

RED, GREEN, BLUE, GREY, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (51, 51, 51), (255,) * 3, (0, 0, 0)
PIXELS = [RED, GREEN, BLUE, GREY, WHITE, BLACK]
FLAT = [value for pixel in PIXELS for value in pixel]


def shaped(values, code, shape):
    return memoryview(array(code, values)).cast("B").cast(code, shape)


class Interface:
    """As an image of PIL: its bytes are told by an attribute."""

    size, mode = (3, 2), "RGB"

    @property
    def __array_interface__(self):
        return {"version": 3, "shape": (2, 3, 3), "typestr": "|u1", "data": bytes(FLAT)}

    def tobytes(self):
        return bytes(FLAT)


class Figure:
    """As matplotlib's, on a canvas that has its pixels in memory."""

    class Canvas:
        def draw(self):
            self.drawn = True

        def buffer_rgba(self):
            return memoryview(bytes(value for pixel in PIXELS for value in (*pixel, 255))).cast("B", [2, 3, 4])

    def __init__(self):
        self.canvas = self.Canvas()


def picture(kind):
    forms = {
        "rgb": lambda: shaped(FLAT, "B", [2, 3, 3]),
        "rgba": lambda: shaped([v for p in PIXELS for v in (*p, 255)], "B", [2, 3, 4]),
        "grey": lambda: shaped([p[0] for p in PIXELS], "B", [2, 3]),
        "one channel": lambda: shaped([p[0] for p in PIXELS], "B", [2, 3, 1]),
        "channels first": lambda: shaped([p[i] for i in range(3) for p in PIXELS], "B", [3, 2, 3]),
        "tall channels first": lambda: shaped([p[i] for i in range(3) for p in PIXELS * 15], "B", [3, 10, 9]),
        "unit float": lambda: shaped([v / 255 for v in FLAT], "d", [2, 3, 3]),
        "float": lambda: shaped([float(v) for v in FLAT], "f", [2, 3, 3]),
        "int64": lambda: shaped(FLAT, "q", [2, 3, 3]),
        "uint16": lambda: shaped(FLAT, "H", [2, 3, 3]),
        "too large": lambda: shaped([v * 9 for v in FLAT], "H", [2, 3, 3]),
        "flags": lambda: shaped([p[0] > 99 for p in PIXELS], "B", [2, 3]).cast("B").cast("?", [2, 3]),
        "flat": lambda: bytes(FLAT),
        "bytes and shape": lambda: (bytes(FLAT), (2, 3, 3)),
        "list of rows": lambda: [[list(p) for p in PIXELS[:3]], [list(p) for p in PIXELS[3:]]],
        "list of frames": lambda: [shaped([0] * 18, "B", [2, 3, 3]), shaped(FLAT, "B", [2, 3, 3])],
        "no objects": lambda: [],
        "interface": lambda: Interface(),
        "figure": lambda: Figure(),
        "text": lambda: "#.\n.#",
        "file": lambda: io.StringIO("#.\n.#"),
        "objects": lambda: [{"object_type": "circle", "uuid": "me", "x": 0.5, "y": 0.5, "radius": 0.1, "color": "red"}],
        "delta": lambda: {"objects": [{"object_type": "text", "uuid": 1, "text": "hi", "x": 0, "y": 0}], "removed": ["me"]},
        "none": lambda: None,
        "number": lambda: 3,
    }
    return forms[kind]()


class Shown(Walk):
    def __init__(self, kind):
        super().__init__()
        self.kind, self.shown = kind, 0

    def render(self):
        self.shown += 1  # nobody observes it
        return picture(self.kind)


class OldMode(Walk):
    """Gym before 0.22: the mode comes with the call."""

    def render(self, mode="human"):
        return picture("rgb") if mode == "rgb_array" else None


class Modeless(Walk):
    """Was made without a `render_mode`, and warns of it."""

    render_mode, metadata = None, {"render_modes": ["rgb_array"]}

    def render(self):
        warnings.warn("render was called without a mode", stacklevel=2)


class Unready(Walk):
    """Cannot render: a module is missing."""

    render_mode = "rgb_array"

    def render(self):
        import pygame_that_nobody_has  # noqa: F401


class NotImplemented_(Walk):
    def render(self):
        raise NotImplementedError


class RaisesSometimes(Walk):
    def render(self):
        if self.steps == 2:
            raise RuntimeError("the window is closed")
        return picture("rgb")


class DrawsChance(Walk):
    """Clouds are drawn from the env's own generator."""

    def render(self):
        return f"clouds {self.rng.random()}"


class DrawsGlobalChance(Walk):
    def reset(self, *, seed=None, options=None):
        import random

        if seed is not None:
            random.seed(seed)
        return super().reset(seed=seed)

    def render(self):
        import random

        return f"clouds {random.random()}"

    def more(self):
        import random

        return random.random()


class MovesCamera(Walk):
    """The camera follows with each picture, and a step reports where it is."""

    def begin(self):
        self.camera = 0.0

    def render(self):
        self.camera += (self.place - self.camera) / 2
        return [{"object_type": "circle", "uuid": "me", "x": self.camera, "y": 0.5}]

    def more(self):
        return self.camera


class Repaints(Walk):
    """What it observes is its canvas."""

    def __init__(self):
        self.canvas = bytearray(18)
        super().__init__()

    def begin(self):
        self.canvas[:] = bytes(18)

    def render(self):
        self.canvas[self.place % 18] += 1
        return memoryview(self.canvas).cast("B", [2, 3, 3])

    def seen(self):
        return memoryview(self.canvas)


class Kept(Walk):
    """The same buffer each time, painted anew."""

    def __init__(self):
        super().__init__()
        self.canvas = bytearray(18)

    def render(self):
        self.canvas[:] = bytes([self.steps] * 18)
        return memoryview(self.canvas).cast("B", [2, 3, 3])
