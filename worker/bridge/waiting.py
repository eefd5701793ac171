# Waiting inside Python: `async def` in an env, `asyncio.run` and `run_sync`. Where the browser has JSPI
# (https://v8.dev/blog/jspi), a call that JavaScript entered for it can be suspended while the event loop goes on.

can_wait = None  # JavaScript's, where it has JSPI: (env's number, flag) says whether the env's calls may wait


def ended(value):
    """A value; or, of an `async def`, what it comes to."""
    if type(value) is tuple or not inspect.isawaitable(value):
        return value
    from pyodide.ffi import run_sync

    try:
        return run_sync(value)
    except RuntimeError:
        if type(value) is CoroutineType:
            value.close()  # or Python would warn that nobody awaited it
        raise


def may_wait(env, before_step=None):
    """Whether the code of an env or of what it wraps may wait, or what runs before its steps, as far as one can see."""
    ffi = importlib.import_module("pyodide.ffi")
    asyncio = importlib.import_module("asyncio")
    waiters = set(map(id, (ffi, getattr(ffi, "run_sync", ffi), asyncio, asyncio.run)))
    seen = set()

    def of_class(kind):
        if kind in seen or kind.__module__ in ("builtins", "typing", "abc"):
            return False
        seen.add(kind)
        members = (getattr(member, "fget", None) or getattr(member, "__func__", member) for member in vars(kind).values())
        return any(of_function(member) for member in members if inspect.isfunction(member))

    def of_function(function):
        function = inspect.unwrap(function)
        code = getattr(function, "__code__", None)
        if code is None or code in seen:
            return False
        seen.add(code)
        return of_code(code, function.__globals__)

    def of_code(code, names):
        if code.co_flags & inspect.CO_COROUTINE or not {"asyncio", "run_sync"}.isdisjoint(code.co_names):
            return True
        for value in map(names.get, code.co_names):
            if id(value) in waiters:
                return True
            if getattr(value, "__module__", None) != names.get("__name__"):
                continue
            if of_function(value) if inspect.isfunction(value) else inspect.isclass(value) and of_class(value):
                return True
        return any(of_code(inner, names) for inner in code.co_consts if inspect.iscode(inner))

    if before_step is not None and of_code(before_step, vars(__main__)):
        return True
    for _ in range(DEEPEST):
        if env is None or any(map(of_class, type(env).__mro__)):
            break
        env = getattr(env, "env", None)
    return env is not None


def tell_waiting(key, env, given):
    """Says whether the env's calls are to be entered so that they can wait. `given`: what the spec says, or None."""
    if can_wait is None:
        return
    try:
        waits = may_wait(env.env, env.before_step) if given is None else given
    except Exception:
        waits = False  # an env that cannot be looked at
    can_wait(key, waits)


def begin_waiting():
    """The tasks that are there. Until `end_waiting`, an interrupt that meets code which the event loop runs is the
    waiting call's."""
    import asyncio

    loop = asyncio.get_event_loop()
    known = asyncio.all_tasks(loop)
    # Pyodide would throw it at the browser, as an error that nothing caught. It has no public name for this
    # (https://github.com/pyodide/pyodide/blob/main/src/py/pyodide/webloop.py, run_handle).
    loop._keyboard_interrupt_handler = lambda: stop_waiting(known)
    return known


def end_waiting():
    import asyncio

    asyncio.get_event_loop()._keyboard_interrupt_handler = None


def stop_waiting(known):
    """Cancels what a call waits for: all tasks that were not there when it began."""
    import asyncio

    for task in asyncio.all_tasks(asyncio.get_event_loop()) - known:
        task.cancel()


def in_plain_words(error, message):
    """In place of what Pyodide says to those who call it from JavaScript."""
    if not isinstance(error, RuntimeError) or "stack switch" not in message:
        return message
    if can_wait is not None:
        return (
            "this env may not wait (asyncio.run, run_sync, an async method), since nothing in its code says that it does: "
            "give its spec `async: true`"
        )
    return (
        "Python cannot wait in the middle of a call here (asyncio.run, run_sync, an env's async method): that takes JSPI, "
        "WebAssembly's JavaScript Promise Integration. Chrome and Edge have it from version 137 on, Firefox and Node.js "
        "behind a flag or later; it is not here. In run(), `await` at the top level works everywhere"
    )
