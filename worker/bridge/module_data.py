# What modules and classes hold: found, compared with what they held at the set-up, and put back.

CODE = (type, ModuleType, BuiltinFunctionType)
# packages whose modules and classes hold no env's state
STATELESS = set(
    "__main__ numpy gymnasium gym pettingzoo pygame pyodide _pyodide _pyodide_core pyodide_js js _rxgym micropip packaging scipy "
    "matplotlib mpl_toolkits PIL pandas sklearn skimage networkx sympy torch jax onnx onnxruntime numba cv2 shapely "
    "cloudpickle typing_extensions farama_notifications attr attrs pydantic yaml tqdm six dateutil pytz".split()
)


def is_data(name, value):
    """Whether an attribute of a module or class may be state: no code, and nothing of Python's own."""
    kind = type(value)
    return name[:2] != "__" and name[:5] != "_abc_" and not issubclass(kind, CODE) and not hasattr(kind, "__get__")


def package_of(thing):
    """The outermost package that a module, a class or a function is of; None for those of Python, NumPy, and the like."""
    name = getattr(thing, "__name__" if isinstance(thing, ModuleType) else "__module__", None)
    root = str(name).partition(".")[0]
    return None if name is None or root in STATELESS or is_stdlib(root) else root


def packages_of(chain):
    """Those of the env's classes, what their modules and `__main__` have imported, and the modules among the page's files."""
    modules = [module for module in list(sys.modules.values()) if type(module) is ModuleType]
    own = [module for module in modules if str(vars(module).get("__file__")).startswith(os.getcwd())]
    found, todo = set(), [__main__, *own, *(kind for each in chain for kind in type(each).__mro__)]
    while todo:
        thing = todo.pop()
        package = package_of(thing)
        if package is not None and package not in found:
            found.add(package)
            todo += [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == package]
        if isinstance(thing, ModuleType) and (package is not None or thing is __main__):
            todo += [each for each in vars(thing).values() if package_of_imported(each) not in (None, *found)]
    return frozenset(found)


def package_of_imported(value):
    return package_of(value) if isinstance(value, (ModuleType, type, FunctionType)) else None


def holders(packages):
    """The modules of an env's packages, and their classes and those of `__main__`, by module and class."""
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in packages]
    found = {(module.__name__, ""): module for module in modules}
    for module in [*modules, __main__]:
        kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and kind.__module__ == module.__name__]
        found.update(((module.__name__, kind.__qualname__), kind) for kind in kinds)
    return found


def shared_data(packages):
    """What they hold, by module, class and name."""
    return {
        (*place, name): value
        for place, holder in holders(packages).items()
        for name, value in vars(holder).items()
        if is_data(name, value)
    }


def functions_of(packages):
    return {
        (*place, name): value
        for place, holder in [*holders(packages).items(), (("__main__", ""), __main__)]
        for name, value in list(vars(holder).items())
        if type(value) is FunctionType
        if value.__closure__ or vars(value) or value.__kwdefaults__ or not {*map(type, value.__defaults__ or ())} <= ATOMS
    }


def mark_of_function(value):
    """Of what it keeps beside its code: attributes, defaults, and the variables of its closure."""
    return mark_of((vars(value), value.__defaults__, value.__kwdefaults__, value.__closure__))


def has_hidden_state(env):
    """Whether a step may have changed what no state holds: then a recovery goes by the log alone."""
    kept = {place: value for place, value in shared_data(env.packages).items() if env.marks.get(place, b"") is None}
    kept.update((name, vars(__main__)[name]) for name in env.not_captured & vars(__main__).keys())
    if any(type(value).__module__.partition(".")[0] not in STATELESS - {"__main__"} for value in kept.values()):
        return True
    is_changed = False
    for place, value in functions_of(env.packages).items():
        function, mark = env.functions.get(place, (None, None))
        if function is not value:
            env.functions[place] = value, mark_of_function(value)
        elif mark != mark_of_function(value):
            is_changed = True
    return is_changed


def mark_of(value, chain=()):
    """The same for the same value; None where that cannot be said."""
    try:
        return dumps(value, 5) if type(value) in ATOMS else pickled(value, chain)
    except Exception:
        return None


def mark_shared_data(env):
    env.packages = packages_of(chain_of(env.env))
    env.marks, env.holders = {}, set()
    add_marks(env, {place: mark_of(value) for place, value in shared_data(env.packages).items()})
    env.functions = {place: (value, mark_of_function(value)) for place, value in functions_of(env.packages).items()}


def add_marks(env, marks):
    env.marks.update(marks)
    env.holders.update(holders(env.packages))


def held_for_envs():
    return {packages: shared_data(packages) for packages in {env.packages for env in envs.values()}}


def keep_what_is_new(held):
    """What came since `held`, by code of the page or another env's set-up, is no change: a recovery runs those again."""
    known_names.clear()
    for packages, before in held.items():
        after = shared_data(packages).items()
        new = {place: mark_of(value) for place, value in after if before.get(place, before) is not value}
        for env in envs.values():
            if env.packages == packages:
                add_marks(env, new)


def changed_data(env):
    """By place. A module that was imported since the set-up counts as unchanged when it is first seen: to bring its
    registries back would make copies of them. What it held has to be the same where the state is brought back."""
    changed, new, late = {}, {}, {}
    imported = len(sys.modules), len(vars(__main__))
    if imported != env.imported:
        env.imported, env.packages = imported, packages_of(chain_of(env.env))
    for place, value in shared_data(env.packages).items():
        mark = mark_of(value)
        if place[:2] not in env.holders:
            new[place] = mark
        elif place not in env.marks or mark != env.marks[place]:
            changed[place] = value
        if place in new or place[:2] in env.late_holders:
            late[place] = crc32(mark or b"")
    if new:
        env.late_holders.update(place[:2] for place in new)
        add_marks(env, new)
    if changed and len(envs) > 1:
        raise StateError(f"{'.'.join(filter(None, next(iter(changed))))} was changed, which all envs share")
    return changed, late


def put_back(env, shared, late):
    """What modules and classes held: as in the state, or else as at the set-up."""
    now = changed_data(env)[0] if len(envs) == 1 else {}
    for place in now.keys() - shared.keys():
        holder, name = holder_of(place)
        mark = env.marks.get(place, b"")
        if mark:
            setattr(holder, name, unpickled(mark, ()))
        elif mark == b"":
            delattr(holder, name)
    for place, value in shared.items():
        setattr(*holder_of(place), value)
    for place, checksum in late.items():
        holder, name = holder_of(place)
        if crc32(mark_of(vars(holder).get(name)) or b"") != checksum:
            raise StateError(f"{'.'.join(filter(None, place))} is not what it was")


def holder_of(place):
    module, kind, name = place
    holder = importlib.import_module(module)
    for part in kind.split(".") if kind else ():
        holder = getattr(holder, part)
    return holder, name
