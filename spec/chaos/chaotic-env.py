"""The env of the chaos run: it accumulates state of many kinds, draws from its own generator and from the module's, reads
globals of `__main__`, and passes places at which a fault may be triggered."""

import os
import random
import secrets
import uuid
from array import array

import js

# What the page may set or change between two steps.
weight = 1.0
bonus = 0


def trip(place):
    """Triggers the fault that the page has armed for this place, once: see faults.mjs."""
    fault = js.takeFault(place)
    if fault is None:
        return
    if fault == "fatal":
        import ctypes

        ctypes.string_at(1 << 31)
    if fault == "exit":
        import os

        os._exit(1)
    if fault == "abort":
        import os

        os.abort()
    if fault == "loop":
        while True:
            pass
    if fault == "stubborn":
        while True:
            try:
                while True:
                    pass
            except KeyboardInterrupt:
                pass
    if fault == "overflow":
        import sys

        class Endless:
            def __repr__(self):
                return repr(self)

        sys.setrecursionlimit(10**8)
        repr(Endless())
    if fault == "memory":
        held = []
        while True:
            held.append(bytearray(2**29))
    raise AssertionError(f"the fault {fault} had no effect")


class Deliberate(Exception):
    """After it has changed the env. Its text is another each time."""


class Chaotic:
    def __init__(self):
        trip("set-up")
        self.rng = random.Random(0)
        self.field = array("d", [0.0] * 6)
        self.seen = {}
        self.marks = set()
        self.energy = 0.0
        self.episode = 0
        self.own = None
        self.name = None

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.rng = random.Random(seed)
        self.episode += 1
        self.t = 0
        self.length = self.rng.randrange(15, 60)
        trip("reset")
        if seed is None or self.own is None:  # of the system's entropy
            self.own = random.Random()
            self.name = [uuid.uuid4().hex, secrets.token_hex(4), os.urandom(4).hex()]
            random.seed()
        self.energy = self.energy / 2 + random.random()
        self.field = array("d", (self.rng.gauss(0, 1) for _ in range(6)))
        if options and options["raises"]:
            raise Deliberate(id(self))
        return self.observe(), {"options": options, "draw": self.rng.random()}

    def step(self, action):
        push, where = action["push"], action["where"]
        noise = self.rng.gauss(0, 0.1)
        self.energy += push * weight + noise + bonus
        self.seen[where] = self.seen.get(where, 0) + 1
        trip("step")
        if action["raises"]:
            self.own.seed()
            raise Deliberate(id(self))
        self.field[where % 6] += self.energy * random.random()
        self.marks.add(self.rng.randrange(40))
        self.t += 1
        if self.rng.random() < 0.1:
            self.own.seed()
        reward = self.rng.uniform(-1, 1) + len(self.marks) / 10
        done = self.t >= self.length
        info = {"draws": [self.rng.random(), random.random()], "energy": self.energy, "episode": self.episode}
        return self.observe(), reward, done, self.rng.random() < 0.005, info

    def observe(self):
        return {
            "field": self.field,
            "seen": sorted(self.seen.items()),
            "t": self.t,
            "globals": [weight, bonus],
            "draws": [self.rng.random(), random.getrandbits(16), self.own.random(), self.name],
        }


class Tripping(random.Random):
    """One that is asked for its state when the env is pickled."""

    def getstate(self):
        trip("get-state")
        return super().getstate()

    def setstate(self, state):
        trip("set-state")
        super().setstate(state)


class Pickled(Chaotic):
    def __init__(self):
        super().__init__()
        self.tripping = Tripping(0)


class Own(Chaotic):
    def __init__(self):
        super().__init__()
        self.waves = (value for value in ())  # which nobody can take apart

    def get_state(self):
        trip("get-state")
        plain = {name: value for name, value in vars(self).items() if name != "waves"}
        return {**plain, "rng": self.rng.getstate(), "own": self.own.getstate()}

    def set_state(self, state):
        self.rng, self.own = random.Random(), random.Random()
        self.rng.setstate(state["rng"])
        self.own.setstate(state["own"])
        trip("set-state")
        vars(self).update({name: value for name, value in state.items() if name not in ("rng", "own")})
        self.seen, self.marks, self.field = dict(self.seen), set(self.marks), array("d", self.field)


class Unpicklable(Chaotic):
    def __init__(self):
        super().__init__()
        self.waves = (value for value in ())


env = {"pickled": Pickled, "own": Own, "unpicklable": Unpicklable}[kind]()  # noqa: F821 (a global of the spec)
