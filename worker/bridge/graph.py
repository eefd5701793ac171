# An env as a graph of objects: how each is taken apart and made again, how two graphs differ, and their hash.
#
# Pickle asks an object for its state, and many classes answer with less than it is (Gymnasium's EzPickle: the constructor's
# arguments). Here instances of Python classes are what lies in their __dict__ and slots; only builtin types, the standard
# library and NumPy are asked (https://docs.python.org/3/library/pickle.html#pickling-class-instances).


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


def difference(one, other, until=inf):
    """Where two graphs differ, as a path from their roots, or None where they are alike in all that they hold, in how they
    hang together, and in the order of their dicts and sets."""
    todo, others, ones = [("", one, other)], {}, {}
    while todo:
        path, one, other = todo.pop()
        kind = type(one)
        if one is other:
            continue
        if perf_counter() > until:
            raise TooSlow
        if kind is not type(other) or isinstance(one, type):
            return path
        if kind in ATOMS:
            # a NaN is not equal to itself, and -0.0 is to 0.0
            if repr(one) != repr(other) if kind in (float, complex) else one != other:
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
