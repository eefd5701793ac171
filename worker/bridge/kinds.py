# Classes by what they hold: attributes, and what C code keeps.


# The env's state can be neither asked for nor captured, or cannot be brought back.
class StateError(Exception):
    pass


HEAP_TYPE, IMMUTABLE_TYPE = 1 << 9, 1 << 8  # https://docs.python.org/3/c-api/typeobj.html#tp-flags
HOOKS = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__getnewargs__", "__getnewargs_ex__")
ATOMS = {int, float, complex, bool, str, bytes, type(None), type(...), type(NotImplemented), CodeType}
FILLED = {list, dict, set, deque, bytearray}
VALUES = {tuple, int, float, complex, str, bytes, frozenset}
POINTER = tuple.__itemsize__


def state_of(thing):
    """What lies in an object's __dict__ and in its slots: two dicts, or None where there is nothing."""
    state = object.__getstate__(thing)
    return state if type(state) is tuple else (state, None)


def attributes_of(thing):
    """Also those in slots, and none that a __getattr__ finds elsewhere."""
    inside, slots = state_of(thing)
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
