"""The env of the contract suite: counts its steps, ends after five, and dies in the ways that an action names."""


class CountingEnv:
    metadata = {"render_modes": ["rgb_array"]}

    def reset(self, *, seed=None, options=None):
        self.count, self.action = 0, None
        return self.count, {"seed": seed}

    def step(self, action):
        if action == "raise":
            raise ValueError("told to")
        if action == "loop":
            while True:
                pass
        if action == "fatal":
            import ctypes

            ctypes.string_at(1 << 31)
        self.count += 1
        self.action = action
        return self.count, 0.5, self.count >= 5, False, {"action": action}

    def render(self):
        if self.action == "hide":
            raise ValueError("told to")
        return memoryview(bytes([self.count] * 6)).cast("B", [1, 2, 3])


env = CountingEnv()
