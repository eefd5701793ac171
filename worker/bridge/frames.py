def encode_frame(seen):
    if seen is None:
        return None
    if isinstance(seen, str):
        return {"kind": "text", "text": seen}
    if not isinstance(seen, dict) and callable(getattr(seen, "to_dict", None)):
        seen = seen.to_dict()  # Interactive Gym's render packets
    if isinstance(seen, dict):
        objects = seen.get("objects", seen.get("game_state_objects"))
        if objects is not None:
            return encode_objects(objects, "removed" in seen, seen.get("removed", ()))
        raise TypeError(f"expected a rendered dict to have 'objects', got the keys {list(seen)}")
    if isinstance(seen, tuple) and len(seen) == 2 and isinstance(seen[0], (bytes, bytearray)):
        return encode_pixels(memoryview(seen[0]), seen[1])
    if isinstance(seen, (list, tuple)):
        if not all(isinstance(item, dict) or hasattr(item, "as_dict") for item in seen):
            return encode_frame(seen[-1])  # render_mode="rgb_array_list": the newest
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
        copy_out(len(sizes), flat_bytes(view, "uint8"), channels[0] if channels else 1)
    # RGBA, whatever it was, and not in the digest: a replay renders nothing
    pixels = {"$": "array", "i": len(sizes), "shape": [height * width * 4], "dtype": "uint8"}
    sizes.append(-1)
    return {"kind": "pixels", "width": width, "height": height, "channels": 4, "data": pixels}


def render_quietly(env):
    """A frame that cannot be shown is said, but does not undo the step that it belongs to."""
    rest()  # a replay shows nothing, and so draws nothing here
    try:
        return env.frame()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        try:
            print(f"render: {type(error).__name__}: {error}", file=sys.stderr)
        except Exception:
            pass  # no stderr to say it on
        return None
