"""Wrappers, and envs that answer for what they have not."""

import collections
import types

from .keeping import InCObjects, InCycles, OwnOverC
from .walk import Walk


class Wrapper:
    """As Gymnasium's: has the env, and passes on reset and step."""

    def __init__(self, env):
        self.env = env

    @property
    def unwrapped(self):
        return getattr(self.env, "unwrapped", self.env)

    def reset(self, *, seed=None, options=None):
        return self.env.reset(seed=seed, options=options)

    def step(self, action):
        return self.env.step(action)


class Counting(Wrapper):
    """A counter of its own, and a sum over episodes."""

    def __init__(self, env, most=7):
        super().__init__(env)
        self.most, self.count, self.ever = most, 0, 0

    def reset(self, *, seed=None, options=None):
        self.count = 0
        self.ever = 0 if seed is not None else self.ever
        return super().reset(seed=seed, options=options)

    def step(self, action):
        seen, reward, over, late, info = self.env.step(action)
        self.count += 1
        self.ever += 1
        return [seen, self.ever], reward, over, late or self.count >= self.most, info


class Stacking(Wrapper):
    """The latest observations, which it shares with the env that returned them."""

    def __init__(self, env):
        super().__init__(env)
        self.latest = collections.deque(maxlen=3)

    def reset(self, *, seed=None, options=None):
        seen, info = super().reset(seed=seed, options=options)
        self.latest.extend([seen] * 3)
        return list(self.latest), info

    def step(self, action):
        seen, *rest = super().step(action)
        self.latest.append(seen)
        return list(self.latest), *rest


class Passing:
    """As old wrappers: whatever it lacks, it takes from the env."""

    def __init__(self, env):
        self.env = env
        self.asked = 0

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(f"{name} is private")
        return getattr(self.env, name)

    def step(self, action):
        self.asked += 1
        seen, *rest = self.env.step(action)
        return [seen, self.asked], *rest

    def reset(self, **named):
        self.asked = 0
        return self.env.reset(**named)


class Looking(Wrapper):
    """Knows a part of the env, besides the env."""

    def __init__(self, env):
        super().__init__(env)
        self.rng, self.told = env.rng, []

    def reset(self, *, seed=None, options=None):
        self.told.clear()
        return super().reset(seed=seed, options=options)

    def step(self, action):
        self.told.append(self.rng.random())
        seen, *rest = super().step(action)
        return [seen, sum(self.told)], *rest


class Unfound(Walk):
    """`__getattr__` that raises what is no AttributeError."""

    def __getattr__(self, name):
        raise KeyError(name)


class Boundless(Walk):
    """`__getattr__` that has everything."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return None


def counted():
    return Counting(InCycles())


def twice_counted():
    return Counting(Stacking(Counting(Walk(), 9)), 8)


def stacked():
    return Stacking(Walk())


def passing():
    return Passing(Walk())


def looking():
    return Looking(Walk())


def counted_own():
    return Counting(OwnOverC())


def counted_c():
    return Counting(InCObjects())


def patched():
    """An env whose step was replaced from outside, by a method and by a closure."""
    env, inner = Walk(), Walk.step
    env.bonus = 0

    def step(self, action):
        self.bonus += 1
        seen, *rest = inner(self, action)
        return [seen, self.bonus], *rest

    env.step = types.MethodType(step, env)
    return env
