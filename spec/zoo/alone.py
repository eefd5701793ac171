"""Plays an env as a plain Python program does, without anything of rxgym's, and tells what there was."""

import importlib
import inspect
import sys

import __main__


def play_alone(spec, kind, actions, tuples, plan, renders):
    """`plan`: `["reset", seed]` and `["steps", count]`. After an episode that is over the next one begins, without a seed."""
    player = PLAYERS[kind](make_alone(spec), list(map(tuple, actions)) if tuples else actions, renders)
    for name, value in plan:
        getattr(player, name)(value)
    return player.records, player.frames


def make_alone(spec):
    if "source" in spec:
        exec(compile(spec["source"], "<env>", "exec"), vars(__main__))
        return vars(__main__)["env"]
    if "make" in spec:
        import gymnasium

        make = gymnasium.make_vec if "numEnvs" in spec else gymnasium.make
        more = {"num_envs": spec["numEnvs"]} if "numEnvs" in spec else {}
        return make(spec["make"], **more, **spec.get("kwargs", {}))
    module, _, name = spec["entryPoint"].partition(":")
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found(**spec.get("kwargs", {}))


class Single:
    def __init__(self, env, actions, renders):
        self.env, self.actions, self.renders = env, actions, renders
        self.records, self.frames = [], []
        self.taken, self.is_over, self.total = 0, False, 0.0

    def reset(self, seed):
        takes_seed = "seed" in inspect.signature(self.env.reset).parameters or takes_any(self.env.reset)
        if seed is not None and not takes_seed and callable(getattr(self.env, "seed", None)):
            self.env.seed(seed)
        result = self.env.reset(**({"seed": seed} if seed is not None and takes_seed else {}))
        self.is_over, self.total = False, 0.0
        self.begin(result)
        self.show()

    def begin(self, result):
        # one that returns an observation alone returns no dict and no None beside it
        pair = (
            isinstance(result, (tuple, list))
            and len(result) == 2
            and (isinstance(result[1], dict) or result[1] is None and isinstance(result, tuple))
        )
        self.seen, self.info = result if pair else (result, {})
        self.records.append(["reset", kept(self.seen), kept(self.info or {})])

    def steps(self, count):
        for _ in range(count):
            if self.is_over:
                self.reset(None)
            self.taken += 1
            try:
                self.step()
            except Exception as error:
                self.records.append(["raised", type(error).__name__])
                continue
            self.show()

    def step(self):
        self.seen, reward, terminated, truncated, self.info = five(self.env.step(self.action(0, self.seen, self.info)))
        reward, terminated, truncated = plain_reward(reward), bool(terminated), bool(truncated)
        self.is_over = terminated or truncated
        self.total = added(self.total, reward)
        self.tell(reward, terminated, truncated, self.total)

    def tell(self, *parts):
        self.records.append(["step", kept(self.seen), *parts, self.is_over, kept(self.info or {})])

    def action(self, index, seen, info):
        """The same as `choose` of passes.mjs."""
        start = self.taken * 7 + index * 3
        mask = mask_of(seen) or mask_of(info)
        if mask is not None:
            return next((i % len(mask) for i in range(start, start + len(mask)) if mask[i % len(mask)]), 0)
        return self.actions[start % len(self.actions)]

    def show(self):
        if self.renders:
            takes_mode = "mode" in getattr(inspect.signature(self.env.render), "parameters", ())
            try:
                self.frames.append(kept(self.env.render("rgb_array") if takes_mode else self.env.render()))
            except Exception:
                self.frames.append(None)


class Parallel(Single):
    def begin(self, result):
        pair = isinstance(result, tuple) and len(result) == 2
        self.seen, info = result if pair else (result, {})
        self.info, self.total, self.acting = info or {}, {}, list(self.seen)
        self.records.append(["reset", kept(named(self.seen)), kept(named(self.info))])

    def step(self):
        chosen = {
            agent: self.action(i, self.seen[agent], self.info.get(agent)) for i, agent in enumerate(self.acting)
        }
        self.seen, reward, terminated, truncated, info = self.env.step(chosen)
        self.info = info or {}
        reward = {agent: plain_reward(value) for agent, value in reward.items()}
        everybody = terminated.get("__all__") or truncated.get("__all__")
        over = {agent: bool(value) for agent, value in terminated.items() if agent != "__all__"}
        late = {agent: bool(value) for agent, value in truncated.items() if agent != "__all__"}
        self.acting = [agent for agent in self.seen if not over.get(agent) and not late.get(agent)]
        agents = getattr(self.env, "agents", None)
        self.is_over = bool(everybody) if "__all__" in terminated else not (self.acting if agents is None else len(agents))
        for agent, value in reward.items():
            self.total[agent] = added(self.total.get(agent, 0.0), value)
        parts = map(named, (self.seen, reward, over, late, self.total))
        self.records.append(["step", *map(kept, parts), self.is_over, kept(named(self.info))])


class Team(Single):
    """Lists without names: the agents are 0, 1, …"""

    def begin(self, result):
        seen, info = result
        super().begin((dict(enumerate(seen)), dict(enumerate(info))))
        self.total = {}

    def step(self):
        chosen = [self.action(i, None, None) for i in range(len(self.seen))]
        seen, *lists, info = self.env.step(chosen)
        self.seen, reward, over, late = (dict(enumerate(values)) for values in (seen, *lists))
        self.info = dict(enumerate(info))
        self.is_over = all(over[agent] or late[agent] for agent in over)
        for agent, value in reward.items():
            self.total[agent] = self.total.get(agent, 0.0) + value
        self.tell(reward, over, late, dict(self.total))


class Vector(Single):
    def step(self):
        chosen = [self.action(i, None, None) for i in range(self.env.num_envs)]
        numpy = sys.modules.get("numpy")
        self.seen, reward, over, late, self.info = self.env.step(chosen if numpy is None else numpy.array(chosen))
        self.tell(list(map(float, reward)), list(map(bool, over)), list(map(bool, late)), None)


class Turns(Single):
    def begin(self, _):
        self.total = dict.fromkeys(self.env.agents, 0.0)
        self.look()
        self.records.append(["reset", name_of(self.agent), kept(self.seen), kept(self.info)])

    def look(self):
        """Steps for the dead, and looks at what the next agent sees."""
        while self.env.agents:
            agent = self.env.agent_selection
            if not self.env.terminations[agent] and not self.env.truncations[agent]:
                self.agent = agent
                self.seen, _, _, _, info = self.env.last()
                mask = self.seen.get("action_mask") if isinstance(self.seen, dict) else None
                self.info = info if mask is None else {**info, "action_mask": mask}
                return
            self.env.step(None)
        self.agent, self.seen, self.info, self.is_over = None, None, {}, True

    def step(self):
        self.env.step(self.action(0, self.seen, self.info))
        reward = {agent: plain_reward(value) for agent, value in self.env.rewards.items()}
        over, late = dict(self.env.terminations), dict(self.env.truncations)
        for agent, value in reward.items():
            self.total[agent] = self.total.get(agent, 0.0) + value
        self.look()
        parts = [named(each) for each in (reward, over, late, self.total)]
        self.records.append(["step", name_of(self.agent), kept(self.seen), *parts, self.is_over, kept(self.info)])


PLAYERS = {"single": Single, "parallel": Parallel, "team": Team, "vector": Vector, "turns": Turns}


def named(values):
    """By agent, as a page knows agents."""
    return {name_of(agent): value for agent, value in values.items()}


def name_of(agent):
    if hasattr(agent, "__index__"):
        return int(agent)
    return agent if agent is None or isinstance(agent, str) else str(agent)


def takes_any(function):
    return any(each.kind is each.VAR_KEYWORD for each in inspect.signature(function).parameters.values())


def five(result):
    if len(result) == 5:
        return result
    seen, reward, done, info = result
    late = bool(done and (info or {}).get("TimeLimit.truncated", False))
    return seen, reward, done and not late, late, info


def plain_reward(value):
    if hasattr(value, "tolist"):
        value = value.tolist()
    elif hasattr(value, "item"):
        value = value.item()
    if isinstance(value, (list, tuple)):
        return [float(each) for each in value]
    return float(value) if hasattr(value, "__float__") or isinstance(value, int) else repr(value)  # no reward at all


def added(total, reward):
    if isinstance(reward, list):
        return [a + b for a, b in zip(total or [0.0] * len(reward), reward, strict=True)]
    return reward if isinstance(reward, str) else total + reward


def mask_of(value):
    mask = value.get("action_mask") if isinstance(value, dict) else None
    return None if mask is None else list(mask)


def kept(value, depth=0):
    """As it is now: envs change the arrays that they have returned."""
    if depth > 20:
        return None  # it lies in itself
    if type(value) is dict:
        return {key: kept(item, depth + 1) for key, item in value.items()}
    if type(value) in (list, tuple):
        return [kept(item, depth + 1) for item in value]
    if hasattr(value, "dtype") and hasattr(value, "copy"):
        return value.copy()
    try:
        view = memoryview(value)
    except TypeError:
        return value
    if not view.nbytes or view.format not in set("?bBhHiIlLqQfd"):
        return value
    return memoryview(bytearray(view.tobytes())).cast(view.format, view.shape)
