NUMERALS = re.compile(r"0x[0-9a-fA-F]+|\d+")


def tell_problem(env, kind, message, hint=None):
    """Tells the page that something went wrong that ends nothing, once an episode; messages that differ in numbers only
    are one. `kind` is one of ProblemKind (src/protocol/messages.ts), and `hint` says what to do."""
    message = message[:LONGEST_REPR]
    name = (kind, NUMERALS.sub("#", message))
    episode, count = env.problems.get(name, (None, 0))
    if episode == env.episode:
        env.problems[name] = (episode, count + 1)
    elif episode is not None or len(env.problems) < MOST_PROBLEMS:
        env.problems[name] = (env.episode, 0)
        number = number_of(env)
        if tell_page is not None and number is not None:
            tell_page(number, kind, message, env.episode, count + 1, hint)


def number_of(env):
    """The page's number of it; None while it is not set up."""
    return next((key for key, each in envs.items() if each is env), None)


# what Pyodide calls a package that is imported by another name
PACKAGES = {"pygame": "pygame-ce", "cv2": "opencv-python", "PIL": "pillow"}


# There is nothing to see, and no exception of the env's says why.
class RenderError(Exception):
    pass


def render_problem(env, error):
    """What an exception of render() means, and what to do about it, where that is known."""
    missing = error
    while missing is not None:
        # Gymnasium's DependencyNotInstalled has one as its cause
        if isinstance(missing, ModuleNotFoundError) and missing.name:
            module = missing.name.partition(".")[0]
            return f"{module} is not installed", f"add `{PACKAGES.get(module, module)}` to packages"
        missing = missing.__cause__
    if isinstance(error, RenderError):
        mode = next((mode for mode in SEEN_MODES if mode in mode_names(env)), SEEN_MODES[0])
        return str(error), f"kwargs: {{ render_mode: '{mode}' }}, or in the source render_mode=\"{mode}\""
    if isinstance(error, NotImplementedError) or not callable(look_up(env, "render")):
        return "the env has no render() of its own", "give it one that returns pixels, a list of objects or text"
    return f"{type(error).__name__}: {error}", None


def mode_names(env):
    metadata = look_up(env, "metadata")
    modes = metadata.get("render_modes") if isinstance(metadata, dict) else None
    return modes if isinstance(modes, (list, tuple, set)) else ()
