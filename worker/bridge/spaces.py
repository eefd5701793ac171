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
    fit = COMPOSITE.get(type(space).__name__)
    if fit is not None:
        return fit(space, action)
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
