# An env as a graph of objects: how each is taken apart and made again, how two graphs differ, and their hash.
#
# Pickle asks an object for its state, and many classes answer with less than it is (Gymnasium's EzPickle: the constructor's
# arguments). Here instances of Python classes are what lies in their __dict__ and slots; only builtin types, the standard
# library and NumPy are asked (https://docs.python.org/3/library/pickle.html#pickling-class-instances).


# The env's state can be neither asked for nor captured, or cannot be brought back.
class StateError(Exception):
    pass


HEAP_TYPE, IMMUTABLE_TYPE = 1 << 9, 1 << 8  # https://docs.python.org/3/c-api/typeobj.html#tp-flags
HOOKS = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__getnewargs__", "__getnewargs_ex__")
ATOMS = {int, float, complex, bool, str, bytes, type(None), type(...), type(NotImplemented), CodeType}
FILLED = {list, dict, set, deque, bytearray}
VALUES = {tuple, int, float, complex, str, bytes, frozenset}
POINTER = tuple.__itemsize__


def attributes_of(thing):
    """Also those in slots, and none that a __getattr__ finds elsewhere."""
    state = object.__getstate__(thing)
    inside, slots = state if type(state) is tuple else (state, None)
    return {**(inside or {}), **(slots or {})}


def is_trusted(kind):
    """Whether a class comes with Python or NumPy, which say all of a state."""
    return is_stdlib(str(getattr(kind, "__module__", "")))


def is_stdlib(module):
    root = module.partition(".")[0]
    return root == "numpy" or root in sys.stdlib_module_names


def base_in_c(kind):
    """The class of which all those before it in the MRO add nothing but attributes."""
    if kind not in known_bases:
        known_bases[kind] = find_base_in_c(kind)
    return known_bases[kind]


known_bases = {}


def find_base_in_c(kind):
    while kind.__base__ is not None:
        base = kind.__base__
        slots = sum(type(each) is MemberDescriptorType for each in vars(kind).values())
        own = sum(bool(getattr(kind, name, 0)) and not getattr(base, name, 0) for name in ("__dictoffset__", "__weakrefoffset__"))
        size = base.__basicsize__ + POINTER * slots
        is_python = kind.__flags__ & (HEAP_TYPE | IMMUTABLE_TYPE) == HEAP_TYPE
        if not is_python or not size <= kind.__basicsize__ <= size + POINTER * own:
            return kind
        kind = base
    return kind


# What makes objects again. Pickle refers to functions by module and name, so they have a module.
makers = ModuleType("_rxgym")
sys.modules["_rxgym"] = makers


def maker(function):
    function.__module__ = "_rxgym"
    function.__qualname__ = function.__name__
    setattr(makers, function.__name__, function)
    return function


class Program:
    """What a state that is brought back refers to instead of holding it."""

    members = {}  # the env and what it wraps by number, and parts of it by name, which stay the same objects
    classes = None  # those that can be reached from it, by module and name
    is_proof = False  # nothing is to change but the copies


@maker
def member(place):
    return Program.members[place]


@maker
def local_class(module, name):
    if Program.classes is None:
        kinds = {type(thing) for _, thing in walk(list(Program.members.values()))}
        Program.classes = {(kind.__module__, kind.__qualname__): kind for kind in kinds}
    found = Program.classes.get((module, name)) or newest_class(module, name)
    if found is None:
        raise StateError(f"there is no class {name} of {module} in this program")
    return found


@maker
def empty(kind):
    return object.__new__(kind)


@maker
def filled(kind):
    """Of a list, dict, set, deque or bytearray."""
    return base_in_c(kind).__new__(kind)


@maker
def of_value(kind, value):
    """Of what cannot change: a number, a str, a tuple."""
    return base_in_c(kind).__new__(kind, value)


@maker
def of_module(kind, module, name):
    """What a module has under a name: others may refer to it, too, so it stays the same object."""
    found = vars(importlib.import_module(module)).get(name)
    return found if type(found) is kind else object.__new__(kind)


@maker
def set_of_module(thing, state):
    if not Program.is_proof:
        replace_attributes(thing, state)


@maker
def extend(thing, states):
    state, attributes = states
    if state is not None and hasattr(thing, "__setstate__"):
        thing.__setstate__(state)
    replace_attributes(thing, attributes)


@maker
def set_attributes(thing, state):
    inside, slots = state
    if inside is not None:
        object.__getattribute__(thing, "__dict__").update(inside)
    for name, value in (slots or {}).items():
        object.__setattr__(thing, name, value)


def replace_attributes(thing, state):
    for name in attributes_of(thing):
        object.__delattr__(thing, name)
    set_attributes(thing, state)


@maker
def fill(thing, state):
    *attributes, items = state
    base = base_in_c(type(thing))
    (base.extend if hasattr(base, "extend") else base.update)(thing, items)
    set_attributes(thing, attributes)


@maker
def code(data):
    return marshal.loads(data)


@maker
def lock(is_reentrant):
    return RLock() if is_reentrant else allocate_lock()


@maker
def function(code, module, name, defaults, closure):
    return FunctionType(code, vars(importlib.import_module(module)), name, defaults, closure)


@maker
def set_function(made, state):
    made.__kwdefaults__, made.__qualname__, attributes = state
    vars(made).update(attributes)


@maker
def cell():
    return CellType()


@maker
def set_cell(made, contents):
    made.cell_contents = contents[0]


@maker
def dead_reference():
    return weakref.ref(set())


@maker
def array_view(owner, dtype, shape, strides, offset, writeable):
    numpy = sys.modules["numpy"]
    view = numpy.ndarray(shape, dtype, flat_array(owner), offset, strides)
    view.flags.writeable = writeable
    return view


@maker
def memory_view(owner, start, size, code, shape, readonly):
    view = memoryview(owner).cast("B")[start : start + size]
    view = view.cast(code, shape) if size else view.cast(code)
    return view.toreadonly() if readonly else view


def flat_array(owner):
    """The bytes of an array, or of anything with a buffer, as one NumPy array."""
    numpy = sys.modules["numpy"]
    if isinstance(owner, numpy.ndarray):
        return owner.ravel("K").view("uint8") if owner.size else owner
    return numpy.frombuffer(owner, "uint8")


def reduced(thing):
    """How to make an object again, as a tuple of pickle's (make, arguments, state, items, pairs, set state), or
    NotImplemented where pickle knows it itself."""
    kind = type(thing)
    if kind not in reducers:
        reducers[kind] = reducer_of(thing, kind)
    reduce = reducers[kind]
    return NotImplemented if reduce is None else reduce(thing)


def reducer_of(thing, kind):
    if issubclass(kind, type):
        return reduce_class
    numpy = sys.modules.get("numpy")
    if kind is getattr(numpy, "ndarray", None):
        return reduce_array
    if not kind.__flags__ & HEAP_TYPE or kind.__flags__ & IMMUTABLE_TYPE:
        return None
    hook = next(each for each in kind.__mro__ if any(name in vars(each) for name in HOOKS))
    base = base_in_c(kind)
    if hook is not object:
        if is_trusted(hook):
            return None if is_trusted(kind) or issubclass(kind, Enum) else reduce_extended
        try:
            thing.__reduce_ex__(5)  # what an object refuses is not taken from it
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            return lambda _: refuse(text)
    if base is object:
        return reduce_plain
    return reduce_filled if base in FILLED else reduce_value if base in VALUES else None


def refuse(text):
    raise TypeError(text)


def state_of(thing):
    state = object.__getstate__(thing)
    return state if type(state) is tuple else (state, None)


def reduce_plain(thing):
    kind = type(thing)
    name = names_in(kind.__module__).get(id(thing))
    if name is not None:
        return of_module, (kind, kind.__module__, name), state_of(thing), None, None, set_of_module
    return empty, (kind,), state_of(thing), None, None, set_attributes


known_names = {}  # by module, of the objects that it holds: their names by id


def names_in(module):
    if module not in known_names:
        held = vars(sys.modules.get(module, makers))
        known_names[module] = {id(value): name for name, value in held.items() if not isinstance(value, (type, ModuleType))}
    return known_names[module]


def reduce_sentinel(thing):
    """An `object()` is nothing but its identity, so it has to be the same one."""
    for module in list(sys.modules):
        name = None if is_stdlib(module) else names_in(module).get(id(thing))
        if name is not None:
            return of_module, (object, module, name)
    return object, ()


def reduce_extended(thing):
    """Of a class that adds attributes to one of Python's, which does not know of them."""
    make, arguments, state, items, pairs, *_ = (*thing.__reduce_ex__(5), None, None, None)
    return make, arguments, (state, state_of(thing)), items, pairs, extend


def reduce_filled(thing):
    base = base_in_c(type(thing))
    items = dict(base.items(thing)) if base is dict else bytes(thing) if base is bytearray else list(base.__iter__(thing))
    return filled, (type(thing),), (*state_of(thing), items), None, None, fill


def reduce_value(thing):
    base = base_in_c(type(thing))
    plain = base.__getnewargs__(thing)[0] if hasattr(base, "__getnewargs__") else base(thing)
    return of_value, (type(thing), plain), state_of(thing), None, None, set_attributes


def reduce_class(kind):
    if is_importable(kind):
        return NotImplemented
    return local_class, (kind.__module__, kind.__qualname__)


def reduce_function(thing):
    if is_importable(thing):
        return NotImplemented
    if thing.__globals__ is not vars(sys.modules.get(thing.__module__, makers)):
        raise TypeError(f"the function {thing.__qualname__} has globals of its own")
    make = (thing.__code__, thing.__module__, thing.__name__, thing.__defaults__, thing.__closure__)
    return function, make, (thing.__kwdefaults__, thing.__qualname__, vars(thing)), None, None, set_function


def reduce_method(thing):
    me, call = thing.__self__, thing.__func__
    name = call.__name__
    if getattr(type(me), name, None) is call:
        return getattr, (me, name)
    return MethodType, (call, me)


def reduce_cell(thing):
    try:
        contents = (thing.cell_contents,)
    except ValueError:
        return cell, ()
    return cell, (), contents, None, None, set_cell


def reduce_reference(thing):
    target = thing()
    return (dead_reference, ()) if target is None else (type(thing), (target,))


def reduce_weak(thing):
    return type(thing), (set(thing) if isinstance(thing, weakref.WeakSet) else dict(thing),)


def reduce_lock(thing):
    is_reentrant = isinstance(thing, RLock)
    if thing._is_owned() if is_reentrant else thing.locked():
        raise TypeError("a lock is held")
    return lock, (is_reentrant,)


def reduce_array(thing):
    """Views of one array stay so."""
    numpy = sys.modules["numpy"]
    owner = thing
    while isinstance(owner, numpy.ndarray) and owner.base is not None:
        owner = owner.base
    owner = owner.obj if isinstance(owner, memoryview) else owner
    # where it is bytes, NumPy has made it of a pickle
    is_flat = owner.flags.forc if type(owner) is numpy.ndarray else isinstance(owner, (bytearray, array))
    if owner is thing or thing.dtype.hasobject or not is_flat:
        return thing.__reduce_ex__(4)  # by protocol 5 it would be made as a view of bytes
    offset = thing.__array_interface__["data"][0] - flat_array(owner).__array_interface__["data"][0]
    return array_view, (owner, thing.dtype, thing.shape, thing.strides, offset, thing.flags.writeable)


def reduce_memoryview(thing):
    owner = thing.obj
    if not thing.c_contiguous or not isinstance(owner, (bytes, bytearray, array)):
        raise TypeError(f"a memoryview of {type(owner).__name__} that is no plain part of it")
    with memoryview(owner) as whole, whole.cast("B") as data, thing.cast("B") as part:
        start = 0
        if part.nbytes != data.nbytes:
            import ctypes

            if part.readonly:
                raise TypeError("a read-only memoryview of a part of what it views")
            address = [ctypes.addressof(ctypes.c_char.from_buffer(each)) if len(each) else 0 for each in (data, part)]
            start = address[1] - address[0] if len(part) else 0
        return memory_view, (owner, start, part.nbytes, thing.format, thing.shape, thing.readonly)


def reduce_proxy(thing):
    return MappingProxyType, (gc.get_referents(thing)[0],)


reducers = {
    FunctionType: reduce_function,
    MethodType: reduce_method,
    object: reduce_sentinel,
    ModuleType: lambda thing: (importlib.import_module, (thing.__name__,)),
    CellType: reduce_cell,
    CodeType: lambda thing: (code, (marshal.dumps(thing),)),
    MappingProxyType: reduce_proxy,
    memoryview: reduce_memoryview,
    weakref.ref: reduce_reference,
    weakref.WeakValueDictionary: reduce_weak,
    weakref.WeakKeyDictionary: reduce_weak,
    weakref.WeakSet: reduce_weak,
    type(allocate_lock()): reduce_lock,
    RLock: reduce_lock,
}


def is_importable(thing):
    """Whether its module has it under its name, so that a pickle may refer to it."""
    found = sys.modules.get(getattr(thing, "__module__", None) or "")
    for name in thing.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is thing


def newest_class(module, name):
    """A class that is alive, though no module has it."""
    found, todo, seen = None, [object], set()
    while todo:
        for kind in type.__subclasses__(todo.pop()):
            if kind not in seen:
                seen.add(kind)
                todo.append(kind)
                if kind.__module__ == module and kind.__qualname__ == name:
                    found = kind
    return found


class GraphPickler(Pickler):
    """Pickles a graph in which some members are not made anew, but found in the program at their places."""

    def __init__(self, file, members):
        super().__init__(file, 5)
        self.places = {id(each): place for place, each in members.items()}
        self.kinds = set(map(type, members.values()))

    def reducer_override(self, thing):
        kind = type(thing)
        if kind in self.kinds and id(thing) in self.places:
            return member, (self.places[id(thing)],)
        reduce = reducers.get(kind, reduced)
        return NotImplemented if reduce is None else reduce(thing)


def taken_apart(thing):
    """As pickle does it, also where that needs no help: a tuple, or a name."""
    made = reduced(thing)
    if made is not NotImplemented:
        return made
    if isinstance(thing, type) or inspect.isroutine(thing) and hasattr(thing, "__qualname__"):
        return f"{getattr(thing, '__module__', '')}.{thing.__qualname__}"
    by_table = dispatch_table.get(type(thing))
    return by_table(thing) if by_table else thing.__reduce_ex__(4)


def pieces(thing):
    """What an object consists of: labels as they are written behind its name, and values."""
    kind = type(thing)
    if kind in (list, tuple):
        return [(f"[{i}]", each) for i, each in enumerate(thing)]
    if kind is dict:
        return [
            pair
            for i, (key, each) in enumerate(thing.items())
            for pair in ((f".keys()[{i}]", key), (f"[{key!r}]" if type(key) in ATOMS else f".values()[{i}]", each))
        ]
    if kind in (set, frozenset):
        # objects that hash by their identity have no order
        is_ordered = all(type(each).__hash__ is not object.__hash__ for each in thing)
        return [("{}", each) for each in (thing if is_ordered else sorted(thing, key=digest_of))]
    made = taken_apart(thing)
    if isinstance(made, str):
        return [("", made)]
    make, arguments, state, items, pairs, *_ = (*made, None, None, None)
    if make is empty or make is of_module:
        inside, slots = state
        return [(f".{name}", each) for name, each in {**(inside or {}), **(slots or {})}.items()]
    return [
        ("", make),
        *((f"<{i}>", each) for i, each in enumerate(arguments)),
        ("", state),
        *((f"[{i}]", each) for i, each in enumerate(items or ())),
        *((f"[{key!r}]"[:LONGEST_REPR], part) for pair in pairs or () for key in (pair[0],) for part in pair),
    ]


def difference(one, other):
    """Where two graphs differ, as a path from their roots, or None where they are alike in all that they hold, in how they
    hang together, and in the order of their dicts and sets."""
    todo, others, ones = [("", one, other)], {}, {}
    while todo:
        path, one, other = todo.pop()
        kind = type(one)
        if one is other:
            continue
        if kind is not type(other):
            return path
        if kind in ATOMS:
            if one != other and repr(one) != repr(other) or kind in (float, complex) and repr(one) != repr(other):
                return path
            continue
        if id(one) in others or id(other) in ones:
            if others.get(id(one)) is not other or ones.get(id(other)) is not one:
                return path
            continue
        others[id(one)], ones[id(other)] = other, one
        parts, theirs = pieces(one), pieces(other)
        if [label for label, _ in parts] != [label for label, _ in theirs]:
            return path
        todo.extend((path + label, part, its) for (label, part), (_, its) in zip(reversed(parts), reversed(theirs), strict=True))
    return None


def walk(root, on_refusal=lambda path, error: None):
    """Yields all that can be reached, nearest first, each with its path."""
    todo, seen = deque([("", root)]), {}
    while todo:
        path, thing = todo.popleft()
        if type(thing) in ATOMS or id(thing) in seen:
            continue
        seen[id(thing)] = thing  # kept, so that no other gets its id
        yield path, thing
        try:
            todo.extend((path + label, part) for label, part in pieces(thing))
        except Exception as error:
            on_refusal(path, error)


def first_refusal(root):
    """The path to an object that cannot be taken apart, and why; None where there is none."""
    refusals = []
    for _ in walk(root, lambda path, error: refusals.append((path, error))):
        if refusals:
            break
    return refusals[0] if refusals else None


def digest_of(value, parents=(), known=None, depth=None):
    """SHA-256 of what a value holds, the same in every interpreter: dicts and sets in no order, objects as pickle sees
    them. With a `depth`, of what lies no deeper than that."""
    known = {} if known is None else known
    if (id(value), depth) in known:
        return known[id(value), depth][0]
    if depth is None and id(value) in parents:
        return sha256(f"cycle {len(parents) - parents.index(id(value))}".encode()).digest()
    inner = (*parents, id(value))
    below = depth and depth - 1

    def each(items):
        return [digest_of(item, inner, known, below) for item in items]

    def in_order(items):
        """An order for what has none, by the items' own digests: it decides how cycles look that the items share."""
        items = list(items)
        if depth is not None or len(items) < 2 or all(map(is_plain, items)):
            return items
        steps, alike = 2, {}
        while len(alike) < len(items) and steps < DEEPEST:  # until all differ
            steps *= 2
            keys = [digest_of(item, (), known, steps) for item in items]
            alike = Counter(keys)
        # those that differ from all others first
        order = sorted((alike[key], key, i) for i, key in enumerate(keys))
        return [items[i] for *_, i in order]

    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str):
        parts = [repr(value).encode()]
    elif kind in (bytes, bytearray):
        parts = [bytes(value)]
    elif depth == 0:
        parts = []
    elif kind in (list, tuple):
        parts = each(value)
    elif isinstance(value, (set, frozenset)):
        parts = [*sorted(each(in_order(value))), *each([getattr(value, "__dict__", None)])]
    elif kind is dict:
        names = in_order(value)
        keys = sorted(zip(each(names), map(value.get, names), strict=True), key=itemgetter(0))
        parts = sorted(key + digest_of(item, inner, known, below) for key, item in keys)
    elif kind is CodeType:
        parts = [value.co_code, *each(value.co_consts), *each(value.co_names)]
    else:
        made = taken_apart(value)
        if isinstance(made, str):
            parts = [made.encode()]
        else:
            # list and dict items come as iterators
            make, arguments, state, items, pairs = (*made, None, None, None)[:5]
            if make is of_module:  # whatever it is called
                make, arguments = empty, arguments[:1]
            ordered = list if isinstance(value, OrderedDict) else dict
            parts = each((make, arguments, state, items and list(items), pairs and ordered(pairs)))
    whole = sha256(b"\0".join([kind.__name__.encode(), *(b"%d:%b" % (len(part), part) for part in parts)])).digest()
    known[id(value), depth] = (whole, value)  # kept, so that no other value gets its id
    return whole


def is_plain(value):
    """Whether a value cannot lie in a cycle."""
    kind = type(value)
    if kind in (tuple, frozenset):
        return all(map(is_plain, value))
    return value is None or kind in (bool, int, float, complex, str, bytes)
