def describe_error(error):
    """The text of an answer for an exception; its traceback begins with the user's code."""
    frames = error.__traceback__
    while frames is not None and is_plumbing(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    try:
        text = "".join(traceback.format_exception(type(error), error, frames))
        message = str(error)
        plain = in_plain_words(error, message)
        if plain != message:
            text, message = text.replace(message, plain), plain
        message = "\n".join([message, *getattr(error, "__notes__", ())])
    except BaseException as second:
        text = message = f"(its text could not be made: {type(second).__name__})"
    message, text = message[:LONGEST_TEXT], text[-LONGEST_TEXT:]
    kind = "state" if isinstance(error, StateError) else "python"
    full = out_of_memory(error)
    return text_of({"e": {"kind": kind, "type": type(error).__name__, "message": message, "traceback": text, "full": full}})


def out_of_memory(error):
    """Whether the interpreter has no memory left, so that the page has to replace it."""
    # NumPy raises a MemoryError also for one array that is too large
    return isinstance(error, MemoryError) and heap_is_full()


def is_plumbing(filename):
    return filename == HERE or "/_pyodide/" in filename


def remember_lines(name, source):
    """Lets tracebacks show the lines of code that came as text."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
