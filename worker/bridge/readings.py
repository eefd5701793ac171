# What an env returned, as numbers and flags.

scalars = {float, int, bool}  # a cache: the kinds of rewards and flags that have no elements


def is_scalar(value):
    kind = type(value)
    if kind in scalars:
        return True
    if hasattr(kind, "__len__"):
        return False
    if len(scalars) < MOST_LAYOUTS:
        scalars.add(kind)
    return True


def checked(result):
    if not isinstance(result, (tuple, list)) or len(result) not in (4, 5):
        if inspect.isawaitable(result):
            return checked(ended(result))
        raise TypeError(
            "expected env.step() to return (observation, reward, terminated, truncated, info), "
            f"got {opaque(result)['__repr__'][:200]}"
        )
    return result


def observation_and_info(result):
    """What `reset()` returned; Gym before 0.26 returned the observation alone."""
    if isinstance(result, (tuple, list)) and len(result) == 2:
        observation, info = result
        if isinstance(info, dict):
            # a list of two dicts, the second with something in it, is what two agents observe
            if isinstance(result, tuple) or not info or not isinstance(observation, dict):
                return observation, info
        elif info is None and isinstance(result, tuple):
            return observation, {}
        elif isinstance(info, (list, tuple)) and info and all(isinstance(each, dict) for each in info):
            # one for each agent or env
            if isinstance(result, tuple) and length_of(observation) == len(info):
                return observation, info
    return result, {}


def flags_of(terminated, truncated, info):
    """Whether the episode ended and whether it was cut off. `truncated` is a list, empty where the env gave four values."""
    if truncated and type(terminated) is bool and type(truncated[0]) is bool:
        return terminated, truncated[0]
    ended = flag(terminated)
    if truncated:
        return ended, flag(truncated[0])
    # Gym before 0.26: one flag, and the time limit in the info (https://gymnasium.farama.org/introduction/migration_guide/)
    cut_off = ended and isinstance(info, dict) and bool(info.get("TimeLimit.truncated", False))
    return ended and not cut_off, cut_off


def flag(value):
    if type(value) in scalars:
        return bool(value)
    items = items_of(value)
    if items is None and not (value and isinstance(value, (str, bytes, dict))):
        return bool(value)
    if items is not None and len(items) == 1:
        return flag(items[0])
    raise TypeError(
        f"expected one flag for the end of an episode, got {opaque(value)['__repr__'][:200]}: an env of several agents also "
        "returns a list of rewards and a list of observations, or dicts by agent"
    )


def items_of(value):
    """The elements of a list, a tuple or an array; None for anything else, and for an array without dimensions."""
    if isinstance(value, (list, tuple)):
        return value
    if look_up(value, "shape") and callable(look_up(value, "tolist")):
        return value.tolist()
    if isinstance(value, array):
        return value
    return None


def number(value):
    """A reward as an int or a float; a float where an int is larger than JavaScript's numbers can count."""
    try:
        kind = type(value)
        if kind not in NUMBERS:
            if kind in conversions:
                value = conversions[kind](value)
            else:
                item = value.item() if hasattr(value, "item") else float(value)
                note_conversion(kind, item)
                value = int(item) if type(item) is bool else item  # of NumPy
        return float(value) if isinstance(value, int) and not -SAFE <= value <= SAFE else value
    except (TypeError, ValueError, OverflowError):
        raise TypeError(
            f"expected a number as reward, or a list of numbers, got {opaque(value)['__repr__'][:200]}"
        ) from None


def reward_of(value):
    """A reward as a number, or as an array of float64 where it has several elements: one for each objective."""
    if type(value) in scalars:
        return number(value)
    items = items_of(value)
    if items is None or len(items) == 0:
        return number(value)
    return number(items[0]) if len(items) == 1 else array("d", map(number, items))


def added(total, reward):
    """The return so far and a reward, which are both numbers or both arrays."""
    if type(reward) is not array:
        if type(total) is not array:
            return number(total + reward)
    elif type(total) is not array:
        if total == 0:
            return reward[:]
    elif len(total) == len(reward):
        return array("d", map(add, total, reward))
    sizes = [f"{len(each)} numbers" if type(each) is array else "one number" for each in (total, reward)]
    raise TypeError(f"expected a reward of {sizes[0]}, as those before, got {sizes[1]}")


def elements(values, size, whose="env"):
    """A list of one value for each env or agent."""
    try:
        listed = list(values) if isinstance(values, (list, tuple)) else memoryview(values).tolist()
        if len(listed) == size:
            return listed
    except TypeError:
        pass
    raise TypeError(f"expected an array of {size}, one for each {whose}, got {opaque(values)['__repr__'][:200]}")
