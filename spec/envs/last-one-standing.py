"""Three players in turns, named by tuples, without `possible_agents`. Each takes 1 to 3 matches of a heap; who takes one
that is a multiple of five is out, and gets -1, and all others 1. The last one has won."""


class Heap:
    def reset(self, seed=None, options=None):
        self.agents = [("player", n) for n in range(3)]
        self.taken = 0
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict(self.rewards)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos = {agent: {"action_mask": [1, 1, 1]} for agent in self.agents}
        self.agent_selection, self.after = self.agents[0], None

    def observe(self, agent):
        if agent == ("player", 1):
            raise LookupError("it plays blindfold")
        return self.taken

    def step(self, action):
        agent = self.agent_selection
        if self.terminations[agent]:
            assert action is None
            # it leaves its rewards as they are, unlike PettingZoo's own
            self.agents.remove(agent)
            for values in (self.terminations, self.truncations, self.infos, self.rewards, self._cumulative_rewards):
                del values[agent]
            self.agent_selection = self.after if self.after in self.agents else None
            if len(self.agents) == 1:
                self.terminations[self.agents[0]] = True
                self._cumulative_rewards[self.agents[0]] += 10  # for the last
                self.agent_selection = self.agents[0]
            return
        self._cumulative_rewards[agent] = 0.0
        before, self.taken = self.taken, self.taken + 1 + action
        is_out = before // 5 != self.taken // 5
        self.rewards = {each: 0.0 if not is_out else -1.0 if each == agent else 1.0 for each in self.agents}
        for each, reward in self.rewards.items():
            self._cumulative_rewards[each] += reward
        self.after = self.agents[(self.agents.index(agent) + 1) % len(self.agents)]
        self.terminations[agent] = is_out
        self.agent_selection = agent if is_out else self.after


env = Heap()
