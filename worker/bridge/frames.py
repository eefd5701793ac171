def encode_frame(seen, env):
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
        return encode_picture(laid_out(memoryview(seen[0]), seen[1]))
    if isinstance(seen, (list, tuple)):
        return encode_several(seen, env)
    if isinstance(seen, StringIO):
        return {"kind": "text", "text": seen.getvalue()}
    return encode_picture(picture_of(seen))


def encode_several(seen, env):
    """A list of objects, the frames since the last call (of which the newest is shown), or one frame for each env."""
    is_vector = env.num_envs is not None
    is_list = str(look_up(env.env, "render_mode")).endswith("_list")
    if not seen and (is_vector or is_list):
        return None
    if all(isinstance(item, dict) or hasattr(item, "as_dict") for item in seen):
        return encode_objects(seen, False, ())
    if not is_vector:
        return encode_frame(seen[-1], env)
    newest = [(each or [None])[-1] if is_list and isinstance(each, (list, tuple)) else each for each in seen]
    there = [each for each in newest if each is not None]
    if all(isinstance(each, str) for each in there):
        return {"kind": "text", "text": "\n\n".join(there)} if there else None
    return encode_picture(tiled([picture_of(each) for each in there]))


def encode_objects(objects, delta, removed):
    plain = [item if isinstance(item, dict) else item.as_dict() for item in objects]
    return {"kind": "objects", "objects": encode(plain), "delta": delta, "removed": encode(list(removed))}


def encode_picture(picture):
    data, dtype, height, width, channels, is_planar = picture
    problem = answer.collect_pixels(data, channels, dtype, is_planar)
    if problem is not None:
        raise TypeError(f"{EXPECTED_PIXELS}, got {dtype} of shape {(height, width, channels)} with {problem}")
    pixels = {"$": "array", "i": len(answer.sizes) - 1, "shape": [height * width * 4], "dtype": "uint8"}
    return {"kind": "pixels", "width": width, "height": height, "channels": 4, "data": pixels}


def picture_of(seen):
    """The pixels of an array, of a picture of Pillow's, or of a figure of Matplotlib's; see laid_out."""
    view = buffer_of(seen)
    if view is None:
        canvas = look_up(seen, "canvas", seen)
        if callable(look_up(canvas, "buffer_rgba")):
            if callable(look_up(canvas, "draw")):
                canvas.draw()
            view = memoryview(canvas.buffer_rgba())
        elif callable(look_up(seen, "tobytes")) and isinstance(look_up(seen, "mode"), str):
            image = seen if seen.mode in ("L", "RGB", "RGBA") else seen.convert("RGBA")
            return laid_out(memoryview(image.tobytes()), (image.size[1], image.size[0], len(image.mode)))
        else:
            raise TypeError(f"{EXPECTED_PIXELS}, a list of objects, text or None, got {type(seen).__name__}")
    shape = view.shape if view.ndim > 1 else look_up(seen, "shape", view.shape)
    return laid_out(view, shape)


def laid_out(view, shape):
    """A picture: its bytes, dtype, height, width and channels, and whether the channels lie one behind another."""
    dtype, shape = dtype_of(view), tuple(shape)
    layout = None
    if dtype is not None and view.nbytes and prod(shape) * view.itemsize == view.nbytes:
        if len(shape) == 2:
            layout = (*shape, 1, False)
        elif len(shape) == 3 and shape[2] in CHANNELS:
            layout = (*shape, False)
        elif len(shape) == 3 and shape[0] in CHANNELS and min(shape[1:]) >= SMALLEST_PLANE:
            layout = (*shape[1:], shape[0], shape[0] > 1)
    if layout is None:
        raise TypeError(f"{EXPECTED_PIXELS}, got {dtype or view.format} of shape {shape}")
    return (flat_bytes(view, dtype), "float32" if dtype == "float16" else dtype, *layout)


CHANNELS = (1, 3, 4)
# narrower ones could as well be the columns of a picture whose channels come last
SMALLEST_PLANE = 8
EXPECTED_PIXELS = (
    "expected env.render() to return pixels (h×w, h×w×3 or h×w×4; whole numbers from 0 to 255, floats from 0 to 1, or bool)"
)


def tiled(pictures):
    """The pictures of a vector env's envs as one, row by row."""
    _, dtype, height, width, channels, is_planar = pictures[0]
    if len(pictures) == 1:
        return pictures[0]
    if is_planar or any((each[1], *each[4:]) != (dtype, channels, False) for each in pictures):
        kinds = ", ".join(f"{each[1]} of shape {each[2:5]}" for each in pictures[:4])
        raise TypeError(f"expected the pictures of all envs to be of one dtype and h×w×channels, got {kinds}")
    height, width = (max(each[at] for each in pictures) for at in (2, 3))
    columns = isqrt(len(pictures) - 1) + 1
    rows = -(-len(pictures) // columns)
    pixel = len(pictures[0][0]) // prod(pictures[0][2:4])
    line = columns * width * pixel
    canvas = bytearray(rows * height * line)
    for i, (data, _, its_height, its_width, *_) in enumerate(pictures):
        start = i // columns * height * line + i % columns * width * pixel
        size = its_width * pixel
        for y in range(its_height):
            canvas[start + y * line : start + y * line + size] = data[y * size : (y + 1) * size]
    return canvas, dtype, rows * height, columns * width, channels, False


def frame_of(env):
    """What there is to see, or the reason why there is nothing; its notes say what to do."""
    try:
        frame = noticing_changes(env, lambda: encode_frame(ended(env.env.render(**env.render_arguments)), env))
        if frame is None and (look_up(env.env, "render_mode") == "human" or is_without_mode(env.env)):
            raise RenderError(f"render() returned nothing; the env was made with render_mode {env.env.render_mode!r}")
        return {**(frame or {"kind": "nothing"}), "changes": True} if env.is_changed_by_frames else frame
    except Exception as error:
        problem, hint = render_problem(env.env, error)
        if hint is not None:
            error.add_note(hint if problem == str(error) else f"{problem}: {hint}")
        raise


def render_quietly(env):
    """A frame that cannot be had is a problem, but does not undo the step that it belongs to."""
    try:
        if not env.render_arguments and is_without_mode(env.env):
            raise RenderError("nothing is rendered, as the env was made without render_mode")
        return frame_of(env)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        tell_problem(env, "render", *render_problem(env.env, error))
        return {"kind": "nothing", "changes": True} if env.is_changed_by_frames else None


def is_without_mode(env):
    """Whether an env that knows render modes was made with none: then it shows nothing, and Gymnasium warns each time."""
    if look_up(env, "render_mode", "") is not None:
        return False
    base = look_up(env, "unwrapped", env)
    # every gymnasium.Env has the attribute, also one that has never heard of modes
    own = (vars(each) for each in type(base).__mro__ if not each.__module__.startswith("gymnasium."))
    return bool(mode_names(env)) or any("render_mode" in names for names in (getattr(base, "__dict__", ()), *own))
