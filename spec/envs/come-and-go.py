"""A parallel env whose agents, named by tuples, come and go: each lives for two steps, and the next one is born as it dies.
It is over when the third has died."""

from array import array


class Space:
    n, shape = 3, ()

    def sample(self):
        return 2


class ComeAndGo:
    def action_space(self, agent):
        return Space()

    def observation_space(self, agent):
        raise NotImplementedError

    def reset(self, seed=None, options=None):
        self.n = 0
        self.agents = [("visitor", 1)]
        return self.observed(), {agent: {} for agent in self.agents}

    def observed(self):
        return {agent: array("f", [self.n, agent[1]]) for agent in self.agents}

    def step(self, actions):
        assert list(actions) == self.agents, actions
        self.n += 1
        agents = self.agents
        observations = self.observed()
        ends = self.n % 2 == 0
        if ends:
            self.agents = [("visitor", self.n // 2 + 1)] if self.n < 6 else []
            observations.update(self.observed())
        rewards = {agent: 0.5 + actions[agent] for agent in agents}
        terminations, truncations = dict.fromkeys(agents, ends), dict.fromkeys(agents, False)
        return observations, rewards, terminations, truncations, {agent: {"n": self.n} for agent in agents}


env = ComeAndGo()
