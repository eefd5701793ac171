# How each object is taken apart.


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
    of_pygame = pygame_reducer(kind)
    if of_pygame is not None:
        return of_pygame
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


def reduce_plain(thing):
    kind = type(thing)
    name = names_in(kind.__module__).get(id(thing))
    if name is not None:
        return of_module, (kind, kind.__module__, name), state_of(thing), None, None, set_of_module
    return empty, (kind,), state_of(thing), None, None, set_attributes


known_names = {}  # by module, of the objects that it holds: their names by id


def names_in(module):
    if module not in known_names:
        held = list(vars(sys.modules.get(module, makers)).items())
        kinds = [kind for _, kind in held if isinstance(kind, type) and kind.__module__ == module]
        held += [(f"{kind.__qualname__}.{name}", value) for kind in kinds for name, value in vars(kind).items()]
        known_names[module] = {id(value): name for name, value in held if not isinstance(value, (type, ModuleType))}
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
    # where it lies over bytes, NumPy has made it of a pickle
    while isinstance(owner, numpy.ndarray) and owner.base is not None and type(owner.base) is not bytes:
        owner = owner.base
    owner = owner.obj if isinstance(owner, memoryview) else owner
    if owner is thing:
        return thing.__reduce_ex__(4)  # by protocol 5 it would be made as a view of bytes
    is_flat = owner.flags.forc if type(owner) is numpy.ndarray else isinstance(owner, (bytearray, array))
    if thing.dtype.hasobject or not is_flat:
        raise TypeError(f"an array that is a view of a {type(owner).__name__}")
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


def reduce_generator(thing):
    if thing.gi_frame is not None:
        refuse("cannot pickle 'generator' object")
    return spent, ()


def reduce_count(thing):
    try:
        given = ast.literal_eval(repr(thing)[5:])
    except ValueError:
        refuse("cannot pickle 'itertools.count' object")
    return count, given if type(given) is tuple else (given,)


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
    GeneratorType: reduce_generator,
    count: reduce_count,
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
