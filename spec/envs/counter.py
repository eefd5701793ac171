"""An env that only counts: the observation is the number of steps, the reward is the action, and an episode has ten steps.
`calls` counts how often each method was called."""

calls = {"reset": 0, "step": 0, "render": 0}


class Counter:
    def reset(self, seed=None, options=None):
        calls["reset"] += 1
        self.count = 0
        return self.count, {"seed": seed}

    def step(self, action):
        calls["step"] += 1
        self.count += 1
        return self.count, action, self.count >= 10, False, {}

    def render(self):
        calls["render"] += 1
        return f"count {self.count}"


env = Counter()
