"""Vector envs, as Gymnasium's: they reset their envs themselves."""

import random
from array import array

from .describing import Discrete


class Vector:
    """Each env ends after a number of steps of its own, and begins anew with the next step."""

    num_envs = 3
    single_action_space = Discrete(3)
    metadata = {"autoreset_mode": "next_step"}

    def __init__(self):
        self.rng = [random.Random(i) for i in range(self.num_envs)]

    def reset(self, *, seed=None, options=None):
        for i, rng in enumerate(self.rng):
            if seed is not None:
                rng.seed(seed + i)
        self.places, self.steps = [0.0] * self.num_envs, [0] * self.num_envs
        return self.seen(), {}

    def seen(self):
        return memoryview(array("d", [*self.places, *map(float, self.steps)])).cast("B").cast("d", [2, self.num_envs])

    def step(self, actions):
        over, late = array("b", [0] * self.num_envs), array("b", [0] * self.num_envs)
        for i, action in enumerate(actions):
            if self.steps[i] >= 4 + i:
                self.places[i], self.steps[i] = 0.0, 0
                continue
            self.steps[i] += 1
            self.places[i] += action + self.rng[i].random()
            over[i] = self.places[i] > 5
            late[i] = self.steps[i] >= 4 + i
        return self.seen(), array("d", self.places), over, late, {}


class Lists(Vector):
    """Lists in place of arrays, and a mask beside the info."""

    def step(self, actions):
        seen, rewards, over, late, _ = super().step(actions)
        info = {"at": array("d", self.places), "_at": array("b", [1] * self.num_envs)}
        return [seen.tolist(), list(rewards), list(map(bool, over)), list(map(bool, late)), info]


class OfOne(Vector):
    num_envs = 1


class Frames(Vector):
    """A tuple of pictures, one of each env."""

    render_mode = "rgb_array"

    def render(self):
        return tuple(memoryview(bytes([i * 10] * 18)).cast("B", [2, 3, 3]) for i in range(self.num_envs))


class Counting:
    """A wrapper around a vector env."""

    def __init__(self, env):
        self.env, self.count = env, 0
        self.num_envs = env.num_envs

    @property
    def unwrapped(self):
        return self.env

    def reset(self, *, seed=None, options=None):
        self.count = 0
        return self.env.reset(seed=seed, options=options)

    def step(self, actions):
        self.count += 1
        seen, rewards, *rest = self.env.step(actions)
        return seen, array("d", [reward + self.count for reward in rewards]), *rest


def counting():
    return Counting(Vector())
