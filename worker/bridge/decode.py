def decode(text, buffers):
    global came
    if text.isdecimal():
        return int(text)  # an action, most often
    came = buffers
    return decoder.decode(text)


def untag(found):
    tag = found.get("$")
    if tag is None:
        return found
    if tag == "array":
        return decode_array(came[found["i"]], found["shape"], found["dtype"])
    if tag == "map":
        return {as_key(key): item for key, item in found["v"]}
    return int(found["v"]) if tag == "int" else float(found["v"])


came = None  # the buffers of what is being decoded
decoder = json.JSONDecoder(object_hook=untag)


def as_key(key):
    return tuple(as_key(part) for part in key) if isinstance(key, list) else key


FORMATS = {
    "bool": "?", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I",
    "int64": "q", "uint64": "Q", "float32": "f", "float64": "d",
}  # fmt: skip


def decode_array(buffer, shape, dtype):
    owned = bytearray(buffer)  # the interpreter's own, so that nothing of JavaScript is kept alive
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        return numpy.frombuffer(owned, dtype=dtype).reshape(shape)
    if len(owned) == 0 or len(shape) == 0:
        return memoryview(owned).cast(FORMATS[dtype])
    return memoryview(owned).cast(FORMATS[dtype], shape) if len(shape) > 1 else memoryview(owned).cast(FORMATS[dtype])
