def space_or_none(env, kind, *agent):
    """Without a word where it cannot be had: that was told when the env was described."""
    try:
        return agent_space(env, kind, *agent) if agent else look_up(env.env, f"{kind}_space")
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None


def agent_space(env, kind, agent):
    return space_of(env.env, kind, agent, env.team is not None)


def agents_of(env):
    return known_agents(env) if env.kind in ("parallel", "turns") else []


def all_spaces(env):
    """What the spaces are now."""
    agents = [(agent,) for agent in agents_of(env)] or [()]
    return [space_or_none(env, kind, *agent) for kind in ("action", "observation") for agent in agents]


def describe_env(env, tell=tell_problem):
    """What the page is told of an env when it is set up: whatever cannot be had is None, and a problem."""
    env.spaces = all_spaces(env)
    before, answer.checksum = len(answer.sizes), 0
    kinds = ("action", "observation")
    agents = agents_of(env)
    if agents:
        spaces = [map_of({key_of(agent): describe_safely(env, tell, kind, agent) for agent in agents}) for kind in kinds]
    else:
        spaces = [describe_safely(env, tell, kind) for kind in kinds]
    named = [[key_of(agent), encode(agent)] for agent in agents] if env.kind in ("parallel", "turns") else None
    described = [named, *spaces, encode(look_up(env.env, "metadata") or {}), env.num_envs, env.kind]
    env.description = crc32(renumbered(text_of(described), before).encode(), answer.checksum)
    return described


def describe_safely(env, tell, kind, *agent):
    name = f"{kind}_space"
    try:
        if agent:
            return describe_space(agent_space(env, kind, *agent))
        # an attribute that is missing is no problem, but one that raises is
        is_there = hasattr(type(env.env), name)
        space = getattr(env.env, name) if is_there else getattr(env.env, name, None)
        return None if callable(space) else describe_space(space)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        of = f"{name}({', '.join(map(repr, agent))})" if agent else name
        hint = f"the env works without it, and `ready$` says null; give the env an {name} to be told it there"
        tell(env, "space", f"{of} raised {type(error).__name__}: {error}", hint)
        return None


def notice_spaces(env):
    """After what may have made or changed spaces: the page is told where they are described in other words now."""
    spaces = all_spaces(env)
    if len(spaces) == len(env.spaces) and all(map(is_, spaces, env.spaces)):
        return
    before = env.description
    count, used, checksum = len(answer.sizes), answer.used, answer.checksum
    describe_env(env, lambda *_: None)
    # nothing of it stays in the answer under way
    del answer.sizes[count:]
    answer.used, answer.checksum = used, checksum
    if env.description != before and tell_described is not None:
        tell_described(number_of(env))


BOUNDS = ("low", "high")


def describe_space(space):
    """The attributes that Gymnasium's spaces have: https://gymnasium.farama.org/api/spaces/"""
    if space is None:
        return None
    description = {"type": type(space).__name__}
    for name in ("n", "start", "nvec", "shape", "dtype", "low", "high", "max_length", "min_length", "characters", "stack"):
        value = look_up(space, name)
        if value is not None:
            description[name] = encode(dtype_name(value) if name == "dtype" else bound(value) if name in BOUNDS else value)
    for name in ("feature_space", "node_space", "edge_space"):
        if look_up(space, name) is not None:
            description[name] = describe_space(getattr(space, name))
    spaces = look_up(space, "spaces")
    if isinstance(spaces, dict):
        description["spaces"] = map_of({key: describe_space(inner) for key, inner in spaces.items()})
    elif isinstance(spaces, (tuple, list)):
        description["spaces"] = [describe_space(inner) for inner in spaces]
    return description


def dtype_name(dtype):
    """NumPy's dtypes have a name, its scalar types a __name__."""
    return str(getattr(dtype, "name", getattr(dtype, "__name__", dtype)))


def bound(value):
    """One number where it is the same everywhere: two arrays of bounds may be as large as a picture."""
    try:
        with memoryview(value) as view:
            data = view.tobytes()
            first = data[: view.itemsize]
            if dtype_of(view) is not None and first and data == first * (len(data) // view.itemsize):
                return unpack(view.format, first)[0]
    except Exception:  # no buffer, or a format of NumPy's only
        pass
    return value


def fit_action(space, action):
    """Gives an action the Python type that its space asks for, where JavaScript has no such type."""
    if type(action) is int and not getattr(space, "shape", None):
        return action  # for a Discrete
    composed = COMPOSITE.get(type(space).__name__)
    if composed is not None:
        return composed(space, action)
    spaces = getattr(space, "spaces", None)
    if isinstance(spaces, dict) and isinstance(action, dict):
        # an object's keys are strings in JavaScript
        names = {named(spaces, key): item for key, item in action.items()}
        return {key: fit_action(spaces.get(key), item) for key, item in names.items()}
    if isinstance(spaces, (tuple, list)) and isinstance(action, (tuple, list)) and len(spaces) == len(action):
        return tuple(fit_action(inner, item) for inner, item in zip(spaces, action, strict=True))
    numpy = sys.modules.get("numpy")
    if numpy is None or isinstance(action, str) or action is None:
        return action
    dtype = getattr(space, "dtype", None)
    if dtype is None or not getattr(space, "shape", None):
        return action
    array = numpy.asarray(action, dtype=dtype)
    # also a number for the shape (1,), and a flat list for a grid
    return array.reshape(space.shape) if array.size == prod(space.shape) else array


def fit_one_of(space, action):
    """An index, and an action for the space with that index."""
    if not isinstance(action, (list, tuple)) or len(action) != 2:
        return action
    number, item = action
    known = type(number) is int and 0 <= number < len(space.spaces)
    return number, fit_action(space.spaces[number], item) if known else item


def fit_sequence(space, action):
    items = list_of(action)
    if items is None:
        return action
    feature = getattr(space, "feature_space", None)
    if getattr(space, "stack", False):
        return stacked(feature, items)
    return tuple(fit_action(feature, item) for item in items)


def fit_graph(space, action):
    """Of an object or a list of nodes, edges and edge_links; the last two may be None or missing."""
    names = ("nodes", "edges", "edge_links")
    parts = action if isinstance(action, dict) else dict(zip(names, list_of(action) or (), strict=False))
    if "nodes" not in parts or set(parts) - set(names):
        return action
    nodes, edges, links = (list_of(parts.get(name)) for name in names)
    numpy = sys.modules.get("numpy")
    if links is not None and numpy is not None:
        links = numpy.asarray(links, dtype="int32").reshape(-1, 2)
    nodes, edges = (
        None if items is None else stacked(getattr(space, name, None), items)
        for items, name in ((nodes, "node_space"), (edges, "edge_space"))
    )
    return graph_instance(space)(nodes, edges, links)


def graph_instance(space):
    """Gymnasium's own kind of tuple, of the module that has the space, or one like it."""
    kinds = (getattr(sys.modules.get(kind.__module__), "GraphInstance", None) for kind in type(space).__mro__)
    return next(filter(None, kinds), GraphInstance)


GraphInstance = namedtuple("GraphInstance", ("nodes", "edges", "edge_links"))
COMPOSITE = {"OneOf": fit_one_of, "Sequence": fit_sequence, "Graph": fit_graph}


def stacked(space, items):
    """Actions for a space as one batch (https://gymnasium.farama.org/api/vector/utils/): arrays with a row for each."""
    spaces = getattr(space, "spaces", None)
    if isinstance(spaces, dict):
        return {key: stacked(inner, [fit_action(space, item)[key] for item in items]) for key, inner in spaces.items()}
    if isinstance(spaces, (list, tuple)) and type(space).__name__ != "OneOf":
        return tuple(stacked(inner, [item[i] for item in items]) for i, inner in enumerate(spaces))
    fitted = tuple(fit_action(space, item) for item in items)
    numpy, dtype, shape = sys.modules.get("numpy"), getattr(space, "dtype", None), getattr(space, "shape", None)
    if numpy is None or dtype is None or shape is None:
        return fitted
    return numpy.asarray(fitted, dtype=dtype).reshape(len(fitted), *shape)


def list_of(value):
    """Also of an array's rows; None for what has no elements."""
    return list(value) if isinstance(value, (list, tuple)) or getattr(value, "shape", ()) else None
