"""An env that takes about 30 steps a second, however fast the machine is."""

import time


class Slow:
    def reset(self, seed=None, options=None):
        return 0, {}

    def step(self, action):
        end = time.perf_counter() + 1 / 30
        while time.perf_counter() < end:
            pass
        return action, 1.0, False, False, {}


env = Slow()
