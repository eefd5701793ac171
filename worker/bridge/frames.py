def encode_frame(seen):
    """What render() returned, by its kind: https://gymnasium.farama.org/api/env/"""
    if seen is None:
        return None
    if isinstance(seen, str):
        return {"kind": "text", "text": seen}
    if not isinstance(seen, dict) and callable(getattr(seen, "to_dict", None)):
        seen = seen.to_dict()  # a render packet of Interactive Gym's
    if isinstance(seen, dict):
        objects = seen.get("objects", seen.get("game_state_objects"))
        if objects is not None:
            return encode_objects(objects, "removed" in seen, seen.get("removed", ()))
        raise TypeError(f"expected a rendered dict to have 'objects', got the keys {list(seen)}")
    if isinstance(seen, tuple) and len(seen) == 2 and isinstance(seen[0], (bytes, bytearray)):
        return encode_pixels(memoryview(seen[0]), seen[1])
    if isinstance(seen, (list, tuple)):
        if not all(isinstance(item, dict) or hasattr(item, "as_dict") for item in seen):
            return encode_frame(seen[-1])  # render_mode="rgb_array_list": the newest frame
        return encode_objects(seen, False, ())
    try:
        view = memoryview(seen)
    except TypeError:
        raise TypeError(
            "expected env.render() to return pixels (uint8, h×w, h×w×3 or h×w×4), a list of objects, text or None, "
            f"got {type(seen).__name__}"
        ) from None
    return encode_pixels(view, getattr(seen, "shape", view.shape))


def encode_objects(objects, delta, removed):
    plain = [item if isinstance(item, dict) else item.as_dict() for item in objects]
    return {"kind": "objects", "objects": encode(plain), "delta": delta, "removed": encode(list(removed))}


def encode_pixels(view, shape):
    with view:
        shape = tuple(shape)
        fits = len(shape) in (2, 3) and (len(shape) == 2 or shape[2] in (1, 3, 4)) and prod(shape) == view.nbytes
        if dtype_of(view) != "uint8" or not fits or not view.nbytes:
            raise TypeError(
                "expected pixels as uint8 of shape h×w, h×w×3 or h×w×4, "
                f"got {dtype_of(view) or view.format} of shape {shape}"
            )
        height, width, *channels = shape
        index = answer.collect_pixels(flat_bytes(view, "uint8"), channels[0] if channels else 1)
    pixels = {"$": "array", "i": index, "shape": [height * width * 4], "dtype": "uint8"}
    return {"kind": "pixels", "width": width, "height": height, "channels": 4, "data": pixels}


def render_quietly(env):
    """A frame that cannot be had is reported, but does not undo the step that it belongs to. It draws from the system's
    entropy, not from the env's, since a replay renders nothing."""
    try:
        return env.frame()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        try:
            print(f"render: {type(error).__name__}: {error}", file=sys.stderr)
        except Exception:
            pass  # the user replaced or closed it
        return None
