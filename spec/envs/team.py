"""Three agents whose actions, observations, rewards and flags are lists; each is done after as many steps as its number."""

from array import array


class Team:
    def reset(self, seed=None, options=None):
        self.n = 0
        return [array("f", [0, who]) for who in range(3)]

    def step(self, actions):
        assert isinstance(actions, list), actions
        self.n += 1
        observations = [array("f", [self.n, who]) for who in range(3)]
        rewards = [who + action for who, action in enumerate(actions)]
        return observations, rewards, [self.n > who for who in range(3)], {"n": self.n}


env = Team()
