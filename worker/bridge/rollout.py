def roll_out(env, actions, policy, steps, once):
    """Many steps in one go, in columns instead of rows, and the digest of them. An episode that is over is followed
    by the next, or with `once` is the last."""
    global checksum
    if env.parallel or env.num_envs is not None:
        raise TypeError("rollout() takes a single-agent env, got one with possible_agents or num_envs: step it")
    checksum = 0
    tape = Tape(steps)
    rows = None if actions is None else fitted_rows(env, actions)
    decide = None if actions is not None else chooser(env, policy)
    while len(tape.rewards) < steps and not (once and tape.ends):
        if not env.is_reset or env.is_over:
            tape.begin(env)
        count = len(tape.rewards)
        most = steps if env.max_steps is None else min(steps, count + env.max_steps - env.index)
        play(env, rows, decide, most, once or env.max_steps is not None, tape)
    count = len(tape.rewards)
    if rows is not None:
        tape.actions = Column(rows[:count])
    terminations, truncations = bytearray(count), bytearray(count)
    for row, terminated, truncated in tape.ends:
        terminations[row] = terminated
        truncations[row] = truncated
    columns = [tape.observations.encoded(), tape.actions.encoded(), encode(array("d", tape.rewards))]
    columns += [{**encode(flags), "dtype": "bool"} for flags in (terminations, truncations)]
    core = text_of([count, *columns, env.is_over, env.index, env.episode])[1:-1]
    digest = crc32(core.encode(), checksum)
    return f"[{core},[{','.join(tape.resets)}],{digest}]", digest


class Tape:
    """What a rollout came to so far."""

    def __init__(self, most):
        self.observations = Column(most=most)
        self.actions = Column()
        self.rewards = []  # floats
        self.ends = []  # which row, terminated, truncated
        self.resets = []  # text

    def begin(self, env):
        global checksum
        observation, info = env.reset()
        seen, kept = text_of_value(observation), checksum
        self.resets.append(f"[{len(self.rewards)},{env.episode},{seen},{text_of_value(info)}]")
        checksum = kept  # where clocks live
        return observation


def play(env, rows, decide, most, one, tape):
    """Steps until there are so many, or, of `one` episode, until it is over. What a step needs once is done outside of
    the loop, for all of them: a step of the loop costs hardly more than the env's own."""
    if decide is not None and env.seen is UNKNOWN:
        raise TypeError("the latest observation cannot be pickled and was not brought back with the env's state: reset it")
    step, before, names = env.env.step, env.before_step, vars(__main__)
    rewards, column = tape.rewards, tape.observations
    first, observation, terminated, truncated = len(rewards), env.seen, False, False
    store = column.store_for(observation, first)
    size, add, earn = column.size, column.add, rewards.append
    at = first * size

    def coming(first=first):
        for row in repeat(None) if rows is None else islice(rows, first, most):
            action = row if decide is None else decide(observation)
            if decide is not None:
                tape.actions.add(action)
            if before is not None:
                exec(before, names)
            yield action

    actions = islice(rows, first, most) if decide is None and before is None else islice(coming(), most - first)
    try:
        for action in actions:
            result = step(action)
            try:
                observation, reward, terminated, truncated, info = result
                if size:
                    store[at : (at := at + size)] = observation
                else:
                    add(observation)
                if type(reward) is not float:
                    reward = float(number(reward))
            except (TypeError, ValueError, BufferError):
                # four values, or an observation that is not like those before it
                observation, reward, terminated, *truncated, info = checked(result)
                terminated, truncated = flags_of(terminated, truncated, info)
                size = 0
                column.cut(len(rewards))
                add(observation)
                reward = float(number(reward))
            earn(reward)
            if terminated or truncated:
                if one or len(rewards) == most:
                    break
                tape.ends.append((len(rewards) - 1, bool(terminated), bool(truncated)))
                observation = tape.begin(env)
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
                tape.ends.append((len(rewards) - 1, terminated, truncated))


def fitted_rows(env, actions):
    rows = actions.tolist() if isinstance(actions, memoryview) else actions
    kinds = set(map(type, rows))
    if kinds == {int} and not getattr(getattr(env.env, "action_space", None), "shape", None):
        try:
            return array("i", rows)  # each fits as it is
        except OverflowError:
            return rows
    return [env.fitted(row) for row in rows]


def chooser(env, policy):
    """What an observation is answered by."""
    if policy == "random":
        sample = env.env.action_space.sample
        return lambda _: sample()
    if env.policy[0] != policy:
        names = {"__name__": "policy"}
        remember_lines("<policy>", policy)
        exec(compile(policy, "<policy>", "exec"), names)
        if not callable(names.get("policy")):
            raise NameError("expected the policy's source to leave a function named `policy`, it has none")
        env.policy = policy, names["policy"]
    return env.policy[1]


class Column:
    """One value a step, copied when it is added; one array where all are alike. One-dimensional arrays that are like the
    first go into a store of so many `rows`: an assignment to it copies, and makes sure of format and length."""

    def __init__(self, rows=(), most=0):
        self.most = most
        self.store, self.layout = None, None
        self.size = 0  # of a row in the store; 0 where it is not in use
        self.stored = 0  # rows
        self.rows = []
        self.layouts = set()
        if type(rows) is array:
            self.rows = rows
        else:
            for row in rows:
                self.add(row)

    def store_for(self, value, count):
        """The store, where it takes all rows so far and those that are like this value."""
        if self.store is None and count == 0 and self.most:
            try:
                with memoryview(value) as view:
                    if view.format in NATIVE and view.ndim == 1 and view.nbytes:
                        self.layout, self.size = (view.format, view.shape), len(view)
                        self.store = memoryview(bytearray(self.most * view.nbytes)).cast(view.format)
            except (TypeError, ValueError, BufferError):
                pass
        return self.store

    def cut(self, count):
        """Not more than so many rows are there; and the store is no longer in use."""
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
        return [self.alone(row) for row in self.rows]

    def alone(self, row):
        if type(row) is tuple:
            data, code, shape = row
            return encode(memoryview(data).cast(code, shape))
        return encode(row) if type(row) in (int, float) else row
