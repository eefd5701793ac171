"""The Python half of rxgym: the envs of one interpreter, and their values as JSON text with buffers beside it.

Every function that JavaScript calls answers with JSON text: {"v": value} or {"e": {type, message, traceback}}, so that
no exception has to find its way through JavaScript. Arrays leave through `collect`, which copies their bytes and says
which buffer they became. What JSON lacks is an object with a "$"; src/protocol/pack.ts is the other half.
"""

import ast
import importlib
import inspect
import json
import linecache
import os
import random
import re
import sys
import traceback
from array import array
from collections import OrderedDict
from hashlib import sha256, shake_256
from math import isfinite, prod
from operator import add, itemgetter
from struct import unpack
from time import perf_counter
from types import CoroutineType
from zlib import crc32

import __main__

# What `pickle` hands on, without the 50 ms that it takes to import at each boot.
from _pickle import dumps, loads

SAFE = 2**53 - 1
DEEPEST = 64
LONGEST_REPR = 1000
LONGEST_TEXT = 20_000
MOST_LAYOUTS = 256
NATIVE = set("?bBhHiIlLqQfd")  # what memoryview casts to
HERE = "<rxgym>"

blank = dict(vars(__main__))
copy_out = None  # JavaScript's function: takes an index and contiguous bytes, and copies them; of pixels, with their channels
heap_is_full = None  # JavaScript's function
scratch = bytearray(2**16)  # small arrays' bytes, one after another, which JavaScript reads when the call is over
sizes = []  # of the arrays that this call has collected; -1 for one that was copied out
used = 0  # of the scratch
array_kinds = set()  # the types of arrays, and
layouts = {}  # by format and shape, how their text ends
envs = {}
spent = None  # in env.step(), in ms, where the page asks for times
checksum = 0  # of the bytes that were collected since it was last set to 0
entropy = None  # of the env that is at work: a key, and how often it was drawn from, elsewhere and in imports


# ---- entropy ----


def urandom(size, *, of_system=os.urandom):
    """What an env draws of the system's entropy has to come again in a replay: it is a stream that is part of its state."""
    if entropy is None:
        return of_system(size)
    # What is imported already draws nothing: what comes after must not depend on that.
    way = 2 if is_importing() else 1
    entropy[way] += 1
    return shake_256(repr((entropy[0], way, entropy[way])).encode()).digest(size)


def is_importing():
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_filename != "<frozen importlib._bootstrap>":
        frame = frame.f_back
    return frame is not None


def seed_generator(generator, a=None, version=2, *, given=random.Random.seed):
    """Without a seed, C code asks the system itself."""
    given(generator, int.from_bytes(urandom(32), "big") if a is None else a, version)


# Where Python's generators, secrets, uuid4, and by way of secrets NumPy's generators get theirs.
os.urandom = random._urandom = urandom
random.Random.seed = seed_generator
random.seed = random._inst.seed


# ---- Python → page ----


def collect(data):
    """Takes an array's bytes along with the answer; answers which of its buffers they become."""
    global checksum, used
    checksum = crc32(data, checksum)
    size = len(data)
    if used + size <= len(scratch):
        scratch[used : used + size] = data
        used += size
        sizes.append(size)
    else:
        copy_out(len(sizes), data)
        sizes.append(-1)
    return len(sizes) - 1


def encode(value, inside=()):
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return encode_int(value)
    if kind is float:
        return value if isfinite(value) else {"$": "float", "v": repr(value)}
    try:
        return encode_other(value, kind, inside)
    except KeyboardInterrupt:
        raise
    except BaseException:  # whatever a value's own methods raise, the step that it came from has been taken
        return opaque(value)


def encode_int(value):
    if -SAFE <= value <= SAFE:
        return value
    try:
        return {"$": "int", "v": str(value)}
    except ValueError:  # more digits than Python writes
        return opaque(value)


def encode_other(value, kind, inside):
    if isinstance(value, (dict, list, tuple)):
        if id(value) in inside or len(inside) >= DEEPEST:
            return opaque(value)
        inside = (*inside, id(value))
        if isinstance(value, dict):
            return encode_dict(value, inside)
        return [encode(item, inside) for item in value]
    # Subclasses, NumPy's float64 and enums among them, cross as what they extend, whatever their str() says.
    for base in (str, int, float):
        if isinstance(value, base):
            plain = base.__str__(value) if base is str else base.__int__(value) if base is int else base.__float__(value)
            return encode(plain, inside)
    if is_numpy_scalar(kind):
        item = value.item()
        # a long double's item is itself
        return encode(float(item) if type(item) is kind else item, inside)
    return encode_array(value, inside)


def encode_dict(value, inside):
    if all(type(key) is str for key in value) and "$" not in value:
        return {key: encode(item, inside) for key, item in value.items()}
    return encode_map(value, inside)


def encode_map(value, inside=()):
    return map_of({key: encode(item, inside) for key, item in value.items()})


def relative(text, before):
    """As if the arrays of the text were the first of their answer."""
    return re.sub(r'"i":(\d+)', lambda found: f'"i":{int(found[1]) - before}', text)


def text_of_map(value):
    return text_of(encode_map(value))


def map_of(encoded):
    """A Map, whatever the keys are, of items that are encoded already."""
    return {"$": "map", "v": [[encode(key), item] for key, item in encoded.items()]}


def is_numpy_scalar(kind):
    return hasattr(kind, "item") and hasattr(kind, "dtype") and not hasattr(kind, "__setitem__")


def encode_array(value, inside):
    try:
        view = memoryview(value)
    except Exception:  # TypeError: no buffer; ValueError: NumPy's dates have none
        return encode_list_like(value, inside)
    with view:
        dtype = dtype_of(view)
        if dtype is None:
            return encode_list_like(value, inside)
        if len(layouts) < MOST_LAYOUTS and view.c_contiguous and view.nbytes and view.ndim and view.format[:1].isalpha():
            array_kinds.add(type(value))
            layouts[view.format, view.shape] = f'"shape":{list(view.shape)},"dtype":"{dtype}"}}'
        return {"$": "array", "i": collect(flat_bytes(view, dtype)), "shape": list(view.shape), "dtype": dtype}


def text_of_value(value):
    """The text of a value as it is encoded; at once for what most steps have: numbers, flags, an empty info, and an array
    of a layout that was seen before."""
    kind = type(value)
    if kind is float:
        if isfinite(value):
            return repr(value)
    elif kind is bool:
        return PLAIN[value]
    elif kind is int:
        if -SAFE <= value <= SAFE:
            return repr(value)
    elif kind is dict and not value:
        return "{}"
    if kind in array_kinds:
        try:
            with memoryview(value) as view:
                layout = layouts.get((view.format, view.shape))
                if layout is not None and view.c_contiguous:
                    return f'{{"$":"array","i":{collect(view.cast("B"))},{layout}'
        except (TypeError, ValueError, BufferError):
            pass  # NumPy's dates
    return text_of(encode(value))


def encode_list_like(value, inside):
    """Arrays of strings or objects have no bytes to send, but they have a list."""
    if hasattr(type(value), "tolist") and getattr(value, "dtype", None) is not None:
        items = value.tolist()
        if isinstance(items, list):
            return encode(items, inside)
    return opaque(value)


def dtype_of(view):
    code = view.format.lstrip("@=<>!")
    bits = view.itemsize * 8
    if code == "?":
        return "bool"
    if code == "c":
        return "uint8"
    if len(code) != 1:
        return None
    if code in "bhilqn" and bits in (8, 16, 32, 64):
        return f"int{bits}"
    if code in "BHILQNP" and bits in (8, 16, 32, 64):
        return f"uint{bits}"
    if code in "efd":
        return f"float{bits}"
    return None


def flat_bytes(view, dtype):
    """The elements' bytes in row-major order and native byte order, without a copy where they lie so already."""
    big_endian = view.format[:1] in (">", "!") and view.itemsize > 1
    if dtype == "float16":
        order = ">" if big_endian else "<"
        return memoryview(array("f", unpack(f"{order}{prod(view.shape)}e", view.tobytes()))).cast("B")
    if big_endian:
        swapped = array({2: "H", 4: "I", 8: "Q"}[view.itemsize], view.tobytes())
        swapped.byteswap()
        return memoryview(swapped).cast("B")
    if view.c_contiguous and view.nbytes and view.ndim and view.format[:1] not in ("<", "="):
        return view.cast("B")
    return view.tobytes()


def opaque(value):
    try:
        text = repr(value)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        text = f"<{type(value).__name__}: its repr raised {type(error).__name__}>"
    return {"__repr__": text[:LONGEST_REPR], "__class__": type(value).__name__}


# ---- page → Python ----


def decode(text, buffers):
    global came
    if text.isdecimal():
        return int(text)  # an action, most often
    came = buffers
    return decoder.decode(text)


def untag(found):
    tag = found.get("$")
    if tag is None:
        return found
    if tag == "array":
        return decode_array(came[found["i"]], found["shape"], found["dtype"])
    if tag == "map":
        return {as_key(key): item for key, item in found["v"]}
    return int(found["v"]) if tag == "int" else float(found["v"])


came = None  # the buffers of what is being decoded
decoder = json.JSONDecoder(object_hook=untag)


def as_key(key):
    return tuple(as_key(part) for part in key) if isinstance(key, list) else key


FORMATS = {
    "bool": "?", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I",
    "int64": "q", "uint64": "Q", "float32": "f", "float64": "d",
}  # fmt: skip


def decode_array(buffer, shape, dtype):
    owned = bytearray(buffer)  # the interpreter's own, so that nothing of JavaScript is kept alive
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        return numpy.frombuffer(owned, dtype=dtype).reshape(shape)
    if len(owned) == 0 or len(shape) == 0:
        return memoryview(owned).cast(FORMATS[dtype])
    return memoryview(owned).cast(FORMATS[dtype], shape) if len(shape) > 1 else memoryview(owned).cast(FORMATS[dtype])


def fit_action(space, action):
    """Gives an action the Python type that its space asks for, as far as JavaScript could not say it."""
    if type(action) is int and not getattr(space, "shape", None):
        return action  # of a Discrete
    spaces = getattr(space, "spaces", None)
    kind = type(space).__name__
    if kind == "OneOf":
        return action  # an index, and an action of the space at that place
    if kind == "Sequence" and isinstance(action, list):
        return tuple(action)
    if isinstance(spaces, dict) and isinstance(action, dict):
        return {key: fit_action(spaces.get(key), item) for key, item in action.items()}
    if isinstance(spaces, (tuple, list)) and isinstance(action, (tuple, list)) and len(spaces) == len(action):
        return tuple(fit_action(inner, item) for inner, item in zip(spaces, action, strict=True))
    numpy = sys.modules.get("numpy")
    if numpy is None or isinstance(action, str) or action is None:
        return action
    dtype = getattr(space, "dtype", None)
    if dtype is None or not getattr(space, "shape", None):
        return action
    array = numpy.asarray(action, dtype=dtype)
    # a number for a shape of (1,), a flat list for a grid
    return array.reshape(space.shape) if array.size == prod(space.shape) else array


# ---- envs ----


class Env:
    """One env, its counters, and what it needs for a step."""

    def __init__(self, env, before_step=None, max_steps=None, episodes=0):
        for method in ("reset", "step"):
            if not callable(getattr(env, method, None)):
                raise TypeError(f"expected an env with reset() and step(), got {type(env).__name__} without {method}()")
        self.env = env
        self.before_step = compile(before_step, "<beforeStep>", "exec") if before_step else None
        if before_step:
            remember_lines("<beforeStep>", before_step)
        self.max_steps = max_steps
        self.index = 0
        self.episode = episodes
        self.is_reset = False
        self.is_over = False
        self.seen = None  # the latest observation
        self.policy = (None, None)  # of a rollout: its source and its function
        self.entropy = entropy
        self.total = 0
        self.parallel = getattr(env, "possible_agents", None) is not None
        num_envs = getattr(env, "num_envs", None)  # a vector env's, and its wrappers'
        self.num_envs = num_envs if isinstance(num_envs, int) else None
        # Gym before 0.26 asks for the mode at each call
        self.render_arguments = {"mode": old_render_mode(env)} if takes(env, "render", "mode", False) else {}

    def reset(self, seed=None, options=None):
        arguments = {}
        if seed is not None:
            if takes(self.env, "reset", "seed"):
                arguments["seed"] = seed
            elif callable(getattr(self.env, "seed", None)):
                self.env.seed(seed)  # Gym before 0.26
            else:
                raise TypeError("a seed was given, but the env's reset() takes none and it has no seed()")
        if options is not None:
            arguments["options"] = options
        result = self.env.reset(**arguments)
        # Gym before 0.26 answers the observation alone
        pair = isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], dict)
        observation, info = result if pair else (result, {})
        self.index = 0
        self.episode += 1
        self.is_reset = True
        self.is_over = False
        self.seen = observation
        self.total = {} if self.parallel else 0
        return observation, info

    def step(self, action):
        if not self.is_reset:
            self.reset()
        if self.before_step is not None:
            exec(self.before_step, vars(__main__))
        action = self.fitted(action)
        result = self.env.step(action) if spent is None else timed_step(self.env, action)
        observation, reward, terminated, *truncated, info = checked(result)
        self.index += 1
        over_time = self.max_steps is not None and self.index >= self.max_steps
        if isinstance(reward, dict):
            return self.parallel_step(observation, reward, terminated, truncated, info, over_time)
        if self.num_envs is not None:
            return self.vector_step(observation, reward, terminated, truncated, info, over_time)
        terminated, truncated = flags_of(terminated, truncated, info)
        truncated = truncated or over_time
        reward = number(reward)
        self.total = number(self.total + reward)
        return self.outcome(text_of_value, observation, reward, terminated, truncated, terminated or truncated, info, self.total)

    def parallel_step(self, observation, reward, terminated, truncated, info, over_time):
        self.parallel = True
        if not isinstance(self.total, dict):
            self.total = {}
        reward = {agent: number(value) for agent, value in reward.items()}
        terminated = {agent: bool(value) for agent, value in terminated.items()}
        truncated = {agent: bool(value) for agent, value in (truncated[0] if truncated else {}).items()}
        # RLlib's key for all of them decides where it is given
        everybody = [flags.pop("__all__") for flags in (terminated, truncated) if "__all__" in flags]
        agents = {**terminated, **truncated}
        terminated = {agent: terminated.get(agent, False) for agent in agents}
        truncated = {agent: truncated.get(agent, False) or over_time for agent in agents}
        for agent, value in reward.items():
            self.total[agent] = number(self.total.get(agent, 0) + value)
        # Agents that were done before are not in the dicts any more: the episode is over when no one is left.
        left = any(not terminated[agent] and not truncated[agent] for agent in agents)
        done = over_time or (any(everybody) if everybody else not left)
        return self.outcome(text_of_map, observation, reward, terminated, truncated, done, info, self.total)

    def vector_step(self, observation, reward, terminated, truncated, info, over_time):
        if not truncated:
            raise TypeError("expected step() of an env with num_envs to return five values, got four")
        reward, terminated, truncated = (
            elements(values, self.num_envs) for values in (reward, terminated, truncated[0])
        )
        total = list(map(add, self.total or [0] * self.num_envs, reward))
        # it resets its envs itself: those that have just ended begin anew with the next step
        self.total = [0 if over or late else value for value, over, late in zip(total, terminated, truncated, strict=True)]
        flags = [memoryview(bytes(map(bool, values))).cast("?") for values in (terminated, truncated)]
        return self.outcome(text_of_value, observation, array("d", reward), *flags, over_time, info, array("d", total))

    def outcome(self, text, observation, reward, terminated, truncated, done, info, total):
        """The step as the text that is sent, and the digest by which a replay is compared: of all but `info`, where
        clocks live."""
        global checksum
        checksum = 0
        before = len(sizes)
        self.is_over = done
        self.seen = observation
        core = (
            f"{text(observation)},{text(reward)},{text(terminated)},{text(truncated)},"
            f"{'true' if done else 'false'},{self.index},{self.episode}"
        )
        digest = crc32((relative(core, before) if before else core).encode(), checksum)
        return f"{core},{text(info)},{text(total)},{digest}", digest

    def rollout(self, actions, policy, steps, once):
        """Many steps in one go, in columns instead of rows, and the digest of them. An episode that is over is followed
        by the next, or with `once` is the last."""
        global checksum
        if self.parallel or self.num_envs is not None:
            raise TypeError("rollout() takes a single-agent env, got one with possible_agents or num_envs: step it")
        checksum = 0
        choose = self.chooser(actions, policy)
        observations, taken, rewards = Column(), Column(), array("d")
        terminations, truncations, resets = bytearray(), bytearray(), []
        take, before, names = self.env.step, self.before_step, vars(__main__)
        count = 0
        while count < steps:
            if not self.is_reset or self.is_over:
                observation, info = self.reset()
                resets.append([count, self.episode, encode(observation), encode(info)])
            action = choose(count)
            if before is not None:
                exec(before, names)
            observation, reward, terminated, *truncated, info = checked(take(action))
            terminated, truncated = flags_of(terminated, truncated, info)
            count += 1
            self.index += 1
            if self.max_steps is not None and self.index >= self.max_steps:
                truncated = True
            reward = number(reward)
            self.total = number(self.total + reward)
            self.is_over = terminated or truncated
            self.seen = observation
            observations.add(observation)
            taken.add(action)
            rewards.append(reward)
            terminations.append(terminated)
            truncations.append(truncated)
            if once and self.is_over:
                break
        columns = [observations.encoded(), taken.encoded(), encode(rewards)]
        columns += [{**encode(flags), "dtype": "bool"} for flags in (terminations, truncations)]
        core = text_of([count, *columns, self.is_over, self.index, self.episode])[1:-1]
        digest = crc32(core.encode(), checksum)
        return f"[{core},{text_of(resets)},{digest}]", digest

    def chooser(self, actions, policy):
        if actions is not None:
            rows = actions.tolist() if isinstance(actions, memoryview) else actions
            return lambda i: self.fitted(rows[i])
        if policy == "random":
            sample = self.env.action_space.sample
            return lambda _: sample()
        if self.policy[0] != policy:
            names = {"__name__": "policy"}
            remember_lines("<policy>", policy)
            exec(compile(policy, "<policy>", "exec"), names)
            if not callable(names.get("policy")):
                raise NameError("expected the policy's source to leave a function named `policy`, it has none")
            self.policy = policy, names["policy"]
        decide = self.policy[1]
        return lambda _: decide(self.seen)

    def fitted(self, action):
        if self.parallel and isinstance(action, dict):
            # an object's keys are strings in JavaScript, also where the agents are ints
            known = (*(getattr(self.env, "possible_agents", None) or ()), *(getattr(self.env, "agents", None) or ()))
            agents = {str(agent): agent for agent in known}
            named = {agent if agent in agents.values() else agents.get(str(agent), agent): item for agent, item in action.items()}
            return {agent: fit_action(space_of(self.env, "action", agent), item) for agent, item in named.items()}
        return fit_action(getattr(self.env, "action_space", None), action)

    def frame(self):
        return encode_frame(self.env.render(**self.render_arguments))

    def describe(self):
        if not self.parallel:
            agents = None
            spaces = [describe_space(getattr(self.env, f"{kind}_space", None)) for kind in ("action", "observation")]
        else:
            names = list(self.env.possible_agents)
            agents = encode(names)
            spaces = [
                map_of({agent: describe_space(space_of(self.env, kind, agent)) for agent in names})
                for kind in ("action", "observation")
            ]
        return [agents, *spaces, encode(getattr(self.env, "metadata", None) or {}), self.num_envs]


def timed_step(env, action):
    global spent
    begun = perf_counter()
    try:
        return env.step(action)
    finally:
        spent += (perf_counter() - begun) * 1000


def checked(result):
    if not isinstance(result, (tuple, list)) or len(result) not in (4, 5):
        raise TypeError(
            "expected env.step() to return (observation, reward, terminated, truncated, info), "
            f"got {opaque(result)['__repr__'][:200]}"
        )
    return result


def flags_of(terminated, truncated, info):
    """Whether an episode ended, and whether it was cut off, of what lies around the `truncated` that some envs lack."""
    if truncated:
        return bool(terminated), bool(truncated[0])
    # Gym before 0.26: one flag, and the time limit in the info
    cut_off = bool(terminated) and bool(info.get("TimeLimit.truncated", False))
    return bool(terminated) and not cut_off, cut_off


class Column:
    """One value a step, copied when it is added; one array where all are alike."""

    def __init__(self):
        self.rows = []
        self.layouts = set()

    def add(self, value):
        kind = type(value)
        if kind is not float and kind is not int:
            try:
                with memoryview(value) as view:
                    if view.format in NATIVE and view.nbytes and view.ndim:
                        self.layouts.add((view.format, view.shape))
                        self.rows.append((view.tobytes(), view.format, view.shape))
                        return
            except (TypeError, ValueError, BufferError):
                pass
            value = encode(value)
        self.rows.append(value)

    def encoded(self):
        kinds = set(map(type, self.rows))
        if kinds == {tuple} and len(self.layouts) == 1:
            ((code, shape),) = self.layouts
            return encode(memoryview(b"".join(row[0] for row in self.rows)).cast(code, (len(self.rows), *shape)))
        if kinds == {float}:
            return encode(array("d", self.rows))
        if kinds == {int} and -(2**31) <= min(self.rows) and max(self.rows) < 2**31:
            return encode(array("i", self.rows))
        return [self.alone(row) for row in self.rows]

    def alone(self, row):
        if type(row) is tuple:
            data, code, shape = row
            return encode(memoryview(data).cast(code, shape))
        return encode(row) if type(row) in (int, float) else row


def takes(env, name, parameter, by_kwargs=True):
    """Whether a method of an env takes a parameter; a wrapper that passes all on takes what the env inside takes."""
    try:
        parameters = inspect.signature(getattr(env, name)).parameters
    except (AttributeError, TypeError, ValueError):
        return False
    if parameter in parameters:
        return True
    passes_on = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    inside = getattr(env, "unwrapped", env)
    return passes_on and (takes(inside, name, parameter, by_kwargs) if inside is not env else by_kwargs)


def old_render_mode(env):
    modes = (getattr(env, "metadata", None) or {}).get("render.modes") or ["rgb_array"]
    return "rgb_array" if "rgb_array" in modes else next((mode for mode in modes if mode != "human"), "human")


def number(value):
    try:
        if type(value) not in (int, float):
            value = value.item() if hasattr(value, "item") else float(value)
        # beyond what a JavaScript number counts exactly
        return float(value) if isinstance(value, int) and not -SAFE <= value <= SAFE else value
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"expected a number as reward, got {opaque(value)['__repr__'][:200]}") from None


def elements(values, size):
    """What a vector env says of each of its envs, as a list."""
    try:
        listed = list(values) if isinstance(values, (list, tuple)) else memoryview(values).tolist()
        if len(listed) == size:
            return listed
    except TypeError:
        pass
    raise TypeError(f"expected an array of {size}, one for each env, got {opaque(values)['__repr__'][:200]}")


def space_of(env, kind, agent):
    """PettingZoo has methods, older and Gymnasium-like multi-agent envs dicts."""
    method = getattr(env, f"{kind}_space", None)
    if callable(method):
        return method(agent)
    spaces = getattr(env, f"{kind}_spaces", None)
    if spaces is None:
        spaces = getattr(method, "spaces", method)
    return spaces.get(agent) if isinstance(spaces, dict) else spaces


def describe_space(space):
    if space is None:
        return None
    description = {"type": type(space).__name__}
    for name in ("n", "start", "nvec", "shape", "dtype", "low", "high", "max_length", "min_length"):
        value = getattr(space, name, None)
        if value is not None:
            # NumPy's dtype has a name, its scalar types a __name__
            description[name] = encode(str(getattr(value, "name", getattr(value, "__name__", value))) if name == "dtype" else value)
    spaces = getattr(space, "spaces", None)
    if isinstance(spaces, dict):
        description["spaces"] = map_of({key: describe_space(inner) for key, inner in spaces.items()})
    elif isinstance(spaces, (tuple, list)):
        description["spaces"] = [describe_space(inner) for inner in spaces]
    return description


# ---- state ----


class StateError(Exception):
    """The env's state can be neither asked for nor pickled."""


def owner_of_state(env):
    """Who has get_state() and set_state(), if anybody has: the env, or what its wrappers wrap."""
    for each in (env, getattr(env, "unwrapped", None)):
        if callable(getattr(each, "get_state", None)) and callable(getattr(each, "set_state", None)):
            return each
    return None


def get_state_of(env):
    owner = owner_of_state(env.env)
    numpy = sys.modules.get("numpy")
    # what a policy is to see next it has to see after a recovery, too
    names = ("index", "episode", "is_reset", "is_over", "total", "entropy", *(("seen",) if env.policy[0] else ()))
    counters = {name: getattr(env, name) for name in names}
    try:
        state = env.env if owner is None else owner.get_state()
        return dumps(
            {
                "how": "pickle" if owner is None else "own",
                "env": state,
                "random": random.getstate(),
                "numpy": numpy and numpy.random.get_state(),
                "counters": counters,
            },
            5,
        )
    except Exception as error:
        raise StateError(state_problem("kept", error)) from error


def set_state_of(env, data):
    global entropy
    entropy = [crc32(data), 0, 0]  # for generators that are made before they are given their state
    try:
        state = loads(data)
        if state["how"] == "own":
            owner_of_state(env.env).set_state(state["env"])
        else:
            if vars(__main__).get("env") is env.env:
                vars(__main__)["env"] = state["env"]
            env.env = state["env"]
    except Exception as error:
        raise StateError(state_problem("brought back", error)) from error
    random.setstate(state["random"])
    if state["numpy"] is not None:
        importlib.import_module("numpy").random.set_state(state["numpy"])
    for name, value in state["counters"].items():
        setattr(env, name, value)


def state_problem(what, error):
    return (
        f"the env's state cannot be {what}: {type(error).__name__}: {error}. "
        "Give the env get_state() and set_state(state), or make it picklable"
    )


def digest_of(value, parents=(), known=None):
    """SHA-256 of what a value holds, the same in every interpreter: dicts and sets in no order, objects as pickle sees
    them."""
    known = {} if known is None else known
    if id(value) in known:
        return known[id(value)][0]
    if id(value) in parents:
        return sha256(f"cycle {len(parents) - parents.index(id(value))}".encode()).digest()
    inner = (*parents, id(value))

    def each(items):
        return [digest_of(item, inner, known) for item in items]

    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str):
        parts = [repr(value).encode()]
    elif kind in (bytes, bytearray):
        parts = [bytes(value)]
    elif kind in (list, tuple):
        parts = each(value)
    elif isinstance(value, (set, frozenset)):
        parts = [*sorted(each(value)), *each([getattr(value, "__dict__", None)])]
    elif kind is dict:
        # The keys' order decides in which order what they share is entered, and so how its cycles look.
        keys = sorted(zip(each(value), value.values(), strict=True), key=itemgetter(0))
        parts = [key + digest_of(item, inner, known) for key, item in keys]
    elif isinstance(value, type) or inspect.isroutine(value) or inspect.ismodule(value):
        parts = [f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', value.__name__)}".encode()]
    else:
        reduced = value.__reduce_ex__(4)
        if isinstance(reduced, str):
            parts = [reduced.encode()]
        else:
            # list and dict items come as iterators
            make, arguments, state, items, pairs = (*reduced, None, None, None)[:5]
            ordered = list if isinstance(value, OrderedDict) else dict
            parts = each((make, arguments, state, items and list(items), pairs and ordered(pairs)))
    whole = sha256(b"\0".join([kind.__name__.encode(), *(b"%d:%b" % (len(part), part) for part in parts)])).digest()
    known[id(value)] = (whole, value)  # kept, so that no other value gets its id
    return whole


def seed_globals(seed=None):
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed if seed is None else seed % 2**32)


def seed_env(env, seed):
    env.entropy[:] = [seed, 0, 0]
    seed_globals(seed)
    base = getattr(env.env, "unwrapped", env.env)
    if callable(getattr(env.env, "seed", None)):
        env.env.seed(seed)
    elif hasattr(type(base), "np_random"):
        base.np_random = importlib.import_module("gymnasium.utils.seeding").np_random(seed)[0]


# ---- frames ----


def encode_frame(seen):
    if seen is None:
        return None
    if isinstance(seen, str):
        return {"kind": "text", "text": seen}
    if not isinstance(seen, dict) and callable(getattr(seen, "to_dict", None)):
        seen = seen.to_dict()  # Interactive Gym's render packets
    if isinstance(seen, dict):
        objects = seen.get("objects", seen.get("game_state_objects"))
        if objects is not None:
            return encode_objects(objects, "removed" in seen, seen.get("removed", ()))
        raise TypeError(f"expected a rendered dict to have 'objects', got the keys {list(seen)}")
    if isinstance(seen, tuple) and len(seen) == 2 and isinstance(seen[0], (bytes, bytearray)):
        return encode_pixels(memoryview(seen[0]), seen[1])
    if isinstance(seen, (list, tuple)):
        if not all(isinstance(item, dict) or hasattr(item, "as_dict") for item in seen):
            return encode_frame(seen[-1])  # render_mode="rgb_array_list": the newest
        return encode_objects(seen, False, ())
    try:
        view = memoryview(seen)
    except TypeError:
        raise TypeError(
            "expected env.render() to return pixels (uint8, h×w, h×w×3 or h×w×4), a list of objects, text or None, "
            f"got {type(seen).__name__}"
        ) from None
    return encode_pixels(view, getattr(seen, "shape", view.shape))


def encode_objects(objects, delta, removed):
    plain = [item if isinstance(item, dict) else item.as_dict() for item in objects]
    return {"kind": "objects", "objects": encode(plain), "delta": delta, "removed": encode(list(removed))}


def encode_pixels(view, shape):
    with view:
        shape = tuple(shape)
        fits = len(shape) in (2, 3) and (len(shape) == 2 or shape[2] in (1, 3, 4)) and prod(shape) == view.nbytes
        if dtype_of(view) != "uint8" or not fits or not view.nbytes:
            raise TypeError(
                "expected pixels as uint8 of shape h×w, h×w×3 or h×w×4, "
                f"got {dtype_of(view) or view.format} of shape {shape}"
            )
        height, width, *channels = shape
        copy_out(len(sizes), flat_bytes(view, "uint8"), channels[0] if channels else 1)
    # RGBA, whatever it was, and not in the digest: a replay renders nothing
    pixels = {"$": "array", "i": len(sizes), "shape": [height * width * 4], "dtype": "uint8"}
    sizes.append(-1)
    return {"kind": "pixels", "width": width, "height": height, "channels": 4, "data": pixels}


def render_quietly(env):
    """A frame that cannot be shown is said, but does not undo the step that it belongs to."""
    rest()  # a replay shows nothing, and so draws nothing here
    try:
        return env.frame()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        try:
            print(f"render: {type(error).__name__}: {error}", file=sys.stderr)
        except Exception:
            pass  # no stderr to say it on
        return None


# ---- what JavaScript calls ----


def env_of(key):
    if key not in envs:
        raise LookupError("the env is not set up")
    return envs[key]


def at_work(key):
    """The env, which draws from its own entropy until the command is answered."""
    global entropy
    env = env_of(key)
    entropy = env.entropy
    return env


def rest():
    global entropy
    entropy = None


def remember_lines(name, source):
    """Lets tracebacks show the lines of code that came as text."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)


def described(error):
    frames = error.__traceback__
    while frames is not None and is_plumbing(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    try:
        text = "".join(traceback.format_exception(type(error), error, frames))
        message = str(error)
    except BaseException as second:
        text = message = f"(its text could not be made: {type(second).__name__})"
    message, text = message[:LONGEST_TEXT], text[-LONGEST_TEXT:]
    kind = "state" if isinstance(error, StateError) else "python"
    full = out_of_memory(error)
    return text_of({"e": {"kind": kind, "type": type(error).__name__, "message": message, "traceback": text, "full": full}})


def out_of_memory(error):
    """True for what kills the interpreter: the page is to replace it."""
    return isinstance(error, MemoryError) and heap_is_full()  # NumPy has a MemoryError of its own


def is_plumbing(filename):
    """The user's traceback begins with the user's code."""
    return filename == HERE or "/_pyodide/" in filename


PLAIN = {None: "null", True: "true", False: "false"}
encoder = json.JSONEncoder(separators=(",", ":"))


def text_of(encoded):
    kind = type(encoded)
    if kind is float or kind is int:
        return repr(encoded)
    if encoded is None or kind is bool:
        return PLAIN[encoded]
    return encoder.encode(encoded) if encoded else '""' if kind is str else "{}" if kind is dict else "[]"


def sealed(text):
    """An answer, behind the sizes of what is in the scratch for it."""
    return f"{sizes}{text}" if sizes else text


def begin():
    global used
    used = 0
    sizes.clear()


def flush():
    """What was printed is shown with the command that printed it, also without a newline."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass  # replaced or closed by the user


def answering(work, text=text_of):
    """The answer as text; work that has to be awaited answers a coroutine of that text."""

    async def later(pending, drawn_from):
        global entropy
        entropy = drawn_from
        try:
            return sealed(f'{{"v":{text(await pending)}}}')
        except BaseException as error:
            return described(error)
        finally:
            rest()
            flush()

    def answer(*arguments):
        try:
            begin()
            value = work(*arguments)
            if type(value) is CoroutineType:
                return later(value, entropy)
            return sealed(f'{{"v":{value if text is None else text(value)}}}')
        except BaseException as error:
            return described(error)
        finally:
            rest()
            flush()

    return answer


def as_text(work):
    return answering(work, None)


def execute(code, name, then):
    """Runs code and hands its last value on. Only code that awaits is awaited: what runs in a plain call can be
    interrupted, and its death is seen at once."""
    from pyodide.code import CodeRunner

    remember_lines(name, code)
    runner = CodeRunner(code, filename=name, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT).compile()
    names = vars(__main__)

    async def later():
        return then(await runner.run_async(names))

    return later() if runner.code.co_flags & inspect.CO_COROUTINE else then(runner.run(names))


@answering
def run(code, text, buffers):
    vars(__main__).update(decode(text, buffers))
    return execute(code, "<run>", encode)


@answering
def set_up(key, text, buffers, image=None, is_in=False):
    """`image`: what an image was baked of; `is_in`: this interpreter was started from it, and has the env as number 0."""
    envs.pop(key, None)
    spec = decode(text, buffers)
    own = spec["entropy"]
    if image is not None:
        spec.update(decode(image, None))
    vars(__main__).update(spec["globals"])
    draw_from(spec["entropy"])

    def keep(env):
        if image is not None:
            draw_from(own)  # whether it was set up here or when it was baked
        envs[key] = Env(env, spec["beforeStep"], spec["maxSteps"], spec["episodes"])
        return envs[key].describe()

    baked = envs.pop(0, None) if is_in else None
    if baked is not None:
        return keep(baked.env)
    if spec["make"] is not None:
        import gymnasium

        if spec["numEnvs"] is None:
            return keep(gymnasium.make(spec["make"], **spec["kwargs"]))
        return keep(gymnasium.make_vec(spec["make"], spec["numEnvs"], **spec["kwargs"]))
    if spec["entryPoint"] is not None:
        module, _, factory = spec["entryPoint"].partition(":")
        found = importlib.import_module(module)
        for name in factory.split("."):
            found = getattr(found, name)
        return keep(found(**spec["kwargs"]))
    vars(__main__).pop("env", None)  # a source that sets none must not get the one before
    return execute(spec["source"], "<env>", lambda _: keep(env_of_source()))


def draw_from(key):
    global entropy
    entropy = [key + " globals", 0, 0]  # of its own: NumPy may be there to be seeded, or not
    seed_globals()
    entropy = [key, 0, 0]


def env_of_source():
    env = vars(__main__).get("env")
    if env is None:
        raise NameError("expected the source to leave a global named `env`, it has none")
    return env


@answering
def set_globals(text, buffers):
    vars(__main__).update(decode(text, buffers))


@answering
def reset(key, text, buffers, render):
    env = at_work(key)
    taken = reset_and_encode(env, **decode(text, buffers))
    return [*taken, render_quietly(env) if render else None]


def reset_and_encode(env, seed, options):
    global checksum
    observation, info = env.reset(seed, options)
    encoded = encode_map if env.parallel and isinstance(observation, dict) else encode
    infos = encode_map if env.parallel and isinstance(info, dict) else encode
    checksum = 0
    core = [encoded(observation), env.episode]
    digest = crc32(text_of(core).encode(), checksum)
    return [*core, infos(info), digest]


@as_text
def step(key, text, buffers, render, timed):
    global spent
    spent = 0.0 if timed else None
    env = at_work(key)
    taken, _ = env.step(decode(text, buffers))
    return f"[{taken},{text_of(render_quietly(env)) if render else 'null'}]"


@as_text
def step_many(key, text, buffers, render, timed):
    """Step after step, until one ends the episode or raises; what it raised comes behind the steps before it."""
    global spent
    spent = 0.0 if timed else None
    env = at_work(key)
    steps, raised = [], "null"
    for action in decode(text, buffers):
        try:
            taken, _ = env.step(action)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if out_of_memory(error):
                raise
            raised = described(error)
            break
        steps.append(taken)
        if env.is_over:
            break
    frame = text_of(render_quietly(env)) if render and steps else "null"
    rows = [f"[{taken},{frame if i == len(steps) else 'null'}]" for i, taken in enumerate(steps, 1)]
    return f"[[{','.join(rows)}],{raised}]"


@as_text
def rollout(key, text, buffers):
    return at_work(key).rollout(**decode(text, buffers))[0]


@answering
def get_state(key):
    return encode(get_state_of(env_of(key)))


@answering
def set_state(key, text, buffers):
    set_state_of(env_of(key), decode(text, buffers))


@answering
def state_hash(key):
    env = env_of(key).env
    owner = owner_of_state(env)
    try:
        return digest_of(env if owner is None else owner.get_state()).hex()
    except Exception as error:
        raise StateError(state_problem("hashed", error)) from error


@answering
def seed(key, value):
    seed_env(at_work(key), value)


@answering
def replay(key, kind, text, buffers):
    """Does again what was done once, unseen; answers the digest of what came of it."""
    env = at_work(key)
    if kind == "step":
        return env.step(decode(text, buffers))[-1]
    if kind == "rollout":
        return env.rollout(**decode(text, buffers))[-1]
    return reset_and_encode(env, **decode(text, buffers))[-1]


@answering
def forget():
    """Leaves nothing but what was imported."""
    envs.clear()
    vars(__main__).clear()
    vars(__main__).update(blank)


@answering
def render(key):
    return env_of(key).frame()


@answering
def close(key):
    env = envs.pop(key, None)
    if env is not None and callable(getattr(env.env, "close", None)):
        env.env.close()


@answering
def missing(names):
    """Which of these distributions are not installed."""
    from importlib.metadata import PackageNotFoundError, version

    absent = []
    for name in json.loads(names):
        try:
            version(name)
        except PackageNotFoundError:
            absent.append(name)
    return absent


@answering
def install_by_micropip(name):
    import micropip

    return micropip.install(name)
