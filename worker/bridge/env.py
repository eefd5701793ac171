class ResetNeeded(Exception):
    """As Gymnasium's: https://gymnasium.farama.org/api/utils/"""

    pass


class Env:
    """One env, its counters, and what it needs for a step."""

    # what a state has of it, beside the env's own
    counters = ("index", "episode", "is_reset", "is_over", "total", "entropy", "kind", "team", "dead", "listed")

    def __init__(self, env, entropy_stream, before_step=None, max_steps=None, episodes=0):
        if isinstance(env, type):
            raise TypeError(f"expected an env, got the class {env.__name__}: write env = {env.__name__}(…)")
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
        self.seen = None  # the latest observation; of several agents, with the info
        self.policies = {}  # of rollouts: functions by their source
        self.entropy = entropy_stream
        self.problems = {}  # those that were told, see tell_problem
        self.spaces, self.description = [], None  # those that were described, and a checksum of what was said of them
        self.total = 0
        self.used = {}  # fonts and sounds by their paths
        self.captures = 0  # of its state
        self.not_captured = set()  # names in `__main__` whose values cannot be
        self.frames = 0  # so many were looked at for what they change
        self.is_changed_by_frames = False
        self.imported = None  # how many modules and names there were when these were looked for:
        self.packages = frozenset()  # whose modules and classes may hold some of its state
        self.holders = set()  # those modules and classes
        self.late_holders = set()  # those that were imported since the set-up
        self.marks = {}  # of what those held at the set-up
        self.functions = {}  # functions that keep something, and marks of that
        self.kind = kind_of(env)
        self.num_envs = num_envs_of(env)
        self.team = team_of(env) if self.kind == "parallel" else None  # how many agents, where values are lists of theirs
        self.dead = set()  # agents whose episode has ended
        self.listed = ()  # the agents that a parallel env named after the latest step
        self.agent = None  # of a turn-based env: who acts next
        # Gym before 0.26 took the mode at each call: https://gymnasium.farama.org/introduction/migration_guide/
        self.render_arguments = {"mode": old_render_mode(env)} if takes(env, "render", "mode", False) else {}

    def reset(self, seed=None, options=None):
        begun = self.begin_anew(seed, options)
        notice_spaces(self)
        return begun

    def begin_anew(self, seed=None, options=None):
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
        self.index = 0
        self.episode += 1
        self.is_reset = True
        self.is_over = False
        self.total = 0
        return self.begin(result)

    def begin(self, result):
        """An episode, by what the env's reset() returned."""
        if self.kind == "turns" or result is None and has_turns(self.env):
            self.kind, self.total = "turns", {}
            return begin_turns(self)
        observation, info = observation_and_info(result)
        self.seen = observation
        if self.kind == "vector":
            return observation, info
        return begin_parallel(self, observation, info)

    def step(self, action):
        """Returns the step as the text that is sent, and the digest by which a replay compares it."""
        if self.is_over:
            raise ResetNeeded(
                f"expected a step of an episode that goes on, but this one is over after {self.index} steps: reset the env first "
                "(untilDone() ends a loop there, episodes() and autoreset begin the next episode)"
            )
        if not self.is_reset:
            self.reset()
        if self.kind == "turns":
            return text_of_turn(self, *turn_outcome(self, action))
        if self.kind == "single":
            action = fit_action(look_up(self.env, "action_space"), action)
        else:
            action = self.fit_to_space(action)
        if self.before_step is not None:
            exec(self.before_step, vars(__main__))
        result = self.env.step(action) if answer.spent is None else timed_step(self.env, action)
        return self.text_of_step(*self.read(result))

    def read(self, result):
        """Counts a step by what the env returned. Returns how its values become text, the values, and the return so far."""
        over_time = self.counted()
        if type(result) is not tuple or len(result) != 5:
            result = checked(result)
        observation, reward, terminated, *truncated, info = result
        self.seen = observation
        if self.kind != "single" or type(reward) not in scalars or type(terminated) not in scalars:
            values = self.read_by_kind(observation, reward, terminated, truncated, info, over_time)
            if values is not None:
                return values
        if terminated is False and truncated and truncated[0] is False:
            truncated = over_time
        else:
            terminated, truncated = flags_of(terminated, truncated, info)
            truncated = truncated or over_time
        self.is_over = done = terminated or truncated
        kind = type(reward)
        if kind is not float:
            reward = float(reward) if conversions.get(kind) is float else reward_of(reward)
        if type(reward) is float and type(self.total) in NUMBERS:
            self.total += reward
        else:
            self.total = added(self.total or 0, reward)
        return text_of_value, observation, reward, terminated, truncated, done, {} if info is None else info, self.total

    def read_by_kind(self, observation, reward, terminated, truncated, info, over_time):
        """What a step of several agents or envs comes to; None where it is a single agent's."""
        if self.kind == "vector":
            return vector_outcome(self, observation, reward, terminated, truncated, info, over_time)
        if self.kind == "parallel" or not (is_scalar(reward) and is_scalar(terminated)):
            values = by_agents(self, observation, reward, terminated, truncated, info)
            if values is not None:
                return parallel_outcome(self, *values, over_time)
            self.kind = "single"  # whatever it looked like
        return None

    def counted(self):
        """Counts a step that the env has taken, whatever can be made of its result. Returns whether it was the last."""
        self.index += 1
        self.is_over = self.max_steps is not None and self.index >= self.max_steps
        return self.is_over

    def text_of_step(self, text, observation, reward, terminated, truncated, done, info, total):
        answer.checksum = 0
        before = len(answer.sizes)
        goes_on = terminated is False and truncated is False and not done
        flags = "false,false,false" if goes_on else f"{text(terminated)},{text(truncated)},{'true' if done else 'false'}"
        core = f"{text(observation)},{text(reward)},{flags},{self.index},{self.episode}"
        # the digest leaves out `info`, which may tell the time
        digest = crc32((renumbered(core, before) if before else core).encode(), answer.checksum)
        return f"{core},{text(info)},{text(total)},{digest}", digest

    def fit_to_space(self, action):
        """The action as the env's space asks for it."""
        if self.kind == "parallel":
            return fit_joint(self, action)
        return fit_action(look_up(self.env, "action_space"), action)

    def encoded(self, values):
        """What a reset returned: by agent, where that is known already."""
        return by_agent(values) if self.kind == "parallel" and isinstance(values, dict) else encode(values)

    def text_of_reset(self, values):
        return text_of(self.encoded(values)) if self.kind == "parallel" else text_of_value(values)


def timed_step(env, action):
    begun = perf_counter()
    try:
        return env.step(action)
    finally:
        answer.spent += (perf_counter() - begun) * 1000


def takes(env, name, parameter, by_kwargs=True):
    """Whether a method of an env takes a parameter; a wrapper with **kwargs takes what the env inside takes."""
    try:
        parameters = inspect.signature(getattr(env, name)).parameters
    except Exception:
        return False
    if parameter in parameters:
        return True
    passes_on = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    inside = look_up(env, "unwrapped", env)
    return passes_on and (takes(inside, name, parameter, by_kwargs) if inside is not env else by_kwargs)


def old_render_mode(env):
    metadata = look_up(env, "metadata")
    modes = (metadata if isinstance(metadata, dict) else {}).get("render.modes") or ["rgb_array"]
    return "rgb_array" if "rgb_array" in modes else next((mode for mode in modes if mode != "human"), "human")


def vector_outcome(env, observation, reward, terminated, truncated, info, over_time):
    if not truncated:
        raise TypeError("expected step() of an env with num_envs to return five values, got four")
    reward, terminated, truncated = (
        elements(values, env.num_envs) for values in (reward, terminated, truncated[0])
    )
    total = list(map(add, env.total or [0] * env.num_envs, reward))
    # a vector env resets its envs itself: those that have just ended begin anew with the next step
    env.total = [0 if over or late else value for value, over, late in zip(total, terminated, truncated, strict=True)]
    flags = [memoryview(bytes(map(bool, values))).cast("?") for values in (terminated, truncated)]
    return text_of_value, observation, array("d", reward), *flags, over_time, info, array("d", total)
