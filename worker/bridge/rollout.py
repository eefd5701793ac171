def roll_out(env, actions, policy, steps, once):
    """Many steps in one command, as columns instead of rows; returns their text and their digest. After an episode that is
    over the next one begins, or, with `once`, the rollout ends."""
    if env.parallel or env.num_envs is not None:
        raise TypeError("rollout() takes a single-agent env, got one with possible_agents or num_envs: step it")
    answer.checksum = 0
    trajectory = Trajectory(steps)
    rows = None if actions is None else fitted_rows(env, actions)
    decide = None if actions is not None else policy_function(env, policy)
    while len(trajectory.rewards) < steps and not (once and trajectory.ends):
        if not env.is_reset or env.is_over:
            trajectory.begin_episode(env)
        count = len(trajectory.rewards)
        most = steps if env.max_steps is None else min(steps, count + env.max_steps - env.index)
        play(env, rows, decide, most, once or env.max_steps is not None, trajectory)
    count = len(trajectory.rewards)
    if rows is not None:
        trajectory.actions = Column(rows[:count])
    terminations, truncations = bytearray(count), bytearray(count)
    for row, terminated, truncated in trajectory.ends:
        terminations[row] = terminated
        truncations[row] = truncated
    columns = [trajectory.observations.encoded(), trajectory.actions.encoded(), encode(array("d", trajectory.rewards))]
    columns += [{**encode(flags), "dtype": "bool"} for flags in (terminations, truncations)]
    core = text_of([count, *columns, env.is_over, env.index, env.episode])[1:-1]
    digest = crc32(core.encode(), answer.checksum)
    return f"[{core},[{','.join(trajectory.resets)}],{digest}]", digest


class Trajectory:
    """The steps of a rollout so far."""

    def __init__(self, most):
        self.observations = Column(most=most)
        self.actions = Column()
        self.rewards = []  # floats
        self.ends = []  # of episodes: row, terminated, truncated
        self.resets = []  # texts

    def begin_episode(self, env):
        observation, info = env.reset()
        text, checksum = text_of_value(observation), answer.checksum
        self.resets.append(f"[{len(self.rewards)},{env.episode},{text},{text_of_value(info)}]")
        answer.checksum = checksum  # the digest leaves out `info`, which may tell the time
        return observation


def play(env, rows, decide, most, one_episode, trajectory):
    """Steps until there are `most` steps, or with `one_episode` until it is over. This is the hot loop: whatever is the same
    for all steps is done outside of it, so that a step costs hardly more than the env's own."""
    if decide is not None and env.seen is UNKNOWN:
        raise TypeError("the latest observation cannot be pickled and was not brought back with the env's state: reset it")
    step, before_step, names = env.env.step, env.before_step, vars(__main__)
    rewards, column = trajectory.rewards, trajectory.observations
    first, observation, terminated, truncated = len(rewards), env.seen, False, False
    store = column.store_for(observation, first)
    size, add_observation, add_reward = column.size, column.add, rewards.append
    at = first * size

    def next_actions(first=first):
        for row in repeat(None) if rows is None else islice(rows, first, most):
            action = row if decide is None else decide(observation)
            if decide is not None:
                trajectory.actions.add(action)
            if before_step is not None:
                exec(before_step, names)
            yield action

    as_given = decide is None and before_step is None
    actions = islice(rows, first, most) if as_given else islice(next_actions(), most - first)
    try:
        for action in actions:
            result = step(action)
            try:
                observation, reward, terminated, truncated, info = result
                if size:
                    store[at : (at := at + size)] = observation
                else:
                    add_observation(observation)
                if type(reward) is not float:
                    reward = float(number(reward))
            except (TypeError, ValueError, BufferError):
                # four values, or an observation that does not fit the store
                observation, reward, terminated, *truncated, info = checked(result)
                terminated, truncated = flags_of(terminated, truncated, info)
                size = 0
                column.leave_store(len(rewards))
                add_observation(observation)
                reward = float(number(reward))
            add_reward(reward)
            if terminated or truncated:
                if one_episode or len(rewards) == most:
                    break
                trajectory.ends.append((len(rewards) - 1, bool(terminated), bool(truncated)))
                observation = trajectory.begin_episode(env)
                first = len(rewards)
                terminated = truncated = False
    finally:
        done = len(rewards) - first
        column.stored = len(rewards) if size else 0
        env.index += done
        env.total = deque(accumulate(rewards[first:], initial=env.total), 1).pop()
        env.seen = observation
        if done:
            over_time = env.max_steps is not None and env.index >= env.max_steps
            terminated, truncated = bool(terminated), bool(truncated) or over_time
            env.is_over = terminated or truncated
            if env.is_over:
                trajectory.ends.append((len(rewards) - 1, terminated, truncated))


def fitted_rows(env, actions):
    rows = actions.tolist() if isinstance(actions, memoryview) else actions
    kinds = set(map(type, rows))
    if kinds == {int} and not getattr(getattr(env.env, "action_space", None), "shape", None):
        try:
            # for a Discrete, each fits as it is
            return array("i", rows)
        except OverflowError:
            return rows
    return [env.fit_to_space(row) for row in rows]


def policy_function(env, policy):
    """The function that chooses an action for an observation; compiled once for each source."""
    if policy == "random":
        sample = env.env.action_space.sample
        return lambda _: sample()
    if env.policy[0] != policy:
        names = {"__name__": "policy"}
        exec(compiled(policy, "<policy>"), names)
        if not callable(names.get("policy")):
            raise NameError("expected the policy's source to leave a function named `policy`, it has none")
        env.policy = policy, names["policy"]
    return env.policy[1]


class Column:
    """One value for each step, copied when it is added, and one array in the end where all are alike. One-dimensional
    arrays like the first go into a store of `most` rows: assigning to a slice of it copies, and checks format and length."""

    def __init__(self, rows=(), most=0):
        self.most = most
        self.store, self.layout = None, None
        self.size = 0  # elements of a row in the store; 0 where it is not in use
        self.stored = 0  # rows in the store
        self.rows = []
        self.layouts = set()
        if type(rows) is array:
            self.rows = rows
        else:
            for row in rows:
                self.add(row)

    def store_for(self, value, count):
        """The store, or None where the first value is no array for it; `count`: the rows so far."""
        if self.store is None and count == 0 and self.most:
            try:
                with memoryview(value) as view:
                    if view.format in NATIVE and view.ndim == 1 and view.nbytes:
                        self.layout, self.size = (view.format, view.shape), len(view)
                        self.store = memoryview(bytearray(self.most * view.nbytes)).cast(view.format)
            except (TypeError, ValueError, BufferError):
                pass
        return self.store

    def leave_store(self, count):
        """Keeps the first `count` rows, and adds those to come one by one."""
        if self.size:
            code, shape = self.layout
            data = self.store[: count * self.size].tobytes()
            width = len(data) // count if count else 0
            self.rows = [(data[i * width : (i + 1) * width], code, shape) for i in range(count)]
            if count:
                self.layouts.add(self.layout)
            self.size = self.stored = 0
        del self.rows[count:]

    def add(self, value):
        kind = type(value)
        if kind is not float and kind is not int:
            try:
                with memoryview(value) as view:
                    if view.format in NATIVE and view.nbytes and view.ndim:
                        self.layouts.add((view.format, view.shape))
                        self.rows.append((view.tobytes(), view.format, view.shape))
                        return
            except (TypeError, ValueError, BufferError):
                pass
            value = encode(value)
        self.rows.append(value)

    def encoded(self):
        if self.stored:
            code, shape = self.layout
            rows = self.store[: self.stored * self.size].cast("B")
            return encode(rows.cast(code, (self.stored, *shape)))
        if type(self.rows) is array:
            return encode(self.rows)
        kinds = set(map(type, self.rows))
        if kinds == {tuple} and len(self.layouts) == 1:
            ((code, shape),) = self.layouts
            return encode(memoryview(b"".join(row[0] for row in self.rows)).cast(code, (len(self.rows), *shape)))
        if kinds == {float}:
            return encode(array("d", self.rows))
        if kinds == {int} and -(2**31) <= min(self.rows) and max(self.rows) < 2**31:
            return encode(array("i", self.rows))
        return [self.encoded_row(row) for row in self.rows]

    def encoded_row(self, row):
        if type(row) is tuple:
            data, code, shape = row
            return encode(memoryview(data).cast(code, shape))
        return encode(row) if type(row) in (int, float) else row
