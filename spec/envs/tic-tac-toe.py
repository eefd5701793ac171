"""Tic-tac-toe in turns, as PettingZoo has them: whoever has three in a row gets 1, the other one -1."""

from array import array

LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]


class Discrete:
    def __init__(self, n):
        self.n, self.shape, self.start = n, (), 0


class TicTacToe:
    possible_agents = ["crosses", "noughts"]

    def action_space(self, agent):
        return Discrete(9)

    def observation_space(self, agent):
        return None

    def reset(self, seed=None, options=None):
        self.agents = self.possible_agents[:]
        self.board = bytearray(9)
        self.rewards = dict.fromkeys(self.agents, 0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos = {agent: {} for agent in self.agents}
        self.agent_selection = self.agents[0]

    def observe(self, agent):
        mine = 1 + self.possible_agents.index(agent)
        return {
            "board": array("b", [0 if not mark else 1 if mark == mine else -1 for mark in self.board]),
            "action_mask": array("b", [not mark for mark in self.board]),
        }

    def last(self):
        agent = self.agent_selection
        return self.observe(agent), self._cumulative_rewards[agent], self.terminations[agent], False, self.infos[agent]

    def step(self, action):
        agent = self.agent_selection
        if self.terminations[agent]:
            assert action is None
            self.remove(agent)
            return
        if self.board[action]:
            raise ValueError(f"field {action} is taken")
        self._cumulative_rewards[agent] = 0
        other = self.agents[1 - self.agents.index(agent)]
        mark = self.board[action] = 1 + self.agents.index(agent)
        has_won = any(all(self.board[field] == mark for field in line) for line in LINES)
        if has_won:
            self.rewards = {agent: 1, other: -1}
        if has_won or all(self.board):
            self.terminations = dict.fromkeys(self.agents, True)
        for each, reward in self.rewards.items():
            self._cumulative_rewards[each] += reward
        self.agent_selection = other

    def remove(self, agent):
        for values in (self.rewards, self._cumulative_rewards, self.terminations, self.truncations, self.infos):
            del values[agent]
        self.agents.remove(agent)
        if self.agents:
            self.agent_selection = self.agents[0]

    def render(self):
        marks = "".join(".XO"[mark] for mark in self.board)
        return "\n".join((marks[:3], marks[3:6], marks[6:]))


env = TicTacToe()
