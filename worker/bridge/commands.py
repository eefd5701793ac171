def env_of(key):
    if key not in envs:
        raise LookupError("the env is not set up")
    return envs[key]


@answering
def run(code, text, buffers):
    # a single env's state has what it holds
    held = held_for_envs() if len(envs) > 1 else {}
    vars(__main__).update(decode(text, buffers))

    def answer(value):
        keep_what_is_new(held)
        return encode(value)

    return execute(code, "<run>", answer)


def execute(code, name, then, stream=None):
    """Runs code in `__main__`, drawing from a stream of entropy, and hands its last value on. Only code that awaits is
    awaited: what runs in a plain call can be interrupted, and a fatal error is noticed at once."""
    from pyodide.code import CodeRunner

    code = python_text(code)
    remember_lines(name, code)
    runner = CodeRunner(code, filename=name, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT).compile()
    names = vars(__main__)

    async def later():
        with entropy.of(stream):
            value = await runner.run_async(names)
        return then(value)

    if runner.code.co_flags & inspect.CO_COROUTINE:
        return later()
    with entropy.of(stream):
        value = runner.run(names)
    return then(value)


@answering
def set_up(key, text, buffers, image=None, is_in=False):
    """Makes an env of a spec. With `image`, a baked image's part of the spec: where this interpreter was started from the
    image (`is_in`), its env number 0 is that env already."""
    envs.pop(key, None)
    held = held_for_envs()
    spec = decode(text, buffers)
    own_key = spec["entropy"]
    if image is not None:
        spec.update(decode(image, None))
    vars(__main__).update(spec["globals"])
    stream = new_stream(spec["entropy"])

    def keep(env):
        # an image's env draws the same from here on, whether it was set up here or when it was baked
        own = stream if image is None else new_stream(own_key)
        with entropy.of(own):
            made = envs[key] = Env(env, own, spec["beforeStep"], spec["maxSteps"], spec["episodes"])
            tell_waiting(key, made, spec["async"])
            description = describe_env(made)
        mark_shared_data(made)
        keep_what_is_new(held)
        return description

    baked = envs.pop(0, None) if is_in else None
    if baked is not None:
        return keep(baked.env)
    if spec["make"] is None and spec["entryPoint"] is None:
        # a source that sets none must not get the previous one
        vars(__main__).pop("env", None)
        return execute(spec["source"], "<env>", lambda _: keep(env_of_source()), stream)
    with entropy.of(stream):
        env = make_env(spec)
    return keep(env)


def make_env(spec):
    if spec["make"] is not None:
        return make_by_id(spec["make"], spec["numEnvs"], spec["kwargs"])
    module, _, factory = spec["entryPoint"].partition(":")
    found = importlib.import_module(module)
    for name in factory.split("."):
        found = getattr(found, name)
    return found(**spec["kwargs"])


def make_by_id(name, num_envs, kwargs):
    """By Gymnasium, in the render mode of `kwargs`, or else in one that can be seen here: it costs nothing until it is."""
    import gymnasium

    make = gymnasium.make if num_envs is None else lambda id, **more: gymnasium.make_vec(id, num_envs, **more)
    mode = None if "render_mode" in kwargs else registered_mode(gymnasium, name)
    if mode is not None:
        try:
            return make(name, render_mode=mode, **kwargs)
        except TypeError as error:
            if "unexpected keyword argument 'render_mode'" not in str(error):
                raise
    return make(name, **kwargs)


def registered_mode(gymnasium, name):
    """The first of SEEN_MODES that the class of a registered env lists: https://gymnasium.farama.org/api/registry/"""
    try:
        module, _, name = name.rpartition(":")
        if module:
            importlib.import_module(module)
        spec = gymnasium.spec(name)
        if "render_mode" in spec.kwargs:
            return None
        creator = spec.entry_point
        if isinstance(creator, str):
            module, _, creator = creator.partition(":")
            creator = getattr(importlib.import_module(module), creator)
        modes = mode_names(creator)
        return next((mode for mode in SEEN_MODES if mode in modes), None)
    except KeyboardInterrupt:
        raise
    except Exception:
        return None  # make() says what is wrong


def env_of_source():
    env = vars(__main__).get("env")
    if env is None:
        raise NameError("expected the source to leave a global named `env`, it has none")
    return env


@answering
def describe(key):
    return describe_env(env_of(key))


@answering
def set_globals(text, buffers):
    vars(__main__).update(decode(text, buffers))


@answering
def reset(key, text, buffers, render):
    env = env_of(key)
    with entropy.of(env.entropy):
        result = reset_and_encode(env, **decode(text, buffers))
    return [*result, render_quietly(env) if render else None]


def reset_and_encode(env, seed, options):
    observation, info = env.reset(seed, options)
    answer.checksum = 0
    core = [env.encoded(observation), env.episode, *([key_of(env.agent)] if env.kind == "turns" else [])]
    digest = crc32(text_of(core).encode(), answer.checksum)
    return [*core, env.encoded(info), digest]


@answering_text
def step(key, text, buffers, render, timed):
    if timed:
        answer.spent = 0.0
    env = env_of(key)
    with entropy.of(env.entropy):
        result, _ = env.step(decode(text, buffers))
    return f"[{result},{text_of(render_quietly(env)) if render else 'null'}]"


@answering_text
def step_many(key, text, buffers, render, timed):
    """Steps until one ends the episode or raises; the error comes after the steps before it."""
    if timed:
        answer.spent = 0.0
    env = env_of(key)
    actions, steps, raised = decode(text, buffers), [], "null"
    try:
        with entropy.of(env.entropy):
            for action in actions:
                result, _ = env.step(action)
                steps.append(result)
                if env.is_over:
                    break
    except BaseException as error:
        if out_of_memory(error):
            raise
        raised = describe_error(error)
    frame = text_of(render_quietly(env)) if render and steps else "null"
    rows = [f"[{result},{frame if i == len(steps) else 'null'}]" for i, result in enumerate(steps, 1)]
    return f"[[{','.join(rows)}],{raised}]"


@answering_text
def rollout(key, text, buffers):
    env = env_of(key)
    with entropy.of(env.entropy):
        return roll_out(env, **decode(text, buffers))[0]


@answering
def get_state(key, ms):
    """The state, whether it is proved, and how long it took in ms. With `ms`, null where it would have taken longer."""
    begun = perf_counter()
    try:
        data, is_proved = get_state_of(env_of(key), ms)
    except TooSlow:
        data, is_proved = None, False
    return [encode(data), is_proved, (perf_counter() - begun) * 1000]


@answering
def set_state(key, text, buffers, main):
    env, data = env_of(key), decode(text, buffers)
    with entropy.of([crc32(data), 0, 0]):  # for generators that are made before they are given their state
        set_state_of(env, data, main)
        notice_spaces(env)


@answering
def state_hash(key):
    env = env_of(key).env
    chain = chain_of(env)
    try:
        return digest_of(env).hex()
    except Exception as error:
        owner = own_state_of(chain)
        if owner is None:
            raise StateError(problem_of(chain, error)) from error
        return digest_of(owner.get_state()).hex()


@answering
def seed(key, value):
    env = env_of(key)
    with entropy.of(env.entropy):
        seed_env(env, value)


@answering
def replay(key, kind, text, buffers):
    """Repeats a logged operation without a frame; returns the digest of its result."""
    env = env_of(key)
    if kind == "render":
        render_quietly(env)
        return None
    with entropy.of(env.entropy):
        if kind == "step":
            return env.step(decode(text, buffers))[-1]
        if kind == "rollout":
            return roll_out(env, **decode(text, buffers))[-1]
        if kind == "reset":
            return reset_and_encode(env, **decode(text, buffers))[-1]
    raise ValueError(f"expected an operation that can be replayed, got {kind}")


@answering
def forget():
    """Leaves nothing but what was imported."""
    envs.clear()
    vars(__main__).clear()
    vars(__main__).update(blank)


@answering
def render(key):
    return frame_of(env_of(key))


@answering
def close(key):
    env = envs.pop(key, None)
    if env is not None and vars(__main__).get("env") is env.env:
        del vars(__main__)["env"]  # what another env's state would hold
    if env is not None and callable(getattr(env.env, "close", None)):
        ended(env.env.close())


@answering
def missing(names):
    """Which of these distributions are not installed."""
    from importlib.metadata import PackageNotFoundError, version

    absent = []
    for name in json.loads(names):
        try:
            version(name)
        except PackageNotFoundError:
            absent.append(name)
    return absent


@answering
def install_by_micropip(name):
    import micropip

    return micropip.install(name)
