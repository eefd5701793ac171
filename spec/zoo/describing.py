"""Spaces, and envs that have them in ways of their own. The classes are named as Gymnasium's."""

from array import array

from .walk import Walk


class Discrete:
    shape, dtype = (), "int64"

    def __init__(self, n, start=0):
        self.n, self.start = n, start


class Box:
    dtype = "float32"

    def __init__(self, low, high, shape):
        self.shape = shape
        self.low, self.high = array("f", [low] * shape[0]), array("f", [high] * shape[0])


class MultiBinary:
    dtype = "int8"

    def __init__(self, n):
        self.n, self.shape = n, (n,)


class MultiDiscrete:
    dtype = "int64"

    def __init__(self, nvec):
        self.nvec, self.shape = array("q", nvec), (len(nvec),)


class Text:
    def __init__(self, max_length):
        self.max_length, self.min_length = max_length, 1


class Dict:
    def __init__(self, spaces):
        self.spaces = spaces


class Tuple:
    def __init__(self, *spaces):
        self.spaces = spaces


class OneOf(Tuple):
    pass


class Sequence:
    def __init__(self, space):
        self.feature_space = space


class Graph:
    def __init__(self, nodes, edges):
        self.node_space, self.edge_space = nodes, edges


KINDS = {
    "Discrete": lambda: Discrete(3, 1),
    "Box": lambda: Box(-1, 1, (4,)),
    "MultiBinary": lambda: MultiBinary(3),
    "MultiDiscrete": lambda: MultiDiscrete([2, 3]),
    "Text": lambda: Text(5),
    "Dict": lambda: Dict({"a": Discrete(2), "b": Dict({"c": Box(0, 1, (1,))})}),
    "Dict of ints": lambda: Dict({0: Discrete(2), 1: Discrete(3)}),
    "Tuple": lambda: Tuple(Discrete(2), Discrete(3)),
    "OneOf": lambda: OneOf(Discrete(2), Box(0, 1, (2,))),
    "Sequence": lambda: Sequence(Discrete(4)),
    "Graph": lambda: Graph(Box(0, 1, (2,)), Discrete(3)),
}


class Spaces(Walk):
    """Tells what type the action came as."""

    def __init__(self, kind):
        super().__init__()
        self.action_space, self.observation_space = Discrete(3), KINDS[kind]()


class Acting(Walk):
    """An action of this space; observed is what came."""

    def __init__(self, kind):
        super().__init__()
        self.action_space, self.came = KINDS[kind](), None

    def step(self, action):
        self.came = shown(action)
        return super().step(1)

    def more(self):
        return self.came


def shown(action):
    """An action as text of its types."""
    if isinstance(action, dict):
        return {str(key): f"{type(key).__name__} {shown(item)}" for key, item in action.items()}
    if isinstance(action, (list, tuple)):
        return [type(action).__name__, *map(shown, action)]
    return f"{type(action).__name__} {action}"


class MadeInReset(Walk):
    def begin(self):
        self.action_space, self.observation_space = Discrete(3), Box(-9, 9, (2,))


class ChangedInReset(Walk):
    def __init__(self):
        super().__init__()
        self.action_space = Discrete(1)

    def begin(self):
        self.action_space = Discrete(3)


class RaisingSpace(Walk):
    action_space = Discrete(3)

    @property
    def observation_space(self):
        raise NotImplementedError("made later")


class RaisingInside(Walk):
    """A space of which one attribute raises."""

    class Half(Discrete):
        @property
        def low(self):
            raise RuntimeError("no bounds")

    action_space = Half(3)


class RaisingMetadata(Walk):
    @property
    def metadata(self):
        raise RuntimeError("no metadata")


class LoopedSpace(Walk):
    """A space that has itself inside."""

    def __init__(self):
        super().__init__()
        self.action_space = Dict({"a": Discrete(2)})
        self.action_space.spaces["me"] = self.action_space
