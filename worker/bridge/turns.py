# Envs whose agents act in turns: https://pettingzoo.farama.org/api/aec/


def settle(env, flags=None, gained=None):
    """Makes the steps of agents that are dead, so that `env.agent` is whose turn it is, or None where nobody is left.
    `flags` and `gained` collect the flags and the rewards of these steps, by agent."""
    inside, env.agent = env.env, None
    for _ in range(DEEPEST + 2 * len(listed(look_up(inside, "agents")))):
        agents = listed(look_up(inside, "agents"))
        if not agents:
            return
        agent = inside.agent_selection
        if not is_dead(inside, agent):
            env.agent = agent
            return
        if flags is not None:
            note_flags(inside, flags)
        before = dict(look_up(inside, "_cumulative_rewards") or {})
        try:
            ended(inside.step(None))
        except Exception:
            if all(is_dead(inside, each) for each in agents):
                return  # it is over, and what is left undone changes nothing
            raise
        if gained is not None:
            gain(gained, before, look_up(inside, "_cumulative_rewards") or {})
    if not all(is_dead(inside, each) for each in listed(look_up(inside, "agents"))):
        raise RuntimeError(f"the dead agent {agent!r} is selected again and again: step(None) should remove it from agents")


def gain(gained, before, after):
    """What a dead step gave. `rewards` may still be those of the step before it, so it does not tell."""
    for agent, value in after.items():
        old = before.get(agent)
        if old is not None and type(reward_of(old)) is not array and value != old:
            gained[agent] = added(gained.get(agent, 0), number(value - old))


def is_dead(inside, agent):
    return any(flag((look_up(inside, name) or {}).get(agent, False)) for name in ("terminations", "truncations"))


def seen_by(env):
    """What the agent whose turn it is observes, and its info, which has the action mask wherever the env has it."""
    if env.agent is None:
        return None, {}
    observation, info = None, (look_up(env.env, "infos") or {}).get(env.agent)
    try:
        observation = env.env.observe(env.agent)
    except Exception as error:  # the step has happened all the same
        tell_problem(env, "observe", f"observe({env.agent!r}) raised {type(error).__name__}: {error}")
    mask = mask_of(observation, info)
    if mask is not None:
        info = {**info, "action_mask": mask} if isinstance(info, dict) else {"action_mask": mask}
    return observation, {} if info is None else info


def mask_of(observation, info):
    """Which actions are legal, where the env says so: in the info, or in the observation."""
    for values in (info, observation):
        if isinstance(values, dict) and values.get("action_mask") is not None:
            return values["action_mask"]
    return None


def begin_turns(env):
    """After a reset: whose turn it is, and what that agent sees."""
    settle(env)
    env.seen = seen_by(env)
    return env.seen


def turn_outcome(env, action):
    """Takes the step of the agent whose turn it is, and those of dead agents after it."""
    settle(env)
    agent, inside = env.agent, env.env
    if agent is None:
        raise RuntimeError("expected a step while an agent is left to act, got one after the episode's end: reset the env")
    if env.before_step is not None:
        exec(env.before_step, vars(__main__))
    action = fit_for(env, agent, action)
    ended(inside.step(action) if answer.spent is None else timed_step(inside, action))
    over_time = env.counted()
    terminated, truncated = flags = {}, {}
    note_flags(inside, flags)
    env.is_over = over_time or all(terminated[each] or truncated[each] for each in terminated)
    reward = {each: reward_of(value) for each, value in (look_up(inside, "rewards") or {}).items()}
    gained = {}
    settle(env, flags, gained)
    note_flags(inside, flags)
    env.is_over = over_time or env.agent is None
    if env.is_over:
        env.agent = None
    truncated = {each: over or over_time for each, over in truncated.items()}
    for each, value in gained.items():
        reward[each] = added(reward.get(each, 0), value)
    for each, value in reward.items():
        env.total[each] = added(env.total.get(each, 0), value)
    env.seen = observation, info = seen_by(env)
    return observation, reward, terminated, truncated, env.is_over, info, env.total


def text_of_turn(env, observation, reward, terminated, truncated, done, info, total):
    """As `Env.text_of_step`, with who acts next."""
    answer.checksum = 0
    before = len(answer.sizes)
    maps = ",".join(map(text_by_agent, (reward, terminated, truncated)))
    core = f"{text_of_value(observation)},{maps},{text_of([done, env.index, env.episode, key_of(env.agent)])[1:-1]}"
    digest = crc32((renumbered(core, before) if before else core).encode(), answer.checksum)
    return f"{core},{text_of_value(info)},{text_by_agent(total)},{digest}", digest


def note_flags(inside, flags_by_name):
    """Takes the flags of the agents that are there over into `flags_by_name`."""
    agents = {**(look_up(inside, "terminations") or {}), **(look_up(inside, "truncations") or {})}
    for name, flags in zip(("terminations", "truncations"), flags_by_name, strict=True):
        now = look_up(inside, name) or {}
        flags.update((agent, flag(now.get(agent, False))) for agent in agents)
