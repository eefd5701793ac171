# The hash of a graph.


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
