class Decoder:
    """Reads JSON text, with the arrays whose bytes came beside it in `buffers`. There is one object, since Python's decoder
    has no way to hand them to its hook, and making a decoder for each text takes as long as a step."""

    __slots__ = ("buffers", "read")

    def __init__(self):
        self.buffers = None
        self.read = json.JSONDecoder(object_hook=self.untag).decode

    def untag(self, found):
        """What an object with a "$" stands for."""
        tag = found.get("$")
        if tag is None:
            return found
        if tag == "array":
            return decode_array(self.buffers[found["i"]], found["shape"], found["dtype"])
        if tag == "map":
            return {as_key(key): item for key, item in found["v"]}
        return int(found["v"]) if tag == "int" else float(found["v"])


decoder = Decoder()


def decode(text, buffers):
    if text.isdecimal():
        return int(text)  # most actions
    decoder.buffers = buffers
    return decoder.read(text)


def as_key(key):
    return tuple(as_key(part) for part in key) if isinstance(key, list) else key


FORMATS = {
    "bool": "?", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I",
    "int64": "q", "uint64": "Q", "float32": "f", "float64": "d",
}  # fmt: skip


def decode_array(buffer, shape, dtype):
    """A NumPy array where NumPy is imported, or else a memoryview."""
    owned = bytearray(buffer)  # a copy, so that no memory of JavaScript's is kept alive
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        return numpy.frombuffer(owned, dtype=dtype).reshape(shape)
    view = memoryview(owned)
    # cast() takes a shape only of arrays that have elements
    return view.cast(FORMATS[dtype], shape) if len(owned) and len(shape) > 1 else view.cast(FORMATS[dtype])
