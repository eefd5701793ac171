def key_of(agent):
    """By what the page knows an agent: a string and an int are themselves, anything else is its `str()`."""
    if agent is None or type(agent) is str:
        return agent
    if isinstance(agent, str):
        return str.__str__(agent)
    if not isinstance(agent, bool):
        try:
            number = index(agent)  # also NumPy's ints
            if -SAFE <= number <= SAFE:
                return number
        except TypeError:
            pass
    return str(agent)


def by_agent(values):
    """A Map by agent in JavaScript."""
    return map_of({key_of(agent): encode(item) for agent, item in values.items()})


def text_by_agent(values):
    return text_of(by_agent(values))


def listed(values):
    """What a list, an array, a dict or the like holds; nothing where it is none."""
    try:
        return () if isinstance(values, str) else tuple(values)
    except Exception:
        return ()


def kind_of(env):
    """What is known before the first reset: `turns` (https://pettingzoo.farama.org/api/aec/), `parallel`
    (https://pettingzoo.farama.org/api/parallel/), `vector` (https://gymnasium.farama.org/api/vector/) or `single`."""
    # a wrapper may pass these on, but one that has whatever it is asked for is no game
    kinds = [type(each) for each in chain_of(env)]
    if has_turns(env) or all(any(callable(getattr(kind, name, None)) for kind in kinds) for name in ("last", "observe")):
        return "turns"
    space = look_up(env, "action_space")
    if look_up(env, "possible_agents") is not None or callable(space) or team_of(env) is not None:
        return "parallel"
    if any(isinstance(look_up(env, name), dict) for name in ("action_spaces", "observation_spaces")):
        return "parallel"
    return "single" if num_envs_of(env) is None else "vector"


def has_turns(env):
    return look_up(env, "agent_selection") is not None and isinstance(look_up(env, "terminations"), dict)


def num_envs_of(env):
    number = look_up(env, "num_envs")
    return number if isinstance(number, int) else None


def team_of(env):
    """How many agents an env has whose actions, observations, rewards and flags are lists; None where nothing says so."""
    space = look_up(env, "action_space")
    if isinstance(space, (list, tuple)):
        return len(space)
    spaces = look_up(space, "spaces")
    size = look_up(env, "n_agents", look_up(env, "num_agents"))
    return size if isinstance(spaces, (list, tuple)) and size == len(spaces) else None


def known_agents(env):
    """Those whom an env names, in its order: by `possible_agents` and `agents`, or else by its spaces' keys, and by what
    was last observed."""
    if env.team is not None:
        return list(range(env.team))
    named = {}
    named_by(env.env, named)
    if env.kind == "parallel" and isinstance(env.seen, tuple):
        take_names(env.seen[0] if isinstance(env.seen[0], dict) else (), named)
    return list(named)


def named_by(env, named):
    for name in ("possible_agents", "agents"):
        take_names(listed(look_up(env, name)), named)
    if not named:
        actions, observations = (spaces_by_key(env, kind) for kind in ("action", "observation"))
        # a Dict may be one agent's space
        if not actions or not observations or actions.keys() == observations.keys():
            take_names(actions or observations or (), named)


def take_names(agents, named):
    for agent in agents:
        try:
            named.setdefault(agent)
        except TypeError:
            pass  # it cannot be a key, so it is no name


def agents_now(env):
    names = {}
    take_names(listed(look_up(env.env, "agents")), names)
    return tuple(names)


def spaces_by_key(env, kind):
    spaces = spaces_of(env, kind)[1]
    return spaces if isinstance(spaces, dict) else None


def spaces_of(env, kind):
    """The space of all agents together, or the dict of their spaces; and what it is made of, where it is of others."""
    space = look_up(env, f"{kind}_space")
    if callable(space):
        return None, None
    spaces = look_up(env, f"{kind}_spaces")
    space = space if spaces is None else spaces
    return space, space if isinstance(space, (dict, list, tuple)) else look_up(space, "spaces")


def space_of(env, kind, agent, is_team=False):
    """PettingZoo has methods (https://pettingzoo.farama.org/api/parallel/), other multi-agent envs have dicts or lists, or
    one space for each of the agents."""
    method = look_up(env, f"{kind}_space")
    if callable(method):
        return method(agent)
    space, spaces = spaces_of(env, kind)
    if isinstance(spaces, dict):
        return spaces.get(agent, None if spaces is space else space)
    if isinstance(spaces, (list, tuple)) and (is_team or spaces is space):
        return spaces[agent] if type(agent) is int and agent < len(spaces) else None
    return space


def fit_for(env, agent, action):
    """An agent's action as its space asks for it."""
    try:
        space = space_of(env.env, "action", agent, env.team is not None)
    except Exception:
        space = None
    return fit_action(space, action)


def named(agents, key):
    """The one of the agents that a key from JavaScript means: an object's keys are strings there, and so is what is neither
    a string nor an int."""
    if key in agents:
        return key
    return next((agent for agent in agents if str(key_of(agent)) == str(key)), key)


def fit_joint(env, action):
    """The actions of a parallel env's agents: by agent as the env names them, or of a team one after another."""
    if env.team is not None:
        return fit_team(env, action)
    if not isinstance(action, dict):
        return action
    agents = known_agents(env)
    joint = {named(agents, key): item for key, item in action.items()}
    return {agent: fit_for(env, agent, item) for agent, item in joint.items()}


def fit_team(env, action):
    if isinstance(action, dict):
        given = {named(range(env.team), key): item for key, item in action.items()}
        missing = [agent for agent in range(env.team) if agent not in given]
        if missing:
            raise TypeError(f"expected an action for each of the {env.team} agents, got none for {missing}")
        action = [given[agent] for agent in range(env.team)]
    if not isinstance(action, (list, tuple)):
        return action
    fitted = [fit_for(env, agent, item) for agent, item in enumerate(action)]
    # Gymnasium's Tuple asks for a tuple
    return tuple(fitted) if look_up(look_up(env.env, "action_space"), "spaces") is not None else fitted
