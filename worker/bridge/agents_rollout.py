# The first step of a rollout came out to be that of several agents: its action and its result.
class OfAgents(Exception):
    pass


def roll_out_of_agents(env, actions, policy, steps, once, resets, first=None):
    """As `roll_out`, with columns by agent. `first`: the action and the values of a step that was taken already."""
    trajectory = JointTrajectory(resets)
    if first is not None:
        action, values = first
        trajectory.add(env, actions_by_agent(env, action), *values)
    rows = actions.tolist() if isinstance(actions, memoryview) else actions
    choose = None if actions is not None else joint_policy(env, policy)
    while trajectory.count < steps and not (once and trajectory.count and env.is_over):
        if env.is_over:
            trajectory.begin_episode(env)
        trajectory.add(env, *joint_step(env, rows[trajectory.count] if choose is None else choose))
    core = text_of([trajectory.count, trajectory.encoded(), env.is_over, env.index, env.episode])[1:-1]
    digest = crc32(core.encode(), answer.checksum)
    return f"[{core},[{','.join(trajectory.resets)}],{digest}]", digest


def joint_step(env, action):
    """Takes a step by a given action, or by a function that chooses one. Returns the actions by agent and the values."""
    if env.kind == "turns":
        settle(env)
        if callable(action):
            if env.seen is UNKNOWN:
                env.seen = seen_by(env)
            action = None if env.agent is None else action(env.agent, *env.seen)
        acted = {env.agent: fit_for(env, env.agent, action)}
        return acted, *turn_outcome(env, acted[env.agent])
    if callable(action):
        if env.seen is UNKNOWN:
            raise TypeError(FORGOTTEN)
        observation, info = env.seen
        action = {
            agent: action(agent, of_agent(observation, agent), of_agent(info, agent)) for agent in acting_agents(env)
        }
    action = env.fit_to_space(action)
    if env.before_step is not None:
        exec(env.before_step, vars(__main__))
    values = env.read(env.env.step(action))[1:]
    if env.kind != "parallel":
        raise TypeError("expected env.step() to return values by agent, got one agent's: roll it out once more")
    return actions_by_agent(env, action), *values


def of_agent(values, agent):
    return values.get(agent) if isinstance(values, dict) else values


def actions_by_agent(env, action):
    if isinstance(action, dict):
        return action
    return dict(enumerate(list_of(action) or ()))


class JointTrajectory:
    """The steps of a rollout of several agents so far."""

    def __init__(self, resets):
        self.count = 0
        self.of = {}  # columns by agent
        self.resets = [*resets]  # texts

    def begin_episode(self, env):
        self.resets.append(begin_episode(env, self.count)[1])

    def add(self, env, actions, observation, reward, terminated, truncated, done, info, total):
        row = self.count
        self.count += 1
        if env.kind == "turns":
            observation = {} if env.agent is None else {env.agent: observation}
        for agent, action in actions.items():
            self.columns(agent).act(row, action)
        for agent, value in observation.items() if isinstance(observation, dict) else ():
            self.columns(agent).observe(row, value)
        for agent in {**reward, **terminated, **truncated}:
            gained = reward.get(agent, 0), terminated.get(agent, False), truncated.get(agent, False)
            self.columns(agent).gain(row, *gained)

    def columns(self, agent):
        columns = self.of.get(agent)
        if columns is None:
            columns = self.of[agent] = AgentColumns()
        return columns

    def encoded(self):
        return map_of({key_of(agent): columns.encoded() for agent, columns in self.of.items()})


class AgentColumns:
    """What one agent did, saw and got, and in which steps of the rollout."""

    def __init__(self):
        self.rows, self.rewards, self.terminations, self.truncations = array("i"), [], bytearray(), bytearray()
        self.acted, self.actions = array("i"), Column()
        self.observed, self.observations = array("i"), Column()

    def gain(self, row, reward, terminated, truncated):
        self.rows.append(row)
        self.rewards.append(reward)
        self.terminations.append(terminated)
        self.truncations.append(truncated)

    def act(self, row, action):
        self.acted.append(row)
        self.actions.add(action)

    def observe(self, row, observation):
        self.observed.append(row)
        self.observations.add(observation)

    def encoded(self):
        flags = [{**encode(each), "dtype": "bool"} for each in (self.terminations, self.truncations)]
        acted, observed = encode(self.acted), encode(self.observed)
        rewards = encoded_rewards(self.rewards)
        return [encode(self.rows), rewards, *flags, acted, self.actions.encoded(), observed, self.observations.encoded()]


def joint_policy(env, policy):
    """A function that chooses an agent's action by what it observed, and its info."""
    if not isinstance(policy, dict):
        return chooser(env, policy)
    choosers = {str(key): chooser(env, each) for key, each in policy.items()}

    def choose(agent, observation, info):
        key = str(key_of(agent))
        if key not in choosers:
            raise TypeError(f"expected a policy for each agent, got none for {key!r}, but for {list(choosers)}")
        return choosers[key](agent, observation, info)

    return choose


def chooser(env, policy):
    if policy == "random":
        return lambda agent, observation, info: sampled(
            space_of(env.env, "action", agent, env.team is not None), agent, mask_of(observation, info)
        )
    function = policy_of_source(env, policy)
    try:
        kinds = [each.kind for each in inspect.signature(function).parameters.values()]
    except (TypeError, ValueError):
        kinds = []
    count = 3 if inspect.Parameter.VAR_POSITIONAL in kinds or not kinds else len(kinds)
    return lambda agent, observation, info: function(*(observation, agent, info)[:count])


def sampled(space, agent, mask):
    """An action that the mask allows: https://gymnasium.farama.org/api/spaces/fundamental/"""
    kind = type(space)
    if kind not in masked_kinds:
        masked_kinds[kind] = takes(space, "sample", "mask")
    if mask is not None and masked_kinds[kind]:
        numpy = sys.modules.get("numpy")
        return space.sample(mask if numpy is None or isinstance(mask, tuple) else numpy.asarray(mask, dtype="int8"))
    legal = [i for i, each in enumerate(listed(mask)) if each]
    if legal:
        return getattr(space, "start", 0) + random.choice(legal)
    if not callable(getattr(space, "sample", None)):
        got = opaque(space)["__repr__"][:200]
        raise TypeError(f"expected an action space with sample() for the agent {agent!r}, got {got}")
    return space.sample()


masked_kinds = {}  # a cache: which kinds of spaces sample by a mask
FORGOTTEN = "the latest observation cannot be pickled and was not brought back with the env's state: reset it"
