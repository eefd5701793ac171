class Answer:
    """What goes with the text of an answer: the bytes of its arrays, their checksum, and how long a step took.

    Small arrays lie one after another in the scratch, which JavaScript reads when the call is over; larger ones JavaScript
    copies at once. `sizes` has a number for each array: how many bytes of the scratch are its, or -1 where it was copied.
    There is one object, which `begin` empties: commands run one at a time, and a new object for each costs a step more.
    """

    __slots__ = ("scratch", "view", "sizes", "used", "checksum", "spent")

    def __init__(self):
        self.scratch = bytearray(SCRATCH_SIZE)
        self.view = memoryview(self.scratch)  # to assign to a bytearray's slice copies the bytes twice
        self.sizes = []
        self.begin()

    def begin(self):
        self.sizes.clear()
        self.used = 0  # bytes of the scratch
        self.checksum = 0  # of the bytes collected since somebody last set it to 0
        self.spent = None  # ms in env.step(), where the page asks for it

    def collect(self, data):
        """Takes the bytes of an array, and returns the index by which the text refers to them."""
        self.checksum = crc32(data, self.checksum)
        size = len(data)
        end = self.used + size
        if end <= SCRATCH_SIZE:
            self.view[self.used : end] = data
            self.used = end
            self.sizes.append(size)
        else:
            copy_out(len(self.sizes), data)
            self.sizes.append(-1)
        return len(self.sizes) - 1

    def collect_pixels(self, data, channels, dtype, is_planar):
        """As RGBA, and without a checksum: a replay renders nothing. Returns what is wrong with the pixels, if anything is."""
        problem = copy_pixels(len(self.sizes), data, channels, dtype, is_planar)
        if problem is None:
            self.sizes.append(-1)
        return problem

    def with_sizes(self, text):
        sizes = self.sizes
        if len(sizes) == 1:
            return f"[{sizes[0]}]{text}"  # as that of the list, and sooner
        return f"{sizes}{text}" if sizes else text


answer = Answer()

PLAIN = {None: "null", True: "true", False: "false"}
# What JSONEncoder.encode() makes anew at each call, which takes longer than a small value's text
json_pieces = json.encoder.c_make_encoder(
    None, json.JSONEncoder().default, json.encoder.encode_basestring_ascii, None, ":", ",", False, False, True
)


def text_of(encoded):
    kind = type(encoded)
    if kind is float or kind is int:
        return repr(encoded)
    if encoded is None or kind is bool:
        return PLAIN[encoded]
    return "".join(json_pieces(encoded, 0)) if encoded else '""' if kind is str else "{}" if kind is dict else "[]"


def answering(work, text=text_of):
    """Makes a command of a function: it returns the value as the text of an answer, and what was raised as such a text,
    too. Where the value has to be awaited, it returns a coroutine of the text."""

    async def later(pending):
        try:
            return answer.with_sizes(f'{{"v":{text(await pending)}}}')
        except BaseException as error:
            return describe_error(error)
        finally:
            flush()

    def command(*arguments):
        try:
            answer.begin()
            value = work(*arguments)
            if type(value) is CoroutineType:
                return later(value)
            return answer.with_sizes(f'{{"v":{value if text is None else text(value)}}}')
        except BaseException as error:
            return describe_error(error)
        finally:
            flush()

    return command


def answering_text(work):
    """For a function that writes the text of its value itself."""
    return answering(work, None)


def flush():
    """So that the page sees what a command printed before its answer, also where no newline ended it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass  # the user replaced or closed it
