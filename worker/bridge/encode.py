def collect(data):
    """Takes an array's bytes along with the answer; answers which of its buffers they become."""
    global checksum, used
    checksum = crc32(data, checksum)
    size = len(data)
    if used + size <= len(scratch):
        scratch[used : used + size] = data
        used += size
        sizes.append(size)
    else:
        copy_out(len(sizes), data)
        sizes.append(-1)
    return len(sizes) - 1


def encode(value, inside=()):
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return encode_int(value)
    if kind is float:
        return value if isfinite(value) else {"$": "float", "v": repr(value)}
    try:
        return encode_other(value, kind, inside)
    except KeyboardInterrupt:
        raise
    except BaseException:  # whatever a value's own methods raise, the step that it came from has been taken
        return opaque(value)


def encode_int(value):
    if -SAFE <= value <= SAFE:
        return value
    try:
        return {"$": "int", "v": str(value)}
    except ValueError:  # more digits than Python writes
        return opaque(value)


def encode_other(value, kind, inside):
    if isinstance(value, (dict, list, tuple)):
        if id(value) in inside or len(inside) >= DEEPEST:
            return opaque(value)
        inside = (*inside, id(value))
        if isinstance(value, dict):
            return encode_dict(value, inside)
        return [encode(item, inside) for item in value]
    # Subclasses, NumPy's float64 and enums among them, cross as what they extend, whatever their str() says.
    for base in (str, int, float):
        if isinstance(value, base):
            plain = base.__str__(value) if base is str else base.__int__(value) if base is int else base.__float__(value)
            return encode(plain, inside)
    if is_numpy_scalar(kind):
        item = value.item()
        # a long double's item is itself
        return encode(float(item) if type(item) is kind else item, inside)
    return encode_array(value, inside)


def encode_dict(value, inside):
    if all(type(key) is str for key in value) and "$" not in value:
        return {key: encode(item, inside) for key, item in value.items()}
    return encode_map(value, inside)


def encode_map(value, inside=()):
    return map_of({key: encode(item, inside) for key, item in value.items()})


def relative(text, before):
    """As if the arrays of the text were the first of their answer."""
    return re.sub(r'("\$":"array","i":)(\d+)', lambda found: f"{found[1]}{int(found[2]) - before}", text)


def text_of_map(value):
    return text_of(encode_map(value))


def map_of(encoded):
    """A Map, whatever the keys are, of items that are encoded already."""
    return {"$": "map", "v": [[encode(key), item] for key, item in encoded.items()]}


def is_numpy_scalar(kind):
    return hasattr(kind, "item") and hasattr(kind, "dtype") and not hasattr(kind, "__setitem__")


def encode_array(value, inside):
    try:
        view = memoryview(value)
    except Exception:  # TypeError: no buffer; ValueError: NumPy's dates have none
        return encode_list_like(value, inside)
    with view:
        dtype = dtype_of(view)
        if dtype is None:
            return encode_list_like(value, inside)
        # those whose bytes cross as they lie: float16 becomes float32 on the way
        is_plain = view.c_contiguous and view.nbytes and view.ndim and view.format[:1].isalpha() and dtype != "float16"
        if is_plain and len(layouts) < MOST_LAYOUTS:
            array_kinds.add(type(value))
            layouts[view.format, view.shape] = f'"shape":{list(view.shape)},"dtype":"{dtype}"}}'
        return {"$": "array", "i": collect(flat_bytes(view, dtype)), "shape": list(view.shape), "dtype": dtype}


def text_of_value(value):
    """The text of a value as it is encoded; at once for what most steps have: numbers, flags, an empty info, and an array
    of a layout that was seen before."""
    kind = type(value)
    if kind is float:
        if isfinite(value):
            return repr(value)
    elif kind is bool:
        return PLAIN[value]
    elif kind is int:
        if -SAFE <= value <= SAFE:
            return repr(value)
    elif kind is dict and not value:
        return "{}"
    if kind in array_kinds:
        try:
            with memoryview(value) as view:
                layout = layouts.get((view.format, view.shape))
                if layout is not None and view.c_contiguous:
                    return f'{{"$":"array","i":{collect(view.cast("B"))},{layout}'
        except (TypeError, ValueError, BufferError):
            pass  # NumPy's dates
    return text_of(encode(value))


def encode_list_like(value, inside):
    """Arrays of strings or objects have no bytes to send, but they have a list."""
    if hasattr(type(value), "tolist") and getattr(value, "dtype", None) is not None:
        items = value.tolist()
        if isinstance(items, list):
            return encode(items, inside)
    return opaque(value)


def dtype_of(view):
    code = view.format.lstrip("@=<>!")
    bits = view.itemsize * 8
    if code == "?":
        return "bool"
    if code == "c":
        return "uint8"
    if len(code) != 1:
        return None
    if code in "bhilqn" and bits in (8, 16, 32, 64):
        return f"int{bits}"
    if code in "BHILQNP" and bits in (8, 16, 32, 64):
        return f"uint{bits}"
    if code in "efd":
        return f"float{bits}"
    return None


def flat_bytes(view, dtype):
    """The elements' bytes in row-major order and native byte order, without a copy where they lie so already."""
    big_endian = view.format[:1] in (">", "!") and view.itemsize > 1
    if dtype == "float16":
        order = ">" if big_endian else "<"
        return memoryview(array("f", unpack(f"{order}{prod(view.shape)}e", view.tobytes()))).cast("B")
    if big_endian:
        swapped = array({2: "H", 4: "I", 8: "Q"}[view.itemsize], view.tobytes())
        swapped.byteswap()
        return memoryview(swapped).cast("B")
    if view.c_contiguous and view.nbytes and view.ndim and view.format[:1] not in ("<", "="):
        return view.cast("B")
    return view.tobytes()


def opaque(value):
    try:
        text = repr(value)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        text = f"<{type(value).__name__}: its repr raised {type(error).__name__}>"
    return {"__repr__": text[:LONGEST_REPR], "__class__": type(value).__name__}
