"""What the envs of this folder are at heart: a walker on a line, whose ground is uncertain."""

import random


class Walk:
    limit = 12

    def __init__(self):
        self.rng = random.Random(1)
        self.place = 0
        self.steps = 0

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.rng.seed(seed)
        self.place = self.steps = 0
        self.begin()
        return self.seen(), {}

    def step(self, action):
        self.steps += 1
        self.place += int(action) - 1 + self.rng.randint(-2, 2)
        self.advance(action)
        fell = abs(self.place) > 9
        return self.seen(), -abs(self.place) / 8, fell, not fell and self.steps >= self.limit, {"steps": self.steps}

    def begin(self):
        """What an episode begins with, beside the place."""

    def advance(self, action):
        """What a step changes, beside the place."""

    def seen(self):
        return [self.place, self.more()]

    def more(self):
        """What is observed, beside the place."""
        return None
