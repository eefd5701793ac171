class Entropy:
    """Where `os.urandom` draws from: the system, or, in a `with entropy.of(stream)`, that stream.

    What an env draws must come again in a replay, so each env has a stream, which is part of its state: a key, and how often
    it was drawn from by ordinary code and by imports. There is one object for all envs, since `os.urandom` is not told for
    whom it draws. It makes no manager for each `with`, which would cost 3 % of a step; so they cannot be nested.
    """

    __slots__ = ("stream", "next")

    def __init__(self):
        self.stream = self.next = None

    def of(self, stream):
        self.next = stream
        return self

    def __enter__(self):
        self.stream = self.next

    def __exit__(self, *raised):
        self.stream = None


entropy = Entropy()


def urandom(size, *, of_system=os.urandom):
    stream = entropy.stream
    if stream is None:
        return of_system(size)
    # A module that is imported already draws nothing: what the env draws later must not depend on that.
    counter = 2 if is_importing() else 1
    stream[counter] += 1
    return shake_256(repr((stream[0], counter, stream[counter])).encode()).digest(size)


def is_importing():
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_filename != "<frozen importlib._bootstrap>":
        frame = frame.f_back
    return frame is not None


def seed_generator(generator, a=None, version=2, *, given=random.Random.seed):
    """In place of `random.Random.seed`, whose C code asks the system itself where there is no seed."""
    given(generator, int.from_bytes(urandom(32), "big") if a is None else a, version)


# Python's generators, `secrets` and `uuid4` call these, and NumPy's generators call `secrets`.
os.urandom = random._urandom = urandom
random.Random.seed = seed_generator
random.seed = random._inst.seed


def new_stream(key):
    """A stream for an env. It first seeds the global generators, from another stream: NumPy may be imported or not."""
    with entropy.of([key + " globals", 0, 0]):
        seed_globals()
    return [key, 0, 0]


def seed_globals(seed=None):
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed if seed is None else seed % 2**32)


def seed_env(env, seed):
    env.entropy[:] = [seed, 0, 0]
    seed_globals(seed)
    base = getattr(env.env, "unwrapped", env.env)
    if callable(getattr(env.env, "seed", None)):
        env.env.seed(seed)
    elif hasattr(type(base), "np_random"):
        base.np_random = importlib.import_module("gymnasium.utils.seeding").np_random(seed)[0]
