def roll_out(env, actions, policy, steps, once):
    """Many steps in one command, as columns instead of rows; returns their text and their digest. After an episode that is
    over the next one begins, or, with `once`, the rollout ends."""
    if env.kind == "vector":
        raise TypeError("rollout() takes no vector env, got one with num_envs: step it")
    answer.checksum = 0
    episodes = env.episode
    try:
        return rolled_out(env, actions, policy, steps, once)
    finally:
        if env.episode != episodes:
            notice_spaces(env)  # once for all the resets


def rolled_out(env, actions, policy, steps, once):
    trajectory = Trajectory(steps)
    if not env.is_reset:
        trajectory.begin_episode(env)
    if env.kind != "single":
        return roll_out_of_agents(env, actions, policy, steps, once, trajectory.resets)
    rows = None if actions is None else fitted_rows(env, actions)
    decide = None if actions is not None else policy_function(env, policy)
    while len(trajectory.rewards) < steps and not (once and trajectory.ends):
        if env.is_over:
            trajectory.begin_episode(env)
        count = len(trajectory.rewards)
        most = steps if env.max_steps is None else min(steps, count + env.max_steps - env.index)
        try:
            play(env, rows, decide, policy == "random", most, once or env.max_steps is not None, trajectory)
        except OfAgents as found:
            action, result = found.args
            first = action, env.read(result)[1:]
            return roll_out_of_agents(env, actions, policy, steps, once, trajectory.resets, first)
    count = len(trajectory.rewards)
    if rows is not None:
        trajectory.actions = Column(rows[:count])
    terminations, truncations = bytearray(count), bytearray(count)
    for row, terminated, truncated in trajectory.ends:
        terminations[row] = terminated
        truncations[row] = truncated
    columns = [trajectory.observations.encoded(), trajectory.actions.encoded(), encoded_rewards(trajectory.rewards)]
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
        observation, text = begin_episode(env, len(self.rewards))
        self.resets.append(text)
        return observation


def begin_episode(env, row):
    """Resets an env before a row of a rollout; returns the observation and the text of it all."""
    observation, info = env.begin_anew()
    text, checksum = env.text_of_reset(observation), answer.checksum
    agent = f",{text_of(key_of(env.agent))}" if env.kind == "turns" else ""
    text = f"[{row},{env.episode},{text},{env.text_of_reset(info)}{agent}]"
    answer.checksum = checksum  # the digest leaves out `info`, which may tell the time
    return observation, text


def play(env, rows, decide, is_random, most, one_episode, trajectory):
    """Steps until there are `most` steps, or with `one_episode` until it is over. This is the hot loop: whatever is the same
    for all steps is done outside of it, so that a step costs hardly more than the env's own."""
    if decide is not None and env.seen is UNKNOWN:
        raise TypeError(FORGOTTEN)
    step, before_step, names = env.env.step, env.before_step, vars(__main__)
    rewards, column = trajectory.rewards, trajectory.observations
    first, observation, terminated, truncated = len(rewards), env.seen, False, False
    store = column.store_for(observation, first)
    size, add_observation, add_reward = column.size, column.add, rewards.append
    at = first * size
    add_action, keep_action = trajectory.actions.add, trajectory.actions.rows.append
    refused = False  # whether a step was taken whose values are none
    try:
        for action in islice(repeat(None) if rows is None else rows, first, most):
            if decide is not None:
                # called from here: through an iterator it would be one call more
                action = decide() if is_random else decide(observation)
                kind = type(action)
                if kind is int or conversions.get(kind) is int:
                    keep_action(action)
                else:
                    add_action(action)  # which copies what the env may change
            if before_step is not None:
                exec(before_step, names)
            result = step(action)
            try:
                observation, reward, terminated, truncated, info = result
                if size:
                    store[at : (at := at + size)] = observation
                elif type(observation) is int:
                    column.rows.append(observation)
                else:
                    add_observation(observation)
                kind = type(reward)
                if kind is not float:
                    reward = float(reward if kind is int or kind in conversions else number(reward))
            except (TypeError, ValueError, BufferError, OverflowError):
                # four values, an observation that does not fit the store, or a reward that is not one number
                terminated, truncated, refused = False, False, True
                result = checked(result)
                observation, reward, *flags, info = result
                leave_if_of_agents(env, action, result, trajectory)
                terminated, truncated = flags_of(flags[0], flags[1:], info)
                reward = reward_of(reward)
                if rewards and (type(rewards[0]) is array) != (type(reward) is array):
                    added(rewards[0], reward)  # refuses it
                size, refused = 0, False
                column.leave_store(len(rewards))
                add_observation(observation)
                reward = reward if type(reward) is array else float(reward)
            if terminated or truncated:
                if type(terminated) is not bool or type(truncated) is not bool:
                    refused = True
                    leave_if_of_agents(env, action, result, trajectory)
                    terminated, truncated = flags_of(terminated, [truncated], info)
                    refused = False
                add_reward(reward)
                if not (terminated or truncated):
                    continue
                if one_episode or len(rewards) == most:
                    break
                trajectory.ends.append((len(rewards) - 1, terminated, truncated))
                observation = trajectory.begin_episode(env)
                first = len(rewards)
                terminated = truncated = False
            else:
                add_reward(reward)
    except OfAgents:
        refused = False  # whoever takes over counts it
        raise
    finally:
        done = len(rewards) - first
        column.stored = len(rewards) if size else 0
        env.index += done + refused
        env.total = total_of(env.total, rewards[first:])
        env.seen = observation
        if done or refused:
            over_time = env.max_steps is not None and env.index >= env.max_steps
            # what is none of these two is no flag that was read
            terminated, truncated = terminated is True, truncated is True
            env.is_over = terminated or truncated or over_time
            if env.is_over and not refused:
                trajectory.ends.append((len(rewards) - 1, terminated, truncated or over_time))


def leave_if_of_agents(env, action, result, trajectory):
    """Hands the first step of a rollout over, where it is that of several agents."""
    if not trajectory.rewards:
        observation, reward, terminated, *truncated, info = result
        if by_agents(env, observation, reward, terminated, truncated, info) is not None:
            raise OfAgents(action, result)


def total_of(total, rewards):
    if rewards and type(rewards[0]) is array:
        return deque(accumulate(rewards, added, initial=total), 1).pop()
    return deque(accumulate(rewards, initial=total), 1).pop()


def encoded_rewards(rewards):
    if rewards and type(rewards[0]) is array:
        width = len(rewards[0])
        return encode(memoryview(b"".join(each.tobytes() for each in rewards)).cast("d", (len(rewards), width)))
    return encode(array("d", rewards))


def fitted_rows(env, actions):
    rows = actions.tolist() if isinstance(actions, memoryview) else actions
    kinds = set(map(type, rows))
    if kinds == {int} and not look_up(look_up(env.env, "action_space"), "shape"):
        try:
            # for a Discrete, each fits as it is
            return array("i", rows)
        except OverflowError:
            return rows
    return [env.fit_to_space(row) for row in rows]


def policy_function(env, policy):
    """The function that chooses an action for an observation; where it is 'random', one without parameters."""
    if isinstance(policy, dict):
        raise TypeError("expected one policy for the only agent, got policies by agent")
    if policy == "random":
        return env.env.action_space.sample
    return policy_of_source(env, policy)


def policy_of_source(env, source):
    """Compiled once for each source."""
    if source not in env.policies:
        names = {"__name__": "policy"}
        exec(compiled(source, "<policy>"), names)
        if not callable(names.get("policy")):
            raise NameError("expected the policy's source to leave a function named `policy`, it has none")
        if len(env.policies) >= MOST_LAYOUTS:
            env.policies.clear()
        env.policies[source] = names["policy"]
    return env.policies[source]


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
        if kind is not float and kind is not int and conversions.get(kind) is not int:
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
        if kinds and all(kind is int or conversions.get(kind) is int for kind in kinds):
            try:
                return encode(array("i", self.rows))
            except OverflowError:
                pass
        return [self.encoded_row(row) for row in self.rows]

    def encoded_row(self, row):
        if type(row) is tuple:
            data, code, shape = row
            return encode(memoryview(data).cast(code, shape))
        return encode(row) if type(row) in NUMBERS or type(row) in conversions else row
