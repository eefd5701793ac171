// Python envs for the specs; each needs nothing but the standard library.

/**
 * An env that only counts: the observation is the number of steps, the reward what was asked for.
 * `calls` counts what was asked of it.
 */
export const counter = `
calls = {'reset': 0, 'step': 0, 'render': 0}

class Counter:
    def reset(self, seed=None, options=None):
        calls['reset'] += 1
        self.count = 0
        return self.count, {'seed': seed}

    def step(self, action):
        calls['step'] += 1
        self.count += 1
        return self.count, action, self.count >= 10, False, {}

    def render(self):
        calls['render'] += 1
        return f'count {self.count}'

env = Counter()
`;

/**
 * An env that hangs at the action 'hang', and says so before, and that dies at 'die'. The observation of a reset tells
 * how many envs the interpreter has set up.
 */
export const fragile = `
import ctypes
setups = globals().get('setups', 0) + 1

class Fragile:
    def reset(self, seed=None, options=None):
        return setups, {}

    def step(self, action):
        if action == 'hang':
            print('hanging')
            while True:
                pass
        if action == 'die':
            ctypes.string_at(1 << 31)
        return action, 1.0, False, False, {}

env = Fragile()
`;
