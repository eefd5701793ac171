def space_of(env, kind, agent):
    """PettingZoo has methods (https://pettingzoo.farama.org/api/parallel/), other multi-agent envs have dicts."""
    method = getattr(env, f"{kind}_space", None)
    if callable(method):
        return method(agent)
    spaces = getattr(env, f"{kind}_spaces", None)
    if spaces is None:
        spaces = getattr(method, "spaces", method)
    return spaces.get(agent) if isinstance(spaces, dict) else spaces


def describe_space(space):
    """The attributes that Gymnasium's spaces have: https://gymnasium.farama.org/api/spaces/"""
    if space is None:
        return None
    description = {"type": type(space).__name__}
    for name in ("n", "start", "nvec", "shape", "dtype", "low", "high", "max_length", "min_length"):
        value = getattr(space, name, None)
        if value is not None:
            description[name] = encode(dtype_name(value) if name == "dtype" else value)
    spaces = getattr(space, "spaces", None)
    if isinstance(spaces, dict):
        description["spaces"] = map_of({key: describe_space(inner) for key, inner in spaces.items()})
    elif isinstance(spaces, (tuple, list)):
        description["spaces"] = [describe_space(inner) for inner in spaces]
    return description


def dtype_name(dtype):
    """NumPy's dtypes have a name, its scalar types a __name__."""
    return str(getattr(dtype, "name", getattr(dtype, "__name__", dtype)))


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
