def encode(value, inside=()):
    """What JSON can hold in place of a value; src/protocol/pack.ts lists the tags. `inside`: the ids of what it lies in."""
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
    except BaseException:  # a method of the value's own; the step that returned it has happened all the same
        return opaque(value)


def encode_int(value):
    if -SAFE <= value <= SAFE:
        return value
    try:
        return {"$": "int", "v": str(value)}
    except ValueError:  # too many digits: https://docs.python.org/3/library/stdtypes.html#int-max-str-digits
        return opaque(value)


def encode_other(value, kind, inside):
    if isinstance(value, (dict, list, tuple)):
        if id(value) in inside or len(inside) >= DEEPEST:
            return opaque(value)
        inside = (*inside, id(value))
        if isinstance(value, dict):
            return encode_dict(value, inside)
        return [encode(item, inside) for item in value]
    # Subclasses (enums, NumPy's float64) cross as the type that they extend, whatever their own __str__ returns.
    for base in (str, int, float):
        if isinstance(value, base):
            plain = base.__str__(value) if base is str else base.__int__(value) if base is int else base.__float__(value)
            return encode(plain, inside)
    if is_numpy_scalar(kind):
        item = value.item()
        note_conversion(kind, item)
        # item() of a long double returns a long double
        return encode(float(item) if type(item) is kind else item, inside)
    return encode_array(value, inside)


def encode_dict(value, inside):
    if set(map(type, value)) <= {str} and "$" not in value:
        return {key: encode(item, inside) for key, item in value.items()}
    return encode_map(value, inside)


def encode_map(value, inside=()):
    return map_of({key: encode(item, inside) for key, item in value.items()})


def map_of(encoded):
    """A Map in JavaScript, whatever the keys are, of items that are encoded already."""
    return {"$": "map", "v": [[encode(key), item] for key, item in encoded.items()]}


NUMBERS = {float, int}
# A cache: the kinds of NumPy's scalars that were met, and what makes of one the number that its item() is, and sooner.
conversions = {}


def note_conversion(kind, item):
    if type(item) in NUMBERS and is_of_numpy(kind) and is_numpy_scalar(kind):
        conversions[kind] = type(item)


def is_of_numpy(kind):
    """Whether a class is one of NumPy's own, and none that extends one."""
    return getattr(sys.modules.get("numpy"), kind.__name__, None) is kind


def is_numpy_scalar(kind):
    return hasattr(kind, "item") and hasattr(kind, "dtype") and not hasattr(kind, "__setitem__")


def encode_array(value, inside):
    """Anything with a buffer: https://docs.python.org/3/c-api/buffer.html"""
    view = buffer_of(value)
    if view is None:
        return encode_list_like(value, inside)
    with view:
        dtype = dtype_of(view)
        if dtype is None:
            return encode_list_like(value, inside)
        # arrays whose bytes cross unchanged, which those of a float16 do not: they become float32
        is_plain = view.c_contiguous and view.nbytes and view.ndim and view.format[:1].isalpha() and dtype != "float16"
        if is_plain and len(layouts) < MOST_LAYOUTS:
            kind = type(value)
            array_kinds.add(kind)
            # the same text as without this cache: digests are made of it
            end = layouts[view.format, view.shape] = f'"shape":{text_of(list(view.shape))},"dtype":"{dtype}"}}'
            if view.nbytes <= SMALL and kind.__name__ == "ndarray" and is_of_numpy(kind):
                numpy_layouts[value.dtype, value.shape] = end
                numpy_kinds.add(kind)
        index = answer.collect(flat_bytes(view, dtype))
        return {"$": "array", "i": index, "shape": list(view.shape), "dtype": dtype}


def buffer_of(value):
    """A view of the elements, by the buffer or by what NumPy takes in its place; None where the value is no array.
    https://numpy.org/doc/stable/user/basics.interoperability.html"""
    try:
        return memoryview(value)
    except Exception:  # TypeError: no buffer; ValueError: NumPy's dates have none
        pass
    for read in (view_by_method, view_by_interface):
        try:
            return read(value)
        except Exception:
            pass  # it has none, or one that does not work
    return None


def view_by_method(value):
    return memoryview(value.__array__())


KINDS = {"i": "int", "u": "uint", "f": "float"}


def view_by_interface(value):
    """By what lies at a pointer or in bytes, for instance in Pillow's pictures:
    https://numpy.org/doc/stable/reference/arrays.interface.html"""
    interface = value.__array_interface__
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        return memoryview(numpy.asarray(value))
    shape, (order, code, *size) = interface["shape"], interface["typestr"]
    if order == ">" or interface.get("strides") is not None:
        return None
    data = interface["data"]
    if isinstance(data, tuple):
        from ctypes import c_char

        data = (c_char * (prod(shape) * int("".join(size)))).from_address(data[0])
    dtype = "bool" if code == "b" else f"{KINDS[code]}{8 * int(''.join(size))}"
    return memoryview(data).cast("B").cast(FORMATS[dtype], list(shape))


# A cache: an env's observations are nearly always of one type and layout, and their text then differs in the index only.
array_kinds = set()
layouts = {}  # by format and shape: the end of the text
# The same by dtype and shape, for small arrays of NumPy's class itself: to ask one for these and to copy it takes less
# time than a view.
numpy_layouts, numpy_kinds = {}, set()
SMALL = 4096  # bytes


def text_of_value(value):
    """The same as `text_of(encode(value))`, but faster for what most steps have: numbers, flags, an empty info, and an
    array of a layout that was encoded before."""
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
    elif kind in conversions:
        return text_of_value(conversions[kind](value))
    if kind in array_kinds:
        if kind in numpy_kinds:
            end = numpy_layouts.get((value.dtype, value.shape))
            if end is not None:
                return f'{{"$":"array","i":{answer.collect(value.tobytes())},{end}'
        try:
            with memoryview(value) as view:
                layout = layouts.get((view.format, view.shape))
                if layout is not None and view.c_contiguous:
                    return f'{{"$":"array","i":{answer.collect(view.cast("B"))},{layout}'
        except (TypeError, ValueError, BufferError):
            pass  # NumPy's dates
    return text_of(encode(value))


def text_of_map(value):
    return text_of(encode_map(value))


def renumbered(text, before):
    """The text with the indices of its arrays as if there were none before them in the answer."""
    return re.sub(r'("\$":"array","i":)(\d+)', lambda found: f"{found[1]}{int(found[2]) - before}", text)


def encode_list_like(value, inside):
    """Arrays of strings or objects have no bytes to send, but a list."""
    if hasattr(type(value), "tolist") and getattr(value, "dtype", None) is not None:
        items = value.tolist()
        if isinstance(items, list):
            return encode(items, inside)
    return encode_collection(value, inside)


def encode_collection(value, inside):
    """What is a list or a dict in all but its type: a deque, a view of a dict, a mapping proxy, a set of plain values."""
    if id(value) in inside or len(inside) >= DEEPEST:
        return opaque(value)
    if isinstance(value, Mapping):
        plain = dict(value)
    elif isinstance(value, (KeysView, ItemsView, ValuesView, Sequence)) and not isinstance(value, range):
        plain = list(value)
    elif isinstance(value, Set) and all(type(item) in PLAIN_KINDS for item in value):
        # a set of strings has another order in each interpreter, and a replay has to lead to the same
        plain = sorted(value, key=lambda item: (type(item).__name__, item))
    else:
        return opaque(value)
    return encode(plain, (*inside, id(value)))


def dtype_of(view):
    """By the format's letter and the size: https://docs.python.org/3/library/struct.html#format-characters"""
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
    """The elements' bytes in row-major order and native byte order, without a copy where they are so already."""
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
    """In place of a value that cannot cross: its repr."""
    try:
        text = repr(value)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        text = f"<{type(value).__name__}: its repr raised {type(error).__name__}>"
    return {"__repr__": text[:LONGEST_REPR], "__class__": type(value).__name__}
