import random
import time


class Dice:
    """Draws from its own generator, which a seed begins anew; `clock` makes it tell the time."""

    action_space = observation_space = None

    def __init__(self, clock=False):
        self.clock = clock
        self.generator = random.Random()

    def reset(self, seed=None, options=None):
        if seed is not None:
            self.generator = random.Random(seed)
        self.steps = (options or {}).get("from", 0)
        return self.look(), {}

    def step(self, action):
        if action == "raise":
            raise ValueError("told to")
        self.steps += 1
        reward = self.generator.random() + (0 if action is None else action)
        return self.look(), reward, self.steps >= 5, False, {"score": self.steps, "now": time.time_ns()}

    def look(self):
        return {"draw": self.generator.randrange(1000), "time": time.time_ns() if self.clock else 0}

    def close(self):
        pass


env = Dice(clock=globals().get("clock", False))
