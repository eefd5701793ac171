def urandom(size, *, of_system=os.urandom):
    """What an env draws of the system's entropy has to come again in a replay: it is a stream that is part of its state."""
    if entropy is None:
        return of_system(size)
    # What is imported already draws nothing: what comes after must not depend on that.
    way = 2 if is_importing() else 1
    entropy[way] += 1
    return shake_256(repr((entropy[0], way, entropy[way])).encode()).digest(size)


def is_importing():
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_filename != "<frozen importlib._bootstrap>":
        frame = frame.f_back
    return frame is not None


def seed_generator(generator, a=None, version=2, *, given=random.Random.seed):
    """Without a seed, C code asks the system itself."""
    given(generator, int.from_bytes(urandom(32), "big") if a is None else a, version)


# Where Python's generators, secrets, uuid4, and by way of secrets NumPy's generators get theirs.
os.urandom = random._urandom = urandom
random.Random.seed = seed_generator
random.seed = random._inst.seed
