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

    members = {}  # the env and what it wraps by number, and parts of it by name or path, which stay the same objects
    classes = None  # those that can be reached from it, by module and name
    is_proof = False  # nothing is to change but the copies


@maker
def member(place):
    return Program.members[place] if place in Program.members else at_path(Program.members[0], place)


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
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part, None)
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
def spent():
    made = (each for each in ())
    list(made)
    return made


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
