# What games hold of pygame, and pickle refuses (https://www.pygame.org/docs/ref/surface.html).
DRAWN = ("Surface", "Color", "mask.Mask", "time.Clock", "font.Font", "freetype.Font", "mixer.Sound")


class Drawing:
    is_blind = False  # pictures do not count
    is_missed = False  # something was met that has to be found at its place


def pygame_reducer(kind):
    name = kind.__name__
    for place in DRAWN if name in ("Surface", "Color", "Mask", "Clock", "Font", "Sound") else ():
        found = sys.modules.get("pygame")
        for part in place.split("."):
            found = getattr(found, part, None)
        if found is kind:
            return {"Surface": reduce_surface, "Color": reduce_color, "Mask": reduce_mask, "Clock": reduce_clock}.get(name, reduce_used)
    return None


def reduce_surface(thing):
    pygame = sys.modules["pygame"]
    if Drawing.is_blind:
        refuse("a picture")
    state = thing.get_colorkey(), thing.get_alpha(), tuple(thing.get_clip())
    if thing.get_parent() is not None:
        return subsurface, (thing.get_parent(), thing.get_offset(), thing.get_size()), state, None, None, set_surface
    is_shown = thing is pygame.display.get_surface()
    depth = thing.get_bitsize()
    palette = [tuple(each) for each in thing.get_palette()] if depth <= 8 else None
    form = thing.get_flags() & pygame.SRCALPHA, depth, thing.get_masks(), palette
    return surface, (is_shown, thing.get_size(), form, thing.get_buffer().raw), state, None, None, set_surface


@maker
def surface(is_shown, size, form, pixels):
    pygame = sys.modules.get("pygame") or importlib.import_module("pygame")
    flags, depth, masks, palette = form
    if is_shown:
        made = pygame.display.get_surface() or pygame.display.set_mode(size)
    else:
        made = pygame.Surface(size, flags, depth, masks)
    if palette:
        made.set_palette(palette)
    made.get_buffer().write(pixels, 0)
    return made


@maker
def subsurface(parent, offset, size):
    return parent.subsurface((*offset, *size))


@maker
def set_surface(made, state):
    colorkey, alpha, clip = state
    made.set_colorkey(colorkey)
    made.set_alpha(alpha)
    made.set_clip(clip)


def reduce_color(thing):
    return type(thing), tuple(thing)


def reduce_mask(thing):
    return sys.modules["pygame"].mask.from_surface, (thing.to_surface(unsetcolor=(0, 0, 0, 0)),)


def reduce_clock(thing):
    return type(thing), ()


def reduce_used(thing):
    """A font or a sound: it is found where it is, or else it is missed."""
    Drawing.is_missed = True
    return missed, (type(thing).__name__,)


@maker
def missed(name):
    raise StateError(f"a {name} of pygame cannot be made again")


def used_in(env, main):
    """Fonts and sounds by the paths to them."""
    return {path: thing for path, thing in walk([env, main]) if reducers.get(type(thing)) is reduce_used}


def at_path(env, path):
    """The font or sound that is at a path now, or None: it is made when it is wanted."""
    try:
        found = eval(f"_{path}", {"_": [env, vars(__main__)]})
    except Exception:
        found = ()
    if found is not None and reducers.get(type(found), pygame_reducer(type(found))) is not reduce_used:
        raise StateError(f"no font or sound of pygame is at {path_for_users(path, [env])}")
    return found
