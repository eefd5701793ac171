"""An env whose walk is random: the observation is a place, the reward how far it went, and an episode has 40 steps. Its
generator goes on from episode to episode where the reset has no seed."""

import random


class Wandering:
    def __init__(self):
        self.rng = random.Random(1)

    def reset(self, seed=None, options=None):
        if seed is not None:
            self.rng = random.Random(seed)
        self.count = 0
        self.place = self.rng.random()
        return self.place, {}

    def step(self, action):
        self.count += 1
        far = self.rng.random() * action
        self.place += far
        return self.place, far, self.count >= 40, False, {}

    def render(self):
        return f"at {self.place}"


env = Wandering()
