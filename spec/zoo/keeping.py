"""Where envs keep their state."""

import collections
import contextlib
import dataclasses
import enum
import fractions
import functools
import hashlib
import io
import itertools
import logging
import random
import threading
import types
import weakref
import zlib
from array import array

from .walk import Walk


class InDict(Walk):
    pass


class InSlots:
    """No dict at all."""

    __slots__ = ("rng", "place", "late")

    def __init__(self):
        self.rng, self.place = random.Random(1), 0

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.rng.seed(seed)
        self.place = 0
        if hasattr(self, "late"):
            del self.late
        return self.place, {}

    def step(self, action):
        self.place += action + self.rng.randint(0, 3)
        if self.place > 12:
            self.late = self.place  # a slot that is empty until then
        return [self.place, getattr(self, "late", None)], 1.0, self.place > 30, False, {}


class HalfSlots(InSlots):
    """Slots of a base, and a dict; a slot that two classes have."""

    __slots__ = ("_InSlots__hidden", "place", "__dict__")

    def step(self, action):
        self.sum = getattr(self, "sum", 0) + action
        seen, *rest = super().step(action)
        return [seen, self.sum], *rest


@dataclasses.dataclass
class Body:
    x: float = 0.0
    hits: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Wind:
    force: float
    names: tuple = ("north",)


@dataclasses.dataclass(slots=True)
class Lamp:
    lit: bool = False


class InDataclasses(Walk):
    def begin(self):
        self.body, self.wind, self.lamp = Body(), Wind(0.0), Lamp()

    def advance(self, action):
        self.body.x += self.wind.force
        self.body.hits.append(action)
        self.wind = dataclasses.replace(self.wind, force=self.rng.random())
        self.lamp.lit = not self.lamp.lit

    def more(self):
        return [self.body.x, len(self.body.hits), self.wind.force, self.lamp.lit]


Point = collections.namedtuple("Point", "x y")


class InNamedtuples(Walk):
    def begin(self):
        self.at, self.path = Point(0, 0), ()

    def advance(self, action):
        self.at = self.at._replace(x=self.at.x + action, y=self.rng.randint(0, 5))
        self.path = (*self.path, self.at)[-3:]

    def more(self):
        return [list(self.at), [point.x for point in self.path]]


class Phase(enum.Enum):
    DAY = "day"
    NIGHT = "night"


class Doors(enum.IntFlag):
    LEFT = 1
    RIGHT = 2


class InEnums(Walk):
    def begin(self):
        self.phase, self.doors, self.seen_at = Phase.DAY, Doors.LEFT, {}

    def advance(self, action):
        self.phase = Phase.NIGHT if self.phase is Phase.DAY else Phase.DAY
        self.doors ^= Doors(self.rng.randint(0, 3))
        self.seen_at[self.phase] = self.steps

    def more(self):
        return [self.phase is Phase.DAY, int(self.doors), self.seen_at.get(Phase.NIGHT, 0)]


class InCollections(Walk):
    """The containers of `collections`."""

    def begin(self):
        self.recent = collections.deque(maxlen=4)
        self.count = collections.Counter()
        self.first = collections.OrderedDict()
        self.lists = collections.defaultdict(list)
        self.layers = collections.ChainMap({}, {"base": 1})

    def advance(self, action):
        self.recent.append(self.place)
        self.recent.rotate(1)
        self.count[action] += 1
        self.first.setdefault(self.place, self.steps)
        self.first.move_to_end(self.place)
        self.lists[self.place % 3].append(self.steps)
        self.layers[str(action)] = self.steps

    def more(self):
        return [
            list(self.recent),
            self.count.most_common(1),
            list(self.first.items()),
            sorted(self.lists),
            len(self.layers),
        ]


class InLambdaDefaults(Walk):
    """A factory that no pickle takes."""

    def __init__(self):
        super().__init__()
        self.counts = collections.defaultdict(lambda: 10)

    def begin(self):
        self.counts.clear()

    def advance(self, action):
        self.counts[self.place] += 1

    def more(self):
        return self.counts[0], sum(self.counts.values())


class InViews(Walk):
    """Rows and a window are views of one buffer: a write to one shows in the others."""

    def __init__(self):
        super().__init__()
        self.bytes = bytearray(12)
        self.grid = memoryview(self.bytes)
        self.rows = [self.grid[i * 4 : i * 4 + 4] for i in range(3)]

    def begin(self):
        self.grid[:] = bytes(12)

    def advance(self, action):
        self.rows[action % 3][self.rng.randrange(4)] = self.steps
        self.bytes[0] ^= 1

    def more(self):
        return [list(self.grid), list(self.rows[1])]


class InArrays(Walk):
    """An array, and a two-dimensional view of it."""

    def __init__(self):
        super().__init__()
        self.flat = array("d", [0] * 6)
        self.shaped = memoryview(self.flat).cast("B").cast("d", [2, 3])

    def begin(self):
        self.flat[0] = self.flat[5] = 0.0

    def advance(self, action):
        self.shaped[1, 2] += self.rng.random()
        self.flat[0] += self.flat[5]

    def seen(self):
        return self.flat  # the array itself, which the next step changes


class Cell:
    def __init__(self, board, index):
        self.board, self.index, self.value, self.next = board, index, 0, None


class InCycles(Walk):
    """Cells know their board and each other; the board knows them twice."""

    def begin(self):
        self.cells = [Cell(self, i) for i in range(4)]
        for cell in self.cells:
            cell.next = self.cells[(cell.index + 1) % 4]
        self.hot = self.cells[0]
        self.by_index = {cell.index: cell for cell in self.cells}
        self.me = self

    def advance(self, action):
        self.hot.value += self.rng.randint(1, 3)
        self.hot = self.hot.next if action else self.hot.next.next
        self.by_index[action].value += 1
        self.cells[0].board.me.cells[3].value += 1

    def more(self):
        return [cell.value for cell in self.cells], self.hot.index


class InGenerators(Walk):
    """A script that is a generator: nothing can copy it."""

    def script(self):
        level = 0
        while True:
            level += self.rng.randint(0, 2)
            yield level

    def begin(self):
        self.levels = self.script()

    def advance(self, action):
        self.level = next(self.levels)

    def more(self):
        return getattr(self, "level", 0)


class InRandoms(Walk):
    """Several generators, one of them shared by two parts."""

    def __init__(self):
        super().__init__()
        self.weather, self.dice = random.Random(2), random.Random(3)
        self.parts = [types.SimpleNamespace(rng=self.dice), types.SimpleNamespace(rng=self.dice)]

    def begin(self):
        self.weather.seed(self.rng.random())
        self.dice.seed(4)

    def advance(self, action):
        self.drawn = [part.rng.random() for part in self.parts] + [self.weather.gauss(0, 1), self.dice.random()]

    def more(self):
        return getattr(self, "drawn", None)


class InGlobalRandom(Walk):
    """Draws from `random` itself."""

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            random.seed(seed)
        return super().reset(seed=seed)

    def advance(self, action):
        self.place += random.choice((-1, 0, 1))

    def more(self):
        return random.random()


class InPartials(Walk):
    """Handlers by action: partials and bound methods."""

    def __init__(self):
        super().__init__()
        self.score = 0
        self.handlers = {0: self.add, 1: functools.partial(self.add, 2), 2: functools.partial(Walk.more, self)}

    def begin(self):
        self.score = 0

    def add(self, amount=1):
        self.score += amount

    def advance(self, action):
        self.handlers[action]()

    def more(self):
        return self.score


class InLambdas(Walk):
    """Rules as lambdas, one of which the env picks anew."""

    def __init__(self):
        super().__init__()
        self.rules = [lambda place: place + 1, lambda place: -place]
        self.rule = self.rules[0]

    def begin(self):
        self.rule = self.rules[0]

    def advance(self, action):
        self.place = self.rule(self.place)
        self.rule = self.rules[action % 2]


class InClosures(Walk):
    """A counter that lives in a closure."""

    def __init__(self):
        super().__init__()
        count = 0

        def counted(amount):
            nonlocal count
            count = 0 if amount is None else count + amount
            return count

        self.counted = counted

    def begin(self):
        self.counted(None)

    def advance(self, action):
        self.counted(action)

    def more(self):
        return self.counted(0)


def in_function(step=1):
    """An env of a class that no module has."""

    class Local(Walk):
        def begin(self):
            self.sum = 0

        def advance(self, action):
            self.sum += step * action

        def more(self):
            return self.sum

    return Local()


class InWeakrefs(Walk):
    """Parts that are known weakly."""

    def begin(self):
        self.parts = [Cell(None, i) for i in range(3)]
        self.current = weakref.ref(self.parts[0])
        self.names = weakref.WeakValueDictionary({f"part {part.index}": part for part in self.parts})
        self.touched = weakref.WeakSet()

    def advance(self, action):
        part = self.names[f"part {action}"]
        part.value += 1
        self.current().value += 10
        self.current = weakref.ref(part)
        self.touched.add(part)

    def more(self):
        return [part.value for part in self.parts], self.current().index, len(self.touched)


class InIterators(Walk):
    """Iterators of `itertools`, which nothing copies any more."""

    def begin(self):
        self.numbers, self.turns = itertools.count(1), itertools.cycle("abc")

    def advance(self, action):
        self.turn = [next(self.numbers), next(self.turns)]

    def more(self):
        return getattr(self, "turn", None)


class InListIterators(Walk):
    """Iterators of lists and dicts."""

    def begin(self):
        self.course = list(range(40))
        self.left, self.counted = iter(self.course), enumerate(self.course)

    def advance(self, action):
        self.turn = [next(self.left), next(self.counted)]

    def more(self):
        return getattr(self, "turn", None)


class InCObjects(Walk):
    """State inside objects of C that refuse to be copied."""

    def begin(self):
        self.hash, self.packer = hashlib.sha256(b"begin"), zlib.compressobj()

    def advance(self, action):
        self.hash.update(bytes([action]))
        self.packer.compress(bytes([action]) * 40)

    def more(self):
        return self.hash.hexdigest()[:8]


class OwnOverC(InCObjects):
    """The same, but the env tells its own state."""

    def begin(self):
        self.told = b"begin"
        super().begin()

    def advance(self, action):
        self.told += bytes([action])
        super().advance(action)

    def get_state(self):
        return {"told": self.told, "place": self.place, "steps": self.steps, "rng": self.rng.getstate()}

    def set_state(self, state):
        self.told, self.place, self.steps = state["told"], state["place"], state["steps"]
        self.rng.setstate(state["rng"])
        self.hash, self.packer = hashlib.sha256(self.told), zlib.compressobj()


class OwnThatForgets(Walk):
    """Its own state leaves its generator out."""

    def begin(self):
        self.extra = self.rng.random()

    def advance(self, action):
        self.extra += self.rng.random()

    def more(self):
        return self.extra

    def get_state(self):
        return {"place": self.place, "steps": self.steps, "extra": self.extra}

    def set_state(self, state):
        self.place, self.steps, self.extra = state["place"], state["steps"], state["extra"]


class OwnThatRaises(Walk):
    """Methods of the names, which want something else."""

    def get_state(self, player):
        return self.place

    def set_state(self, player, place):
        self.place = place


class WithLock(Walk):
    """Locks, loggers, modules and a file in memory, as libraries keep them."""

    def __init__(self):
        super().__init__()
        self.lock, self.log, self.tools = threading.RLock(), logging.getLogger("walk"), itertools
        self.text = io.StringIO()

    def begin(self):
        self.text.seek(0)
        self.text.truncate()

    def advance(self, action):
        with self.lock, contextlib.redirect_stdout(self.text):
            print(self.place, end=",")

    def more(self):
        return self.text.getvalue()


class InSets(Walk):
    def begin(self):
        self.visited, self.fixed = {(0, "start")}, frozenset({1})

    def advance(self, action):
        self.visited.add((self.place, "seen"))
        self.fixed |= {self.place}
        if len(self.visited) > 4:
            self.visited.pop()

    def more(self):
        return [list(map(list, self.visited)), sorted(self.fixed)]


class InIdentity(Walk):
    """Objects as keys, by what they are and not by what they hold."""

    def begin(self):
        self.parts = [Cell(None, i) for i in range(3)]
        self.load = {part: 0 for part in self.parts}
        self.seats = {part: self.parts[i - 1] for i, part in enumerate(self.parts)}

    def advance(self, action):
        self.load[self.seats[self.parts[action]]] += self.steps

    def more(self):
        return [self.load[part] for part in self.parts]


class InNumbers(Walk):
    """Fractions, complex numbers, very large and very small ones, and no numbers."""

    def begin(self):
        self.share, self.wave, self.big, self.odd = fractions.Fraction(1, 3), 1j, 2**70, float("nan")

    def advance(self, action):
        self.share += fractions.Fraction(1, 3 + action)
        self.wave *= 0.5 + 1j
        self.big *= 3
        self.odd = -0.0 if action else float("inf")

    def more(self):
        return [str(self.share), self.wave.real, self.big % 1009, self.odd]


class Touchy:
    """Compares and tells its truth as arrays do: not at all."""

    def __init__(self):
        self.value = 0

    def __eq__(self, other):
        raise ValueError("the truth of this is ambiguous")

    __hash__ = None

    def __bool__(self):
        raise ValueError("the truth of this is ambiguous")

    def __repr__(self):
        raise RuntimeError("no repr")


class InTouchy(Walk):
    def begin(self):
        self.part = Touchy()

    def advance(self, action):
        self.part.value += action

    def more(self):
        return self.part.value


class Grown(type):
    """A metaclass that counts what it makes."""

    made = 0

    def __call__(cls, *arguments):
        made = super().__call__(*arguments)
        Grown.made += 1
        return made


class InMetaclass(Walk, metaclass=Grown):
    def advance(self, action):
        self.part = Seed(self.place)

    def more(self):
        return self.part.place if hasattr(self, "part") else None


class Seed(metaclass=Grown):
    def __init__(self, place):
        self.place = place


class Only:
    """There is one of it."""

    one = None

    def __new__(cls):
        cls.one = cls.one or super().__new__(cls)
        return cls.one


class InSingleton(Walk):
    def begin(self):
        self.shop = Only()
        self.shop.sold = 0

    def advance(self, action):
        Only().sold += action

    def more(self):
        return Only().sold


class InClass(Walk):
    """A class counts for all its instances."""

    total = 0

    def begin(self):
        type(self).total = 0

    def advance(self, action):
        type(self).total += action + 1

    def more(self):
        return self.total


visits = 0
board = {}


class InModule(Walk):
    """The module's own names hold the state."""

    def begin(self):
        global visits
        visits = 0
        board.clear()

    def advance(self, action):
        global visits
        visits += 1
        board[self.place] = action

    def more(self):
        return visits, len(board)


class InDefaults(Walk):
    """State in a default argument, and on a function."""

    def begin(self):
        self.remember(None)
        InDefaults.remember.calls = 0

    def remember(self, what, kept=[]):  # noqa: B006
        if what is None:
            kept.clear()
        else:
            kept.append(what)
            InDefaults.remember.calls += 1
        return len(kept)

    def advance(self, action):
        self.kept = self.remember(action)

    def more(self):
        return getattr(self, "kept", 0), InDefaults.remember.calls


class Guarded(Walk):
    """Takes no attribute from outside."""

    def __setattr__(self, name, value):
        if name not in {"rng", "place", "steps", "sum"}:
            raise AttributeError(f"{name} is not settable")
        object.__setattr__(self, name, value)

    def __delattr__(self, name):
        raise AttributeError(f"{name} stays")

    def begin(self):
        self.sum = 0

    def advance(self, action):
        self.sum += action

    def more(self):
        return self.sum


class Large(Walk):
    """A buffer of 2 MiB that each step changes in one place."""

    def begin(self):
        self.map = bytearray(2**21)

    def advance(self, action):
        self.map[self.rng.randrange(2**21)] = 1
        self.map[action] += 1

    def more(self):
        return zlib.crc32(self.map)
