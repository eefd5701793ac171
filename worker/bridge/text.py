def python_text(source):
    """Python code as it was meant: without the byte order mark of its file, and with no more indentation than it needs, so
    that code in an indented string of JavaScript's runs."""
    return textwrap.dedent(source.removeprefix("\ufeff"))


def compiled(source, name):
    """Code to be run with `exec`, by the name that tracebacks have for it."""
    text = python_text(source)
    remember_lines(name, text)
    return compile(text, name, "exec")
