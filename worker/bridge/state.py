# What an env's state is: how it is taken, proved, and brought back.

PROVED_FIRST, PROVED_LATER = 3, 16  # the first states of an env are proved, and of the later ones each so many-th
FRAMES_LOOKED_AT = 4  # for what they change


class TooSlow(Exception):
    pass


class Sink:
    """A file that keeps what is written, until it is too late."""

    def __init__(self, until):
        self.parts, self.until = [], until

    def write(self, part):
        if perf_counter() > self.until:
            raise TooSlow
        self.parts.append(part)


def members_of(chain, parts):
    """The env and what it wraps; and the global generators, which have a state of their own."""
    numpy = sys.modules.get("numpy.random.mtrand")
    # numbers, since parts may have any name
    return {**dict(enumerate(chain)), **parts, -1: random._inst, -2: getattr(numpy, "_rand", None)}


def pickled(content, chain, until=inf, parts={}):
    sink = Sink(until)
    GraphPickler(sink, members_of(chain, parts)).dump(content)
    return b"".join(sink.parts)


def unpickled(data, chain, parts={}, is_proof=False):
    Program.members, Program.classes, Program.is_proof = members_of(chain, parts), None, is_proof
    try:
        return loads(data)
    finally:
        Program.members, Program.classes = {}, None


def chain_of(env):
    """The env and what it wraps, from the outside in. A state is put into these; all other objects are made anew."""
    known_names.clear()  # whatever is done with a chain begins here, and names may be others' by now
    chain = [env]
    while len(chain) < DEEPEST:
        inner = attributes_of(chain[-1]).get("env")
        if inner is None or base_in_c(type(inner)) is not object or any(inner is each for each in chain):
            break
        chain.append(inner)
    return chain


def own_state_of(chain):
    """The one that has a state of its own, in the chain or at its end; wrappers of Gym, and of Gymnasium before 1.0, pass on
    what they lack."""
    return next(
        (
            each
            for each in (*chain, look_up(chain[0], "unwrapped"))
            if all(hasattr(type(each), name) or name in attributes_of(each) for name in ("get_state", "set_state"))
        ),
        None,
    )


def get_state_of(env, ms=None):
    """The state as bytes, and whether it was proved. With `ms`, raises TooSlow where it takes longer."""
    until = inf if ms is None else perf_counter() + ms / 1000
    chain = chain_of(env.env)
    numpy = sys.modules.get("numpy")
    beside = {
        "kinds": [type(each).__name__ for each in chain],
        "random": random.getstate(),
        "numpy": numpy and numpy.random.get_state(),
        "counters": {name: getattr(env, name) for name in env.counters},
    }
    try:
        if base_in_c(type(env.env)) is not object:
            raise TypeError(f"a {type(env.env).__name__} is no object of a Python class")
        data = captured(env, chain, beside, until)
        return data, not has_hidden_state(env)
    except TooSlow:
        raise
    except Exception as error:
        failure = error
    owner = own_state_of(chain)
    if owner is None:
        raise StateError(problem_of(chain, failure)) from failure
    try:
        wrappers = chain[: next((i for i, each in enumerate(chain) if each is owner), None)]
        around = pickled([state_of(each) for each in wrappers], chain, until, attributes_of(owner))
        return pickled({**beside, "around": around, "own": owner.get_state()}, chain, until), False
    except TooSlow:
        raise
    except Exception as error:
        raise StateError(f"the env's state cannot be taken: {type(error).__name__}: {error}") from error


def captured(env, chain, beside, until):
    """Everything that can be reached from the env, and beside it what a step may have changed elsewhere."""
    shared, late = changed_data(env)
    graph = {
        **beside,
        "chain": [state_of(each) for each in chain],
        "shared": shared,
        "late": late,
        "left": env.not_captured,
        "main": len(envs) == 1,
    }
    more = {"seen": env.seen, **{name: value for name, value in data_of_main().items() if name not in env.not_captured}}

    def taken(content):
        Drawing.is_missed = False
        data = pickled(content, chain, until, env.used)
        if Drawing.is_missed:
            Drawing.is_missed, env.used = False, used_in(chain[0], more)
            data = pickled(content, chain, until, env.used)
        if Drawing.is_missed:
            raise TypeError("a font or a sound of pygame has no place in it")
        return data

    try:
        data = taken({**graph, "more": more})
    except TooSlow:
        raise
    except Exception:
        taken(graph)  # or else it is the env's own fault
        for name in list(more):
            try:
                taken([graph["chain"], more[name]])
            except TooSlow:
                raise
            except Exception:
                del more[name]
                env.not_captured.add(name)
        data = taken({**graph, "more": more})
    if env.captures < PROVED_FIRST or env.captures % PROVED_LATER == 0:
        prove(data, env, chain, more, until)
    env.captures += 1
    return data


# What is left of a copy: without its class, it closes nothing when it goes.
class Husk:
    pass


def prove(data, env, chain, more, until):
    """Brings the state back into other objects, and compares them with those that it was taken from."""
    copies = [empty(type(each)) for each in chain]
    with entropy.of(["proof", 0, 0]):  # for generators that are made before they are given their state
        content = unpickled(data, copies, env.used, is_proof=True)
    for copy, state in zip(copies, content["chain"], strict=True):
        set_attributes(copy, state)
    try:
        path = difference([chain[0], more], [copies[0], content["more"]], until)
    finally:
        for copy in copies:
            try:
                object.__setattr__(copy, "__class__", Husk)
            except TypeError:
                pass  # it has slots
    if path is not None:
        raise StateError(f"{path_for_users(path, chain)} is not the same when it is brought back")


def problem_of(chain, error):
    if isinstance(error, StateError):
        return f"the env's state cannot be captured: {error}. Give the env get_state() and set_state(state)"
    found = None if isinstance(error, MemoryError) else first_refusal([chain[0]])
    path, error = found or ("[0]", error)
    return (
        f"the env's state cannot be captured: {path_for_users(path, chain)}: {type(error).__name__}: {error}. "
        "Give the env get_state() and set_state(state)"
    )


def path_for_users(path, chain):
    """As a user would write it: from the env, or from what lies inside all wrappers."""
    inside = "[0]" + ".env" * (len(chain) - 1)
    if len(chain) > 1 and path.startswith(inside):
        return "env.unwrapped" + path[len(inside) :]
    return "env" + path[3:] if path.startswith("[0]") else "in __main__: " + path[3:]


def data_of_main():
    """The data in `__main__`; none where another env may have changed it."""
    if len(envs) > 1:
        return {}
    return {name: value for name, value in vars(__main__).items() if is_data(name, value)}


def noticing_changes(env, render):
    """Renders, and finds out with the first frames whether that changes the env. What is made only to render (a window, a
    cache) does not count: it was not there before, or cannot be pickled."""
    if env.frames >= FRAMES_LOOKED_AT and not env.is_changed_by_frames:
        return render()
    before = None if env.is_changed_by_frames else traces_of(env)
    try:
        with entropy.of(env.entropy):
            return render()
    finally:
        env.frames += 1
        if before is not None:
            after = traces_of(env)
            env.is_changed_by_frames = any(
                None not in (was, after.get(place)) and was != after[place] for place, was in before.items()
            )


def traces_of(env):
    """Marks of what a render may change."""
    chain = chain_of(env.env)
    numpy = sys.modules.get("numpy")
    parts = {(i, name): value for i, each in enumerate(chain) for name, value in attributes_of(each).items()}
    parts.update(seen=env.seen, entropy=env.entropy, random=random.getstate(), numpy=numpy and numpy.random.get_state())
    Drawing.is_blind = True
    try:
        return {place: None if value is None else mark_of(value, chain) for place, value in parts.items()}
    finally:
        Drawing.is_blind = False


def set_state_of(env, data, main):
    try:
        bring_back(env, data, main)
    except Exception as error:
        raise StateError(f"the env's state cannot be brought back: {type(error).__name__}: {error}") from error


def bring_back(env, data, main):
    chain = chain_of(env.env)
    content = unpickled(data, chain)
    kinds = [type(each).__name__ for each in chain]
    if kinds != content["kinds"]:
        raise TypeError(f"expected the state of an env in {kinds}, got that of one in {content['kinds']}")
    states = content.get("chain")
    if states is None:
        owner = own_state_of(chain)
        owner.set_state(content["own"])
        states = unpickled(content["around"], chain, attributes_of(owner))  # which refer to its parts
    for each, state in zip(chain, states):
        replace_attributes(each, state)
    random.setstate(content["random"])
    if content["numpy"] is not None:
        importlib.import_module("numpy").random.set_state(content["numpy"])
    for name, value in content["counters"].items():
        setattr(env, name, value)
    if "shared" in content:
        put_back(env, content["shared"], content["late"])
    more = content.get("more", {})
    env.seen = more.pop("seen", UNKNOWN)
    if main and len(envs) == 1 and content.get("main"):
        for name in data_of_main().keys() - more.keys() - content["left"]:
            del vars(__main__)[name]
        vars(__main__).update(more)
