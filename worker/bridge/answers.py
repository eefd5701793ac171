def env_of(key):
    if key not in envs:
        raise LookupError("the env is not set up")
    return envs[key]


def at_work(key):
    """The env, which draws from its own entropy until the command is answered."""
    global entropy
    env = env_of(key)
    entropy = env.entropy
    return env


def rest():
    global entropy
    entropy = None


def remember_lines(name, source):
    """Lets tracebacks show the lines of code that came as text."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)


def described(error):
    frames = error.__traceback__
    while frames is not None and is_plumbing(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    try:
        text = "".join(traceback.format_exception(type(error), error, frames))
        message = str(error)
    except BaseException as second:
        text = message = f"(its text could not be made: {type(second).__name__})"
    message, text = message[:LONGEST_TEXT], text[-LONGEST_TEXT:]
    kind = "state" if isinstance(error, StateError) else "python"
    full = out_of_memory(error)
    return text_of({"e": {"kind": kind, "type": type(error).__name__, "message": message, "traceback": text, "full": full}})


def out_of_memory(error):
    """True for what kills the interpreter: the page is to replace it."""
    return isinstance(error, MemoryError) and heap_is_full()  # NumPy has a MemoryError of its own


def is_plumbing(filename):
    """The user's traceback begins with the user's code."""
    return filename == HERE or "/_pyodide/" in filename


PLAIN = {None: "null", True: "true", False: "false"}
encoder = json.JSONEncoder(separators=(",", ":"))


def text_of(encoded):
    kind = type(encoded)
    if kind is float or kind is int:
        return repr(encoded)
    if encoded is None or kind is bool:
        return PLAIN[encoded]
    return encoder.encode(encoded) if encoded else '""' if kind is str else "{}" if kind is dict else "[]"


def sealed(text):
    """An answer, behind the sizes of what is in the scratch for it."""
    return f"{sizes}{text}" if sizes else text


def begin():
    global used
    used = 0
    sizes.clear()


def flush():
    """What was printed is shown with the command that printed it, also without a newline."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass  # replaced or closed by the user


def answering(work, text=text_of):
    """The answer as text; work that has to be awaited answers a coroutine of that text."""

    async def later(pending, drawn_from):
        global entropy
        entropy = drawn_from
        try:
            return sealed(f'{{"v":{text(await pending)}}}')
        except BaseException as error:
            return described(error)
        finally:
            rest()
            flush()

    def answer(*arguments):
        try:
            begin()
            value = work(*arguments)
            if type(value) is CoroutineType:
                return later(value, entropy)
            return sealed(f'{{"v":{value if text is None else text(value)}}}')
        except BaseException as error:
            return described(error)
        finally:
            rest()
            flush()

    return answer


def as_text(work):
    return answering(work, None)
