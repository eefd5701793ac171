"""Envs whose own ways of being copied leave something out."""

import copy

from .walk import Walk


class Reborn:
    """Pickled and copied by the constructor's arguments, as Gymnasium's and PettingZoo's base of many envs is."""

    def __init__(self, *arguments, **named):
        self._arguments, self._named = arguments, named

    def __getstate__(self):
        return {"_arguments": self._arguments, "_named": self._named}

    def __setstate__(self, state):
        self.__dict__.update(type(self)(*state["_arguments"], **state["_named"]).__dict__)


class ByArguments(Walk, Reborn):
    def __init__(self, width=3, name="x"):
        Reborn.__init__(self, width, name=name)
        Walk.__init__(self)
        self.width, self.name, self.score = width, name, 0

    def begin(self):
        self.score = 0

    def advance(self, action):
        self.score += self.width * action

    def more(self):
        return self.score


class PartByArguments(Walk):
    """The env is plain; a part of it is not."""

    def __init__(self):
        super().__init__()
        self.inner = ByArguments(2)

    def begin(self):
        self.inner.reset(seed=self.rng.randrange(100))

    def advance(self, action):
        self.seen_inside = self.inner.step(action)[0]

    def more(self):
        return getattr(self, "seen_inside", None)


class CopiedFresh(Walk):
    """`__deepcopy__` and `__copy__` make a new one."""

    def __deepcopy__(self, memo):
        return type(self)()

    __copy__ = __deepcopy__


class ReducedFresh(Walk):
    """`__reduce__` makes a new one."""

    def __reduce__(self):
        return type(self), ()


class ReducedFreshEx(Walk):
    def __reduce_ex__(self, protocol):
        return type(self), ()


class ForgetsGenerator(Walk):
    """A `__getstate__` that leaves its generator out, since "it is seeded anyway"."""

    def __getstate__(self):
        return {name: value for name, value in self.__dict__.items() if name != "rng"}

    def __setstate__(self, state):
        self.__init__()
        self.__dict__.update(state)


class RefusesCopies(Walk):
    def __reduce_ex__(self, protocol):
        raise TypeError("this cannot be pickled")

    def __deepcopy__(self, memo):
        raise TypeError("this cannot be copied")


class HalfCopied(Walk):
    """`__deepcopy__` that shares a list with the original."""

    def __init__(self):
        super().__init__()
        self.trail = []

    def __deepcopy__(self, memo):
        new = copy.copy(self)
        new.rng = copy.deepcopy(self.rng, memo)
        return new

    def begin(self):
        self.trail.clear()

    def advance(self, action):
        self.trail.append(action)

    def more(self):
        return sum(self.trail), len(self.trail)


class SetsTooMuch(Walk):
    """`__setstate__` that does what only a beginning should."""

    def __setstate__(self, state):
        self.__dict__.update(state)
        self.place = 0
