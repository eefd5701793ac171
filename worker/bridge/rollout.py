def roll_out(env, actions, policy, steps, once):
    """Many steps in one go, in columns instead of rows, and the digest of them. An episode that is over is followed
    by the next, or with `once` is the last."""
    global checksum
    if env.parallel or env.num_envs is not None:
        raise TypeError("rollout() takes a single-agent env, got one with possible_agents or num_envs: step it")
    checksum = 0
    choose = chooser(env, actions, policy)
    observations, taken, rewards = Column(), Column(), array("d")
    terminations, truncations, resets = bytearray(), bytearray(), []
    take, before, names = env.env.step, env.before_step, vars(__main__)
    count = 0
    while count < steps:
        if not env.is_reset or env.is_over:
            observation, info = env.reset()
            resets.append([count, env.episode, encode(observation), encode(info)])
        action = choose(count)
        if before is not None:
            exec(before, names)
        observation, reward, terminated, *truncated, info = checked(take(action))
        terminated, truncated = flags_of(terminated, truncated, info)
        count += 1
        env.index += 1
        if env.max_steps is not None and env.index >= env.max_steps:
            truncated = True
        reward = number(reward)
        env.total = number(env.total + reward)
        env.is_over = terminated or truncated
        env.seen = observation
        observations.add(observation)
        taken.add(action)
        rewards.append(reward)
        terminations.append(terminated)
        truncations.append(truncated)
        if once and env.is_over:
            break
    columns = [observations.encoded(), taken.encoded(), encode(rewards)]
    columns += [{**encode(flags), "dtype": "bool"} for flags in (terminations, truncations)]
    core = text_of([count, *columns, env.is_over, env.index, env.episode])[1:-1]
    digest = crc32(core.encode(), checksum)
    return f"[{core},{text_of(resets)},{digest}]", digest


def chooser(env, actions, policy):
    if actions is not None:
        rows = actions.tolist() if isinstance(actions, memoryview) else actions
        return lambda i: env.fitted(rows[i])
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
    decide = env.policy[1]
    return lambda _: decide(env.seen)


class Column:
    """One value a step, copied when it is added; one array where all are alike."""

    def __init__(self):
        self.rows = []
        self.layouts = set()

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
