def space_of(env, kind, agent):
    """PettingZoo has methods (https://pettingzoo.farama.org/api/parallel/), other multi-agent envs have dicts."""
    method = getattr(env, f"{kind}_space", None)
    if callable(method):
        return method(agent)
    spaces = getattr(env, f"{kind}_spaces", None)
    if spaces is None:
        spaces = getattr(method, "spaces", method)
    return spaces.get(agent) if isinstance(spaces, dict) else spaces


def space_or_none(env, kind, agent):
    """For a step, which goes on without the space; what was wrong with it was told when the env was described."""
    try:
        return space_of(env, kind, agent)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None


def all_spaces(env):
    """What the spaces are now, without a word about those that cannot be had."""
    kinds = ("action", "observation")
    if not env.parallel:
        return [attribute_of(env.env, f"{kind}_space") for kind in kinds]
    return [space_or_none(env.env, kind, agent) for kind in kinds for agent in agents_of(env)]


def agents_of(env):
    return list(attribute_of(env.env, "possible_agents") or ())


def describe_env(env, tell=tell_problem):
    """What the page is told of an env when it is set up: whatever cannot be had is None, and a problem."""
    env.spaces = all_spaces(env)
    before, answer.checksum = len(answer.sizes), 0
    kinds = ("action", "observation")
    if env.parallel:
        agents = agents_of(env)
        spaces = [map_of({agent: describe_safely(env, tell, kind, agent) for agent in agents}) for kind in kinds]
    else:
        spaces = [describe_safely(env, tell, kind) for kind in kinds]
    metadata = encode(attribute_of(env.env, "metadata") or {})
    described = [encode(agents) if env.parallel else None, *spaces, metadata, env.num_envs]
    env.description = crc32(renumbered(text_of(described), before).encode(), answer.checksum)
    return described


def describe_safely(env, tell, kind, *agent):
    name = f"{kind}_space"
    try:
        if agent:
            return describe_space(space_of(env.env, kind, *agent))
        # an attribute that is missing is no problem, but one that raises is
        is_there = hasattr(type(env.env), name)
        return describe_space(getattr(env.env, name) if is_there else getattr(env.env, name, None))
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
        value = attribute_of(space, name)
        if value is not None:
            description[name] = encode(dtype_name(value) if name == "dtype" else bound(value) if name in BOUNDS else value)
    for name in ("feature_space", "node_space", "edge_space"):
        if attribute_of(space, name) is not None:
            description[name] = describe_space(getattr(space, name))
    spaces = attribute_of(space, "spaces")
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
    spaces = getattr(space, "spaces", None)
    kind = type(space).__name__
    if kind == "OneOf":
        return action  # an index, and an action for the space with that index
    if kind == "Sequence" and isinstance(action, list):
        return tuple(action)
    if isinstance(spaces, dict) and isinstance(action, dict):
        return {key: fit_action(spaces.get(key), item) for key, item in action.items()}
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
