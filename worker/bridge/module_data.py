# What modules and classes hold: found, compared with what they held at the set-up, and put back.

CODE = (type, ModuleType, BuiltinFunctionType)
# packages whose modules and classes hold no env's state
STATELESS = {"__main__", "numpy", "gymnasium", "gym", "pettingzoo", "pygame", "pyodide", "_pyodide", "js", "_rxgym"}


def is_data(name, value):
    """Whether an attribute of a module or class may be state: no code, and nothing of Python's own."""
    kind = type(value)
    return name[:2] != "__" and name[:5] != "_abc_" and not issubclass(kind, CODE) and not hasattr(kind, "__get__")


def packages_of(chain):
    kinds = {kind for each in chain for kind in type(each).__mro__}
    return frozenset({str(kind.__module__).partition(".")[0] for kind in kinds if not is_trusted(kind)} - STATELESS)


def shared_data(packages):
    """What modules and classes of an env's packages hold, by module, class and name."""
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in packages]
    found = {(module.__name__, "", name): value for module in modules for name, value in vars(module).items() if is_data(name, value)}
    for module in [*modules, __main__]:
        for kind in list(vars(module).values()):
            if isinstance(kind, type) and kind.__module__ == module.__name__:
                place = module.__name__, kind.__qualname__
                found.update(((*place, name), value) for name, value in vars(kind).items() if is_data(name, value))
    return found


def mark_of(value, chain=()):
    """The same for the same value; None where that cannot be said."""
    try:
        return dumps(value, 5) if type(value) in ATOMS else pickled(value, chain)
    except Exception:
        return None


def mark_shared_data(env):
    env.packages = packages_of(chain_of(env.env))
    env.marks = {place: mark_of(value) for place, value in shared_data(env.packages).items()}


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
                env.marks.update(new)


def changed_data(env):
    changed = {}
    for place, value in shared_data(env.packages).items():
        if place not in env.marks or mark_of(value) != env.marks[place]:
            changed[place] = value
    if changed and len(envs) > 1:
        raise StateError(f"{'.'.join(filter(None, next(iter(changed))))} was changed, which all envs share")
    return changed


def put_back(env, shared):
    """What modules and classes held: as in the state, or else as at the set-up."""
    now = changed_data(env) if len(envs) == 1 else {}
    for place in now.keys() - shared.keys():
        holder, name = holder_of(place)
        mark = env.marks.get(place, b"")
        if mark:
            setattr(holder, name, unpickled(mark, ()))
        elif mark == b"":
            delattr(holder, name)
    for place, value in shared.items():
        setattr(*holder_of(place), value)


def holder_of(place):
    module, kind, name = place
    holder = importlib.import_module(module)
    for part in kind.split(".") if kind else ():
        holder = getattr(holder, part)
    return holder, name
