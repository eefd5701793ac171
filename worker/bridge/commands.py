def execute(code, name, then):
    """Runs code and hands its last value on. Only code that awaits is awaited: what runs in a plain call can be
    interrupted, and its death is seen at once."""
    from pyodide.code import CodeRunner

    remember_lines(name, code)
    runner = CodeRunner(code, filename=name, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT).compile()
    names = vars(__main__)

    async def later():
        return then(await runner.run_async(names))

    return later() if runner.code.co_flags & inspect.CO_COROUTINE else then(runner.run(names))


@answering
def run(code, text, buffers):
    vars(__main__).update(decode(text, buffers))
    return execute(code, "<run>", encode)


@answering
def set_up(key, text, buffers, image=None, is_in=False):
    """`image`: what an image was baked of; `is_in`: this interpreter was started from it, and has the env as number 0."""
    envs.pop(key, None)
    spec = decode(text, buffers)
    own = spec["entropy"]
    if image is not None:
        spec.update(decode(image, None))
    vars(__main__).update(spec["globals"])
    draw_from(spec["entropy"])

    def keep(env):
        if image is not None:
            draw_from(own)  # whether it was set up here or when it was baked
        envs[key] = Env(env, spec["beforeStep"], spec["maxSteps"], spec["episodes"])
        return envs[key].describe()

    baked = envs.pop(0, None) if is_in else None
    if baked is not None:
        return keep(baked.env)
    if spec["make"] is not None:
        import gymnasium

        if spec["numEnvs"] is None:
            return keep(gymnasium.make(spec["make"], **spec["kwargs"]))
        return keep(gymnasium.make_vec(spec["make"], spec["numEnvs"], **spec["kwargs"]))
    if spec["entryPoint"] is not None:
        module, _, factory = spec["entryPoint"].partition(":")
        found = importlib.import_module(module)
        for name in factory.split("."):
            found = getattr(found, name)
        return keep(found(**spec["kwargs"]))
    vars(__main__).pop("env", None)  # a source that sets none must not get the one before
    return execute(spec["source"], "<env>", lambda _: keep(env_of_source()))


def draw_from(key):
    global entropy
    entropy = [key + " globals", 0, 0]  # of its own: NumPy may be there to be seeded, or not
    seed_globals()
    entropy = [key, 0, 0]


def env_of_source():
    env = vars(__main__).get("env")
    if env is None:
        raise NameError("expected the source to leave a global named `env`, it has none")
    return env


@answering
def set_globals(text, buffers):
    vars(__main__).update(decode(text, buffers))


@answering
def reset(key, text, buffers, render):
    env = at_work(key)
    taken = reset_and_encode(env, **decode(text, buffers))
    return [*taken, render_quietly(env) if render else None]


def reset_and_encode(env, seed, options):
    global checksum
    observation, info = env.reset(seed, options)
    encoded = encode_map if env.parallel and isinstance(observation, dict) else encode
    infos = encode_map if env.parallel and isinstance(info, dict) else encode
    checksum = 0
    core = [encoded(observation), env.episode]
    digest = crc32(text_of(core).encode(), checksum)
    return [*core, infos(info), digest]


@as_text
def step(key, text, buffers, render, timed):
    global spent
    spent = 0.0 if timed else None
    env = at_work(key)
    taken, _ = env.step(decode(text, buffers))
    return f"[{taken},{text_of(render_quietly(env)) if render else 'null'}]"


@as_text
def step_many(key, text, buffers, render, timed):
    """Step after step, until one ends the episode or raises; what it raised comes behind the steps before it."""
    global spent
    spent = 0.0 if timed else None
    env = at_work(key)
    steps, raised = [], "null"
    for action in decode(text, buffers):
        try:
            taken, _ = env.step(action)
        except BaseException as error:
            if out_of_memory(error):
                raise
            raised = described(error)
            break
        steps.append(taken)
        if env.is_over:
            break
    frame = text_of(render_quietly(env)) if render and steps else "null"
    rows = [f"[{taken},{frame if i == len(steps) else 'null'}]" for i, taken in enumerate(steps, 1)]
    return f"[[{','.join(rows)}],{raised}]"


@as_text
def rollout(key, text, buffers):
    return roll_out(at_work(key), **decode(text, buffers))[0]


@answering
def get_state(key):
    return encode(get_state_of(env_of(key)))


@answering
def set_state(key, text, buffers, main):
    set_state_of(env_of(key), decode(text, buffers), main)


@answering
def state_hash(key):
    env = env_of(key).env
    owner, _ = owner_of_state(env)
    try:
        return digest_of(env if owner is None else owner.get_state()).hex()
    except Exception as error:
        raise StateError(state_problem("hashed", error)) from error


@answering
def seed(key, value):
    seed_env(at_work(key), value)


@answering
def replay(key, kind, text, buffers):
    """Does again what was done once, unseen; answers the digest of what came of it."""
    env = at_work(key)
    if kind == "step":
        return env.step(decode(text, buffers))[-1]
    if kind == "rollout":
        return roll_out(env, **decode(text, buffers))[-1]
    return reset_and_encode(env, **decode(text, buffers))[-1]


@answering
def forget():
    """Leaves nothing but what was imported."""
    envs.clear()
    vars(__main__).clear()
    vars(__main__).update(blank)


@answering
def render(key):
    return env_of(key).frame()


@answering
def close(key):
    env = envs.pop(key, None)
    if env is not None and callable(getattr(env.env, "close", None)):
        env.env.close()


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
