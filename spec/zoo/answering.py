"""What envs hand back: observations, rewards, flags and infos in forms of their own."""

import collections
import sys
import types
import warnings
from array import array

from .walk import Walk


class FourValues(Walk):
    """Gym before 0.26."""

    def __init__(self):
        super().__init__()
        del self.steps

    def seed(self, seed=None):
        self.rng.seed(seed)

    def reset(self):
        return super().reset()[0]

    def step(self, action):
        seen, reward, over, late, info = super().step(action)
        return seen, reward, over or late, {"TimeLimit.truncated": late}


class FourWithoutInfo(Walk):
    def step(self, action):
        seen, reward, over, late, _ = super().step(action)
        return seen, reward, over or late, None


class ResetWithoutInfo(Walk):
    def reset(self, *, seed=None, options=None):
        return super().reset(seed=seed)[0], None


class ResetList(Walk):
    def reset(self, *, seed=None, options=None):
        return list(super().reset(seed=seed))


class ResetBare(Walk):
    """New steps, but the observation alone at the reset; it is a pair of numbers."""

    def reset(self, *, seed=None, options=None):
        return super().reset(seed=seed)[0]

    def seen(self):
        return (self.place, self.steps)


class NoSeed(Walk):
    """Its reset takes nothing at all, and is the same each time."""

    def reset(self):
        return super().reset(seed=3)


class Scalar:
    """As NumPy's: a number in a type of its own."""

    dtype = "int64"

    def __init__(self, value):
        self.value = value

    def item(self):
        return self.value

    def __bool__(self):
        return bool(self.value)

    def __int__(self):
        return int(self.value)

    def __float__(self):
        return float(self.value)


class Rewards(Walk):
    """A reward in each of the forms that envs have."""

    def __init__(self, form):
        super().__init__()
        self.form = form

    def step(self, action):
        seen, reward, over, late, info = super().step(action)
        forms = {
            "bool": reward < -0.5,
            "scalar": Scalar(reward),
            "flag scalar": Scalar(reward < -0.5),
            "objectives": {"speed": reward, "safety": 1},
            "big": 2**70,
            "infinite": float("-inf") if over else reward,
            "nan": float("nan"),
            "none": None,
            "list": [reward, 1],
            "tuple": (reward, 1),
            "array": array("d", [reward, 1]),
            "text": "none",
        }
        return seen, forms[self.form], over, late, info


class FlagScalars(Walk):
    def step(self, action):
        seen, reward, over, late, info = super().step(action)
        return seen, reward, Scalar(int(over)), Scalar(int(late)), info


class FlagNumbers(Walk):
    def step(self, action):
        seen, reward, over, late, info = super().step(action)
        return seen, reward, int(over), None if not late else 1, info


class Infos(Walk):
    def __init__(self, form):
        super().__init__()
        self.form = form

    def step(self, action):
        seen, reward, over, late, _ = super().step(action)
        loop = []
        loop.append(loop)
        forms = {
            "none": None,
            "objects": {"env": self, "rng": self.rng, "set": {1}, "type": Walk, "f": len},
            "keys": {"by int": {1: "a", (0, 1): "b"}, "bytes": b"ab", "big": 2**70, "nan": float("nan")},
            "loop": {"loop": loop},
            "proxy": types.MappingProxyType({"steps": self.steps}),
            "deque": {"recent": collections.deque([1, 2])},
        }
        return seen, reward, over, late, forms[self.form]


class Lazy:
    """Frames that become an array when somebody asks."""

    shape = (2,)

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return memoryview(array("d", self.values))


class Observations(Walk):
    def __init__(self, form):
        self.form = form
        super().__init__()
        self.kept = array("f", [0, 0])

    def seen(self):
        self.kept[0] = self.place
        pair = [self.place, self.steps]
        forms = {
            "none": lambda: None,
            "text": lambda: f'at "{self.place}"\n',
            "bytes": lambda: bytes([self.steps]),
            "flag": lambda: self.place > 0,
            "nested": lambda: {"at": (self.place, [self.steps]), "grid": memoryview(bytes(4)).cast("B", [2, 2])},
            "int keys": lambda: {0: self.place, 1: self.steps},
            "kept": lambda: self.kept,
            "deque": lambda: collections.deque(pair),
            "proxy": lambda: types.MappingProxyType({"at": self.place}),
            "values": lambda: {"at": self.place}.values(),
            "lazy": lambda: Lazy(pair),
            "int64": lambda: array("q", [self.place, 2**60]),
            "empty": lambda: array("d"),
            "range": lambda: range(self.steps),
            "simple": lambda: types.SimpleNamespace(at=self.place),
        }
        return forms[self.form]()


class Raising(Walk):
    """A step that is not allowed raises, after it changed something."""

    def begin(self):
        self.wrong = 0

    def advance(self, action):
        if self.steps % 5 == 4:
            self.wrong += 1
            raise ValueError(f"not now: {action}")

    def more(self):
        return self.wrong


class Printing(Walk):
    """Says what it does, on both streams and in half lines."""

    def advance(self, action):
        print("at", self.place, end="" if action else "\n")
        print("step", self.steps, file=sys.stderr)


class Warning_(Walk):
    def advance(self, action):
        warnings.warn(f"the ground is soft at {self.steps}", stacklevel=2)


class Asking(Walk):
    """Asks on the console, which nobody answers."""

    def advance(self, action):
        if self.steps == 3:
            input("where to? ")
