"""An env that does nothing, so that what is measured or watched is everything else."""


class Noop:
    def reset(self, seed=None, options=None):
        return 0, {}

    def step(self, action):
        return 0, 0.0, False, False, {}


env = Noop()
