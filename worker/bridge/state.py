# The env's state can be neither asked for nor pickled.
class StateError(Exception):
    pass


def owner_of_state(env):
    """Who has get_state() and set_state(), if anybody has: the env, or what its wrappers wrap."""
    for each in (env, getattr(env, "unwrapped", None)):
        if callable(getattr(each, "get_state", None)) and callable(getattr(each, "set_state", None)):
            return each
    return None


def get_state_of(env):
    owner = owner_of_state(env.env)
    numpy = sys.modules.get("numpy")
    # what a policy is to see next it has to see after a recovery, too
    names = ("index", "episode", "is_reset", "is_over", "total", "entropy", *(("seen",) if env.policy[0] else ()))
    counters = {name: getattr(env, name) for name in names}
    try:
        state = env.env if owner is None else owner.get_state()
        return dumps(
            {
                "how": "pickle" if owner is None else "own",
                "env": state,
                "random": random.getstate(),
                "numpy": numpy and numpy.random.get_state(),
                "counters": counters,
                "main": plain_names(),
            },
            5,
        )
    except Exception as error:
        raise StateError(state_problem("kept", error)) from error


def plain_names():
    """The names of `__main__` that a step may have bound anew, where no other env may have: those of plain values."""
    if len(envs) > 1:
        return {}
    return {name: value for name, value in vars(__main__).items() if type(value) in PLAIN_KINDS and name[:2] != "__"}


def set_state_of(env, data, main):
    global entropy
    entropy = [crc32(data), 0, 0]  # for generators that are made before they are given their state
    try:
        state = loads(data)
        if state["how"] == "own":
            owner_of_state(env.env).set_state(state["env"])
        else:
            if vars(__main__).get("env") is env.env:
                vars(__main__)["env"] = state["env"]
            env.env = state["env"]
    except Exception as error:
        raise StateError(state_problem("brought back", error)) from error
    random.setstate(state["random"])
    if state["numpy"] is not None:
        importlib.import_module("numpy").random.set_state(state["numpy"])
    if main and len(envs) == 1:
        vars(__main__).update(state["main"])
    for name, value in state["counters"].items():
        setattr(env, name, value)


def state_problem(what, error):
    return (
        f"the env's state cannot be {what}: {type(error).__name__}: {error}. "
        "Give the env get_state() and set_state(state), or make it picklable"
    )


def digest_of(value, parents=(), known=None):
    """SHA-256 of what a value holds, the same in every interpreter: dicts and sets in no order, objects as pickle sees
    them."""
    known = {} if known is None else known
    if id(value) in known:
        return known[id(value)][0]
    if id(value) in parents:
        return sha256(f"cycle {len(parents) - parents.index(id(value))}".encode()).digest()
    inner = (*parents, id(value))

    def each(items):
        return [digest_of(item, inner, known) for item in items]

    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str):
        parts = [repr(value).encode()]
    elif kind in (bytes, bytearray):
        parts = [bytes(value)]
    elif kind in (list, tuple):
        parts = each(value)
    elif isinstance(value, (set, frozenset)):
        parts = [*sorted(each(value)), *each([getattr(value, "__dict__", None)])]
    elif kind is dict:
        # The keys' order decides in which order what they share is entered, and so how its cycles look.
        keys = sorted(zip(each(value), value.values(), strict=True), key=itemgetter(0))
        parts = [key + digest_of(item, inner, known) for key, item in keys]
    elif isinstance(value, type) or inspect.isroutine(value) or inspect.ismodule(value):
        parts = [f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', value.__name__)}".encode()]
    else:
        reduced = value.__reduce_ex__(4)
        if isinstance(reduced, str):
            parts = [reduced.encode()]
        else:
            # list and dict items come as iterators
            make, arguments, state, items, pairs = (*reduced, None, None, None)[:5]
            ordered = list if isinstance(value, OrderedDict) else dict
            parts = each((make, arguments, state, items and list(items), pairs and ordered(pairs)))
    whole = sha256(b"\0".join([kind.__name__.encode(), *(b"%d:%b" % (len(part), part) for part in parts)])).digest()
    known[id(value)] = (whole, value)  # kept, so that no other value gets its id
    return whole


def seed_globals(seed=None):
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed if seed is None else seed % 2**32)


def seed_env(env, seed):
    env.entropy[:] = [seed, 0, 0]
    seed_globals(seed)
    base = getattr(env.env, "unwrapped", env.env)
    if callable(getattr(env.env, "seed", None)):
        env.env.seed(seed)
    elif hasattr(type(base), "np_random"):
        base.np_random = importlib.import_module("gymnasium.utils.seeding").np_random(seed)[0]
