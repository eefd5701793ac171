class Env:
    """One env, its counters, and what it needs for a step."""

    def __init__(self, env, entropy_stream, before_step=None, max_steps=None, episodes=0):
        for method in ("reset", "step"):
            if not callable(getattr(env, method, None)):
                raise TypeError(f"expected an env with reset() and step(), got {type(env).__name__} without {method}()")
        self.env = env
        self.before_step = compiled(before_step, "<beforeStep>") if before_step else None
        self.max_steps = max_steps
        self.index = 0
        self.episode = episodes
        self.is_reset = False
        self.is_over = False
        self.seen = None  # the latest observation
        self.policy = (None, None)  # the latest rollout's policy: source and function
        self.entropy = entropy_stream
        self.total = 0
        # https://pettingzoo.farama.org/api/parallel/
        self.parallel = getattr(env, "possible_agents", None) is not None
        # https://gymnasium.farama.org/api/vector/
        num_envs = getattr(env, "num_envs", None)
        self.num_envs = num_envs if isinstance(num_envs, int) else None
        # Gym before 0.26 took the mode at each call: https://gymnasium.farama.org/introduction/migration_guide/
        self.render_arguments = {"mode": old_render_mode(env)} if takes(env, "render", "mode", False) else {}

    def reset(self, seed=None, options=None):
        arguments = {}
        if seed is not None:
            if takes(self.env, "reset", "seed"):
                arguments["seed"] = seed
            elif callable(getattr(self.env, "seed", None)):
                self.env.seed(seed)  # Gym before 0.26
            else:
                raise TypeError("a seed was given, but the env's reset() takes none and it has no seed()")
        if options is not None:
            arguments["options"] = options
        result = ended(self.env.reset(**arguments))
        # Gym before 0.26 returned the observation alone
        is_pair = isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], dict)
        observation, info = result if is_pair else (result, {})
        self.index = 0
        self.episode += 1
        self.is_reset = True
        self.is_over = False
        self.seen = observation
        self.total = {} if self.parallel else 0
        return observation, info

    def step(self, action):
        """Returns the step as the text that is sent, and the digest by which a replay compares it."""
        if not self.is_reset:
            self.reset()
        if self.before_step is not None:
            exec(self.before_step, vars(__main__))
        action = self.fit_to_space(action)
        result = self.env.step(action) if answer.spent is None else timed_step(self.env, action)
        observation, reward, terminated, *truncated, info = checked(result)
        self.index += 1
        over_time = self.max_steps is not None and self.index >= self.max_steps
        if isinstance(reward, dict):
            return self.parallel_step(observation, reward, terminated, truncated, info, over_time)
        if self.num_envs is not None:
            return self.vector_step(observation, reward, terminated, truncated, info, over_time)
        terminated, truncated = flags_of(terminated, truncated, info)
        truncated = truncated or over_time
        reward = number(reward)
        self.total = number(self.total + reward)
        return self.outcome(text_of_value, observation, reward, terminated, truncated, terminated or truncated, info, self.total)

    def parallel_step(self, observation, reward, terminated, truncated, info, over_time):
        self.parallel = True
        if not isinstance(self.total, dict):
            self.total = {}
        reward = {agent: number(value) for agent, value in reward.items()}
        terminated = {agent: bool(value) for agent, value in terminated.items()}
        truncated = {agent: bool(value) for agent, value in (truncated[0] if truncated else {}).items()}
        # RLlib's key for all agents together: where it is given, it decides
        everybody = [flags.pop("__all__") for flags in (terminated, truncated) if "__all__" in flags]
        agents = {**terminated, **truncated}
        terminated = {agent: terminated.get(agent, False) for agent in agents}
        truncated = {agent: truncated.get(agent, False) or over_time for agent in agents}
        for agent, value in reward.items():
            self.total[agent] = number(self.total.get(agent, 0) + value)
        # agents that were done before are not in the dicts any more: the episode is over when none is left
        left = any(not terminated[agent] and not truncated[agent] for agent in agents)
        done = over_time or (any(everybody) if everybody else not left)
        return self.outcome(text_of_map, observation, reward, terminated, truncated, done, info, self.total)

    def vector_step(self, observation, reward, terminated, truncated, info, over_time):
        if not truncated:
            raise TypeError("expected step() of an env with num_envs to return five values, got four")
        reward, terminated, truncated = (
            elements(values, self.num_envs) for values in (reward, terminated, truncated[0])
        )
        total = list(map(add, self.total or [0] * self.num_envs, reward))
        # a vector env resets its envs itself: those that have just ended begin anew with the next step
        self.total = [0 if over or late else value for value, over, late in zip(total, terminated, truncated, strict=True)]
        flags = [memoryview(bytes(map(bool, values))).cast("?") for values in (terminated, truncated)]
        return self.outcome(text_of_value, observation, array("d", reward), *flags, over_time, info, array("d", total))

    def outcome(self, text, observation, reward, terminated, truncated, done, info, total):
        answer.checksum = 0
        before = len(answer.sizes)
        self.is_over = done
        self.seen = observation
        core = (
            f"{text(observation)},{text(reward)},{text(terminated)},{text(truncated)},"
            f"{'true' if done else 'false'},{self.index},{self.episode}"
        )
        # the digest leaves out `info`, which may tell the time
        digest = crc32((renumbered(core, before) if before else core).encode(), answer.checksum)
        return f"{core},{text(info)},{text(total)},{digest}", digest

    def fit_to_space(self, action):
        """The action as the env's space asks for it."""
        if self.parallel and isinstance(action, dict):
            # an object's keys are strings in JavaScript, also where the agents are ints
            known = (*(getattr(self.env, "possible_agents", None) or ()), *(getattr(self.env, "agents", None) or ()))
            agents = {str(agent): agent for agent in known}
            named = {agent if agent in agents.values() else agents.get(str(agent), agent): item for agent, item in action.items()}
            return {agent: fit_action(space_of(self.env, "action", agent), item) for agent, item in named.items()}
        return fit_action(getattr(self.env, "action_space", None), action)

    def frame(self):
        return encode_frame(ended(self.env.render(**self.render_arguments)))

    def describe(self):
        if not self.parallel:
            agents = None
            spaces = [describe_space(getattr(self.env, f"{kind}_space", None)) for kind in ("action", "observation")]
        else:
            names = list(self.env.possible_agents)
            agents = encode(names)
            spaces = [
                map_of({agent: describe_space(space_of(self.env, kind, agent)) for agent in names})
                for kind in ("action", "observation")
            ]
        return [agents, *spaces, encode(getattr(self.env, "metadata", None) or {}), self.num_envs]


def timed_step(env, action):
    begun = perf_counter()
    try:
        return env.step(action)
    finally:
        answer.spent += (perf_counter() - begun) * 1000


def checked(result):
    if not isinstance(result, (tuple, list)) or len(result) not in (4, 5):
        if inspect.isawaitable(result):
            return checked(ended(result))
        raise TypeError(
            "expected env.step() to return (observation, reward, terminated, truncated, info), "
            f"got {opaque(result)['__repr__'][:200]}"
        )
    return result


def flags_of(terminated, truncated, info):
    """Whether the episode ended and whether it was cut off. `truncated` is a list, empty where the env gave four values."""
    if truncated:
        return bool(terminated), bool(truncated[0])
    # Gym before 0.26: one flag, and the time limit in the info (https://gymnasium.farama.org/introduction/migration_guide/)
    cut_off = bool(terminated) and bool(info.get("TimeLimit.truncated", False))
    return bool(terminated) and not cut_off, cut_off


def takes(env, name, parameter, by_kwargs=True):
    """Whether a method of an env takes a parameter; a wrapper with **kwargs takes what the env inside takes."""
    try:
        parameters = inspect.signature(getattr(env, name)).parameters
    except (AttributeError, TypeError, ValueError):
        return False
    if parameter in parameters:
        return True
    passes_on = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    inside = getattr(env, "unwrapped", env)
    return passes_on and (takes(inside, name, parameter, by_kwargs) if inside is not env else by_kwargs)


def old_render_mode(env):
    modes = (getattr(env, "metadata", None) or {}).get("render.modes") or ["rgb_array"]
    return "rgb_array" if "rgb_array" in modes else next((mode for mode in modes if mode != "human"), "human")


def number(value):
    """A reward as an int or a float; a float where an int is larger than JavaScript's numbers can count."""
    try:
        if type(value) not in (int, float):
            value = value.item() if hasattr(value, "item") else float(value)
        return float(value) if isinstance(value, int) and not -SAFE <= value <= SAFE else value
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"expected a number as reward, got {opaque(value)['__repr__'][:200]}") from None


def elements(values, size):
    """A vector env's array of one value for each env, as a list."""
    try:
        listed = list(values) if isinstance(values, (list, tuple)) else memoryview(values).tolist()
        if len(listed) == size:
            return listed
    except TypeError:
        pass
    raise TypeError(f"expected an array of {size}, one for each env, got {opaque(values)['__repr__'][:200]}")
