# Envs whose agents act at the same time: https://pettingzoo.farama.org/api/parallel/


def begin_parallel(env, observation, info):
    """After a reset of an env without turns: what is observed and informed, by agent where that is known already."""
    if env.kind == "single" and isinstance(observation, dict) and observation and observation.keys() <= set(agents_now(env)):
        env.kind = "parallel"
    if env.kind == "parallel":
        agents = agents_now(env)
        if env.team is not None and length_of(observation) == env.team:
            observation, info = dict(enumerate(observation)), infos_of(info, env.team)
        elif env.team is not None and not isinstance(observation, dict):
            env.kind, env.team = "single", None  # whatever it looked like
            env.seen = observation
            return observation, info
        env.dead, env.listed = set(), agents
        env.seen, env.total = (observation, info), {}
    return observation, info


def by_agents(env, observation, reward, terminated, truncated, info):
    """The values of a step as dicts by agent, whatever form they have; None where they are one agent's. `truncated` is a
    list, empty where the env gave four values."""
    info = {} if info is None else info
    truncated = truncated[0] if truncated else {}
    if not isinstance(reward, dict) and not isinstance(terminated, dict):
        env.team = team_size(env, observation, reward, terminated, truncated)
        if env.team is None:
            return None
        agents = range(env.team)
        observation = dict(enumerate(rows_of(observation, env.team)))
    elif not isinstance(observation, dict):
        raise TypeError(
            "expected a number or a list of numbers as reward and a flag as terminated, or dicts by agent for these and the "
            f"observation, got {opaque(reward)['__repr__'][:100]}, {opaque(terminated)['__repr__'][:100]} and, as "
            f"observation, {opaque(observation)['__repr__'][:100]}"
        )
    else:
        agents = reward if isinstance(reward, dict) else [agent for agent in terminated if agent != "__all__"]
    reward, terminated, truncated = (for_each(agents, values) for values in (reward, terminated, truncated))
    if env.team is not None:
        info = infos_of(info, env.team)
    return observation, reward, terminated, truncated, info


def for_each(agents, values):
    """One for each agent: a list's, or the same for all."""
    if isinstance(values, dict):
        return values
    items = items_of(values) if isinstance(agents, range) else None
    if items is None:
        return dict.fromkeys(agents, values)
    return dict(enumerate(elements(items, len(agents), "agent")))


def infos_of(info, size):
    """A list's, or the same for all."""
    is_each = isinstance(info, (list, tuple)) and len(info) == size
    return dict(enumerate(info)) if is_each else dict.fromkeys(range(size), info)


def rows_of(observation, size):
    rows = observation if isinstance(observation, (list, tuple)) else listed(observation)
    if len(rows) != size:
        got = opaque(observation)["__repr__"][:200]
        raise TypeError(f"expected a list of observations, one for each of the {size} agents, got {got}")
    return rows


def team_size(env, observation, reward, terminated, truncated):
    """How many agents an env has whose values are lists; None where they are one agent's."""
    size = length_of(observation)
    if env.team is not None:
        is_list = size == env.team or length_of(reward) or length_of(terminated) or length_of(truncated)
        return env.team if is_list else None
    if size < 2 or length_of(reward) not in (0, size):
        return None
    flags = {length_of(terminated), length_of(truncated)} - {0}
    if flags:
        return size if flags == {size} else None
    # one flag for all: where the actions are not several, several rewards are one agent's objectives
    spaces = look_up(look_up(env.env, "action_space"), "spaces")
    is_team = length_of(reward) and isinstance(spaces, (list, tuple)) and len(spaces) == size
    return size if is_team else None


def length_of(value):
    """Of a list, a tuple or an array; 0 for anything else."""
    if isinstance(value, (list, tuple)):
        return len(value)
    return next(iter(look_up(value, "shape") or ()), 0)


def parallel_outcome(env, observation, reward, terminated, truncated, info, over_time):
    """What a step comes to, from its values by agent; flags count before rewards, which may be none."""
    env.kind = "parallel"
    terminated, truncated = dict(terminated), dict(truncated)
    # RLlib's key for all agents together: where it is given, it decides
    everybody = [flag(flags.pop("__all__")) for flags in (terminated, truncated) if "__all__" in flags]
    agents = {**terminated, **truncated}
    terminated = {agent: flag(terminated.get(agent, False)) for agent in agents}
    truncated = {agent: flag(truncated.get(agent, False)) or over_time for agent in agents}
    alive = live_agents(env, observation, {agent: terminated[agent] or truncated[agent] for agent in agents})
    env.is_over = over_time or (any(everybody) if everybody else not alive)
    env.seen = observation, info
    reward = {agent: reward_of(value) for agent, value in reward.items()}
    if not isinstance(env.total, dict):
        env.total = {}
    for agent, value in reward.items():
        env.total[agent] = added(env.total.get(agent, 0), value)
    return text_by_agent, observation, reward, terminated, truncated, env.is_over, info, env.total


def live_agents(env, observation, ended):
    """Who is left. Agents that ended before are mostly not in a step's values any more; others come while one plays."""
    now = agents_now(env)
    born = [agent for agent in now if agent not in env.listed and agent not in ended]
    if not ended.keys() & {*now, *env.listed}:
        born = []  # the list has something else than the flags' agents
    env.listed = now
    env.dead.difference_update(born)
    for agent, over in ended.items():
        (env.dead.add if over else env.dead.discard)(agent)
    observed = observation if isinstance(observation, dict) else ()
    return {agent for agent in (*ended, *observed, *born) if agent not in env.dead}


def acting_agents(env):
    """Who has to act: those that observed something and are not dead, and of a team all."""
    if env.team is not None:
        return range(env.team)
    observation = env.seen[0]
    seen = observation if isinstance(observation, dict) and observation else agents_now(env)
    return [agent for agent in seen if agent not in env.dead]
