# The env's state can be neither asked for nor pickled.
class StateError(Exception):
    pass


def owner_of_state(env):
    """What has get_state() and set_state() (the env, or what its wrappers wrap, or nothing), and the wrappers around it."""
    base = getattr(env, "unwrapped", None)
    owner = next((each for each in (base, env) if has_state(each)), None)
    around = []
    if owner is None:
        return None, around
    inner = env
    while not has_state(inner, itself=True):
        if inner is base or inner is None or len(around) > DEEPEST:
            return owner, around if owner is base else []
        around.append(inner)
        inner = getattr(inner, "env", None)
    return inner, around


def has_state(env, itself=False):
    """With `itself`, only its own: wrappers of Gym, and of Gymnasium before 1.0, pass on what they lack."""
    return all(
        callable(getattr(env, name, None))
        and (not itself or hasattr(type(env), name) or name in getattr(env, "__dict__", ()))
        for name in ("get_state", "set_state")
    )


def attributes_of(thing):
    """Also those in slots, and none that a __getattr__ finds elsewhere."""
    state = object.__getstate__(thing)
    inside, slots = state if type(state) is tuple else (state, None)
    return {**(inside or {}), **(slots or {})}


def places_of(around, owner):
    """What wrappers refer to without owning it (each other, the env inside, its parts), and where to find it again."""
    parts = {**attributes_of(owner), "unwrapped": getattr(owner, "unwrapped", None)}
    places = {
        id(part): name
        for name, part in parts.items()
        # what cannot change is the same by chance
        if not isinstance(part, (type(None), int, float, complex, str, bytes, tuple))
    }
    places.update((id(each), i) for i, each in enumerate([*around, owner]))
    return places


def get_state_of_wrappers(around, owner):
    """The names of their attributes, and those that can be pickled, in one pickle, since they may share objects."""
    places = places_of(around, owner)

    def place_of(part):
        place = places.get(id(part))
        if place is None or not hasattr(type(part), "__len__"):
            return place
        # it may be an observation that was returned: when it is loaded, it is the env's part only where that equals it
        copy = pickled(part, places)
        return copy and (place, copy)

    states = [(list(each), each) for each in map(attributes_of, around)]
    return pickled(states, places, place_of) or pickled(
        [(names, {name: each[name] for name in names if pickled(each[name], places)}) for names, each in states],
        places,
        place_of,
    )


def pickled(value, places, place_of=None):
    """Without what has a place (https://docs.python.org/3/library/pickle.html#pickle-persistent); None where it fails."""
    file = BytesIO()
    pickler = Pickler(file, 5)
    pickler.persistent_id = place_of or (
        lambda part: None if hasattr(type(part), "__len__") else places.get(id(part))
    )
    try:
        pickler.dump(value)
    except MemoryError:
        raise
    except Exception:
        return None
    return file.getvalue()


def set_state_of_wrappers(around, owner, data):
    places = places_of(around, owner)

    def found(place):
        if type(place) is tuple:
            part = getattr(owner, place[0], None)
            return part if pickled(part, places) == place[1] else loaded(place[1])
        return [*around, owner][place] if type(place) is int else getattr(owner, place, None)

    def loaded(data):
        unpickler = Unpickler(BytesIO(data))
        unpickler.persistent_load = found
        return unpickler.load()

    for wrapper, (names, kept) in zip(around, loaded(data), strict=True):
        for name in attributes_of(wrapper).keys() - names:
            object.__delattr__(wrapper, name)
        for name, value in kept.items():
            object.__setattr__(wrapper, name, value)


def get_state_of(env):
    owner, around = owner_of_state(env.env)
    numpy = sys.modules.get("numpy")
    try:
        state = {
            "how": "pickle" if owner is None else "own",
            "env": env.env if owner is None else owner.get_state(),
            "around": [type(each).__name__ for each in around],
            "wrappers": around and get_state_of_wrappers(around, owner),
            "random": random.getstate(),
            "numpy": numpy and numpy.random.get_state(),
            "counters": {name: getattr(env, name) for name in env.counters},
            "main": plain_names(),
        }
        try:
            # a policy needs it for the next action
            return dumps({**state, "seen": env.seen}, 5)
        except MemoryError:
            raise
        except Exception:
            return dumps(state, 5)
    except Exception as error:
        if out_of_memory(error):
            raise
        raise StateError(state_problem("kept", error)) from error


def plain_names():
    """The plain values in `__main__`, which a step may have changed; None where another env may have done so."""
    if len(envs) > 1:
        return None
    return {name: value for name, value in vars(__main__).items() if type(value) in PLAIN_KINDS and name[:2] != "__"}


def set_state_of(env, data, main):
    try:
        state = loads(data)
        if state["how"] == "own":
            owner, around = owner_of_state(env.env)
            kinds = [type(each).__name__ for each in around]
            if kinds != state["around"]:
                raise TypeError(f"expected the state of an env in {kinds}, got that of one in {state['around']}")
            owner.set_state(state["env"])
            if around:
                set_state_of_wrappers(around, owner, state["wrappers"])
        else:
            if vars(__main__).get("env") is env.env:
                vars(__main__)["env"] = state["env"]
            env.env = state["env"]
    except Exception as error:
        if out_of_memory(error):
            raise
        raise StateError(state_problem("brought back", error)) from error
    random.setstate(state["random"])
    if state["numpy"] is not None:
        importlib.import_module("numpy").random.set_state(state["numpy"])
    if main and len(envs) == 1 and state["main"] is not None:
        for name in plain_names().keys() - state["main"].keys():
            del vars(__main__)[name]
        vars(__main__).update(state["main"])
    env.seen = state.get("seen", UNKNOWN)
    for name, value in state["counters"].items():
        setattr(env, name, value)


def state_problem(what, error):
    return (
        f"the env's state cannot be {what}: {type(error).__name__}: {error}. "
        "Give the env get_state() and set_state(state), or make it picklable"
    )


def digest_of(value, parents=(), known=None, depth=None):
    """SHA-256 of what a value holds, the same in every interpreter: dicts and sets in no order, objects as pickle sees
    them. With a `depth`, of what lies no deeper than that."""
    known = {} if known is None else known
    if (id(value), depth) in known:
        return known[id(value), depth][0]
    if depth is None and id(value) in parents:
        return sha256(f"cycle {len(parents) - parents.index(id(value))}".encode()).digest()
    inner = (*parents, id(value))
    below = depth and depth - 1

    def each(items):
        return [digest_of(item, inner, known, below) for item in items]

    def in_order(items):
        """An order for what has none, by the items' own digests: it decides how cycles look that the items share."""
        items = list(items)
        if depth is not None or len(items) < 2 or all(map(is_plain, items)):
            return items
        steps, alike = 2, {}
        while len(alike) < len(items) and steps < DEEPEST:  # until all differ
            steps *= 2
            keys = [digest_of(item, (), known, steps) for item in items]
            alike = Counter(keys)
        # those that differ from all others first
        order = sorted((alike[key], key, i) for i, key in enumerate(keys))
        return [items[i] for *_, i in order]

    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str):
        parts = [repr(value).encode()]
    elif kind in (bytes, bytearray):
        parts = [bytes(value)]
    elif depth == 0:
        parts = []
    elif kind in (list, tuple):
        parts = each(value)
    elif isinstance(value, (set, frozenset)):
        parts = [*sorted(each(in_order(value))), *each([getattr(value, "__dict__", None)])]
    elif kind is dict:
        names = in_order(value)
        keys = sorted(zip(each(names), map(value.get, names), strict=True), key=itemgetter(0))
        parts = sorted(key + digest_of(item, inner, known, below) for key, item in keys)
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
    known[id(value), depth] = (whole, value)  # kept, so that no other value gets its id
    return whole


def is_plain(value):
    """Whether a value cannot lie in a cycle."""
    kind = type(value)
    if kind in (tuple, frozenset):
        return all(map(is_plain, value))
    return value is None or kind in (bool, int, float, complex, str, bytes)
