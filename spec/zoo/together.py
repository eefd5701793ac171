"""Envs of several agents that act at once."""

import random
from array import array

from .describing import Discrete
from .forgetting import Reborn
from .walk import Walk

UNIT = Discrete(3)


class Pair:
    """PettingZoo's parallel API."""

    metadata = {"name": "pair_v0"}
    names = ("left", "right")

    def __init__(self):
        self.possible_agents = list(self.names)
        self.agents = []
        self.rng = random.Random(1)

    def observation_space(self, agent):
        return UNIT

    def action_space(self, agent):
        return UNIT

    def reset(self, seed=None, options=None):
        if seed is not None:
            self.rng.seed(seed)
        self.agents = list(self.possible_agents)
        self.places = dict.fromkeys(self.agents, 0)
        self.steps = 0
        return self.observed(), {agent: {} for agent in self.agents}

    def observed(self):
        return {agent: [self.places[agent], self.steps] for agent in self.agents}

    def step(self, actions):
        self.steps += 1
        for agent in self.agents:
            self.places[agent] += actions[agent] + self.rng.randint(0, 2)
        over = {agent: self.is_over(agent) for agent in self.agents}
        late = {agent: self.steps >= 12 for agent in self.agents}
        result = (
            self.observed(),
            {agent: self.places[agent] / 4 for agent in self.agents},
            over,
            late,
            {agent: {"steps": self.steps} for agent in self.agents},
        )
        self.agents = self.left(over, late)
        return result

    def is_over(self, agent):
        return self.places[agent] > 14

    def left(self, over, late):
        return [agent for agent in self.agents if not over[agent] and not late[agent]]


class Ints(Pair):
    names = (0, 1, 10)


class Tuples(Pair):
    names = (("red", 0), ("red", 1), ("blue", 0))


class Mixed(Pair):
    names = ("0", 0)


class Unlisted(Pair):
    """No `possible_agents`: who takes part is known at the reset."""

    def __init__(self):
        super().__init__()
        del self.possible_agents

    def reset(self, seed=None, options=None):
        self.possible_agents = ["left", "right"]
        try:
            return super().reset(seed, options)
        finally:
            del self.possible_agents


class EmptyOnClass:
    """RLlib's way: empty lists on the class, `__all__` among the flags, no flags of each agent."""

    possible_agents = agents = []
    observation_spaces = {"a": UNIT, "b": UNIT}
    action_spaces = {"a": UNIT, "b": UNIT}

    def __init__(self):
        self.rng, self.steps = random.Random(1), 0

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.rng.seed(seed)
        self.steps = 0
        return {"a": 0, "b": 0}, {}

    def step(self, actions):
        self.steps += 1
        seen = {agent: [action, self.rng.randint(0, 9)] for agent, action in actions.items()}
        over = {"a": False, "b": False, "__all__": self.steps == 9}
        return seen, dict.fromkeys(actions, 0.5), over, {"a": False, "b": False, "__all__": False}, {}


class ArrayOfAgents(Pair):
    """`possible_agents` is an array, whose truth nobody can tell."""

    class Names(array):
        def __bool__(self):
            raise ValueError("the truth value of an array is ambiguous")

    def __init__(self):
        super().__init__()
        self.possible_agents = self.Names("q", [0, 1])


class Returning(Pair):
    """Agents leave in the middle, and come back."""

    names = ("a", "b", "c")

    def step(self, actions):
        self.steps += 1
        for agent in self.agents:
            self.places[agent] += actions[agent] + self.rng.randint(0, 2)
        away, ends = self.names[self.steps % 3], self.steps >= 12
        told = [agent for agent in self.names if agent != away or agent in self.agents]
        rewards = {agent: self.places[agent] / 4 for agent in self.agents}
        self.agents = [] if ends else [agent for agent in self.names if agent != away]
        return (
            {agent: [self.places[agent], self.steps] for agent in told},
            rewards,
            {agent: agent == away for agent in told},
            dict.fromkeys(told, ends),
            {agent: {} for agent in told},
        )


class Relay(Pair):
    """The last agent dies in the step in which another is born."""

    def reset(self, seed=None, options=None):
        result = super().reset(seed, options)
        self.agents = ["left"]
        self.born = "left"
        return {"left": [0, 0]}, {"left": {}}

    def step(self, actions):
        self.steps += 1
        before, self.born = self.born, "left" if self.born == "right" else "right"
        self.places[before] += actions[before] + self.rng.randint(0, 2)
        ends = self.steps >= 10
        self.agents = [] if ends else [self.born]
        both = (before,) if ends else (before, self.born)
        return (
            {agent: [self.places[agent], self.steps] for agent in both},
            {before: 1.0},
            {agent: agent == before for agent in both},
            dict.fromkeys(both, False),
            {},
        )


class ByArguments(Pair, Reborn):
    def __init__(self, most=14):
        Reborn.__init__(self, most)
        Pair.__init__(self)
        self.most = most

    def is_over(self, agent):
        return self.places[agent] > self.most


class Masked(Pair):
    """What may be done is in the observation."""

    def observed(self):
        return {
            agent: {"observation": self.places[agent], "action_mask": array("b", self.mask(agent))}
            for agent in self.agents
        }

    def mask(self, agent):
        return [self.places[agent] % 2 == 0, True, self.places[agent] > 3]

    def step(self, actions):
        for agent, action in actions.items():
            if not self.mask(agent)[action]:
                raise ValueError(f"{agent} may not do {action}")
        return super().step(actions)


class BareInfos(Pair):
    """None for infos."""

    def step(self, actions):
        seen, rewards, over, late, _ = super().step(actions)
        return seen, rewards, over, late, None


class HalfDescribed(Pair):
    """Its `observation_space(agent)` raises."""

    def observation_space(self, agent):
        raise AttributeError("no observation spaces")


class OneSpace(Pair):
    """One space for all, as attributes."""

    observation_space = action_space = UNIT


class Team:
    """Lists, one item for each agent, without names."""

    n_agents = 2

    def __init__(self, form="flags"):
        self.form, self.rng = form, random.Random(1)

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.rng.seed(seed)
        self.places, self.steps = [0, 0], 0
        return list(self.places), {}

    def step(self, actions):
        self.steps += 1
        self.places = [place + action + self.rng.randint(0, 2) for place, action in zip(self.places, actions, strict=True)]
        over = [False, False] if self.steps < 12 else [True, True]
        return list(self.places), [place / 4 for place in self.places], over, [False, False], {}


class ListedTeam(Team):
    """Says by its spaces how many agents it has, and informs each from the first reset on."""

    n_agents, action_space = 3, [None] * 3

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.places = [0, 0, 0]
        return list(self.places), [{"at": 0}, {"at": 1}, {"at": 2}]

    def step(self, actions):
        seen, rewards, _, late, _ = super().step(actions)
        over = self.steps >= 12
        return seen, rewards, [over] * 3, [*late, False], [{"at": i} for i in range(3)]


class Several:
    """A space of several, as Gymnasium's Tuple."""

    spaces = (None, None)


class Central(Walk):
    """One agent that moves two: its action is a tuple, and all else is one value."""

    num_agents, action_space = 2, Several()

    def step(self, actions):
        return super().step(sum(actions))

    def seen(self):
        return [self.place, self.steps, 0]


class Contradictory(Team):
    """Three flags for two agents."""

    def step(self, actions):
        seen, rewards, over, late, info = super().step(actions)
        return seen, rewards, [*over, False], late, info
