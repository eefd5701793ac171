"""Envs of agents that act in turn, as PettingZoo's AEC API has them."""

import random
from array import array

from .describing import Discrete
from .forgetting import Reborn


class Turns:
    """Who acts is in `agent_selection`; rewards of the latest step are in `rewards`."""

    metadata = {"name": "turns_v0"}
    names = ("first", "second")
    space = Discrete(9)

    def __init__(self):
        self.possible_agents = list(self.names)
        self.agents = []
        self.rng = random.Random(1)

    def observation_space(self, agent):
        return self.space

    def action_space(self, agent):
        return self.space

    def reset(self, seed=None, options=None):
        if seed is not None:
            self.rng.seed(seed)
        self.agents = list(self.possible_agents)
        for name, value in (("rewards", 0), ("_cumulative_rewards", 0), ("terminations", False), ("truncations", False)):
            setattr(self, name, dict.fromkeys(self.agents, value))
        self.infos = {agent: {} for agent in self.agents}
        self.agent_selection = self.agents[0]
        self.begin()

    def last(self, observe=True):
        agent = self.agent_selection
        return (
            self.observe(agent) if observe else None,
            self._cumulative_rewards[agent],
            self.terminations[agent],
            self.truncations[agent],
            self.infos[agent],
        )

    def agent_iter(self, max_iter=2**31):
        while self.agents and max_iter > 0:
            max_iter -= 1
            yield self.agent_selection

    def step(self, action):
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            return self.bury(agent, action)
        self._cumulative_rewards[agent] = 0
        self.rewards = dict.fromkeys(self.agents, 0)
        self.act(agent, action)
        for name, reward in self.rewards.items():
            self._cumulative_rewards[name] += reward
        self.agent_selection = self.after(agent)

    def bury(self, agent, action):
        if action is not None:
            raise ValueError("when an agent is dead, the only valid action is None")
        after = self.after(agent)
        for by_agent in (self.terminations, self.truncations, self.rewards, self._cumulative_rewards, self.infos):
            del by_agent[agent]
        self.agents.remove(agent)
        self.rewards = dict.fromkeys(self.agents, 0)
        if self.agents:
            self.agent_selection = after

    def after(self, agent):
        return self.agents[(self.agents.index(agent) + 1) % len(self.agents)]

    def end(self):
        self.terminations = dict.fromkeys(self.agents, True)


class NoughtsAndCrosses(Turns):
    """What may be done is in the observation."""

    names = ("player_1", "player_2")
    lines = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]

    def begin(self):
        self.board = [0] * 9

    def observe(self, agent):
        free = [mark == 0 for mark in self.board] if agent == self.agent_selection else [False] * 9
        return {"observation": array("b", self.board), "action_mask": array("b", free)}

    def act(self, agent, action):
        if self.board[action]:
            raise ValueError(f"{action} is taken")
        mark = self.possible_agents.index(agent) + 1
        self.board[action] = mark
        if any(all(self.board[i] == mark for i in line) for line in self.lines):
            self.rewards = {name: 1 if name == agent else -1 for name in self.agents}
            self.end()
        elif all(self.board):
            self.end()


class NoughtsByArguments(NoughtsAndCrosses, Reborn):
    """As PettingZoo's `raw_env`s are pickled."""

    def __init__(self, render_mode=None):
        Reborn.__init__(self, render_mode)
        NoughtsAndCrosses.__init__(self)
        self.render_mode = render_mode


class Ordered:
    """As PettingZoo's wrappers: passes on what it lacks."""

    def __init__(self, env):
        self.env = env
        self.has_reset = False

    def __getattr__(self, name):
        if name.startswith("_") and name != "_cumulative_rewards":
            raise AttributeError(f"accessing private attribute '{name}' is prohibited")
        return getattr(self.env, name)

    @property
    def unwrapped(self):
        return self.env

    def reset(self, seed=None, options=None):
        self.has_reset = True
        self.env.reset(seed, options)

    def step(self, action):
        if not self.has_reset:
            raise AssertionError("reset() needs to be called before step")
        self.env.step(action)

    def last(self, observe=True):
        return self.env.last(observe)


def ordered():
    return Ordered(NoughtsByArguments())


class MaskInInfo(Turns):
    """What may be done is in the info; the mask changes with each draw."""

    def begin(self):
        self.pile = 21
        self.tell()

    def tell(self):
        for agent in self.agents:
            self.infos[agent] = {"action_mask": array("b", [0, self.pile >= 1, self.pile >= 2, self.pile >= 3])}

    def observe(self, agent):
        return self.pile

    def act(self, agent, action):
        if not 1 <= action <= min(3, self.pile):
            raise ValueError(f"{action} of {self.pile}")
        self.pile -= action
        self.tell()
        if self.pile == 0:
            self.rewards[agent] = 1
            self.end()


class Hidden(Turns):
    """Both choose, and the round is told to both: rewards come to those who do not act."""

    def begin(self):
        self.rounds, self.chosen, self.shown = 0, {}, [None, None]

    def observe(self, agent):
        return self.shown

    def act(self, agent, action):
        self.chosen[agent] = action % 3
        if len(self.chosen) == 2:
            self.shown = list(self.chosen.values())
            won = (self.shown[0] - self.shown[1]) % 3
            self.rewards = dict(zip(self.agents, ((0, 0), (1, -1), (-1, 1))[won], strict=True))
            self.chosen, self.rounds = {}, self.rounds + 1
            self.truncations = dict.fromkeys(self.agents, self.rounds == 6)


class Dying(Turns):
    """Agents die one by one, out of their turn; the others go on. They are ints."""

    names = (0, 1, 2)

    def begin(self):
        self.strength = dict.fromkeys(self.agents, 6)

    def observe(self, agent):
        return [self.strength[name] for name in self.names]

    def act(self, agent, action):
        others = [name for name in self.agents if name != agent and not self.terminations[name]]
        if others:
            hit = others[action % len(others)]
            self.strength[hit] -= self.rng.randint(1, 3)
            self.rewards[agent] = 0.5
            if self.strength[hit] <= 0:
                self.terminations[hit] = True
                self.rewards[hit] = -1
        if sum(not over for over in self.terminations.values()) == 1:
            self.end()


class Shuffled(Turns):
    """The order is drawn anew in each round; names are tuples."""

    names = (("red", 0), ("blue", 0), ("blue", 1))

    def begin(self):
        self.order, self.taken = [], 0
        self.agent_selection = self.after(None)

    def observe(self, agent):
        return [self.taken, list(agent)]

    def act(self, agent, action):
        self.taken += action
        self.rewards[agent] = action
        self.truncations = dict.fromkeys(self.agents, self.taken > 60)

    def after(self, agent):
        if not self.order:
            self.order = self.rng.sample(self.possible_agents, 3)
        self.order = [name for name in self.order if name in self.agents] or list(self.agents)
        return self.order.pop() if self.order else agent


class OneAlone(Hidden):
    """A game for one, in the form of many."""

    names = ("only",)

    def act(self, agent, action):
        self.rounds += 1
        self.rewards[agent] = action
        self.truncations[agent] = self.rounds == 9
