"""The Python half of rxgym: the envs of one interpreter, and how their values become JSON text with buffers beside it.

Every function that JavaScript calls returns JSON text, {"v": value} or {"e": {type, message, traceback}}, so that no
exception has to find its way through JavaScript. What JSON lacks is an object with a "$"; the bytes of arrays go beside
the text (see Answer). src/protocol/pack.ts is the other half.
"""

import ast
import builtins
import gc
import importlib.util
import inspect
import json
import linecache
import marshal
import os
import random
import re
import sys
import textwrap
import traceback
import weakref
from _thread import RLock, allocate_lock
from array import array
from collections import Counter, OrderedDict, deque, namedtuple
from copyreg import dispatch_table
from enum import Enum
from hashlib import sha256, shake_256
from collections.abc import ItemsView, KeysView, Mapping, Sequence, Set, ValuesView
from io import BytesIO, StringIO
from itertools import accumulate, count, islice, repeat
from math import inf, isfinite, isqrt, prod
from operator import add, index, is_, itemgetter
from struct import unpack
from time import perf_counter
from types import BuiltinFunctionType, CellType, CodeType, CoroutineType, FunctionType, GeneratorType, MappingProxyType, MemberDescriptorType, MethodType, ModuleType
from zlib import crc32

import __main__

# The C half of `pickle`. Importing `pickle` itself takes 50 ms at each boot.
from _pickle import Pickler, dumps, loads

SAFE = 2**53 - 1  # JavaScript's Number.MAX_SAFE_INTEGER
DEEPEST = 64  # levels of nesting
UNKNOWN = object()  # in place of an observation that could not be pickled
LONGEST_REPR = 1000
LONGEST_TEXT = 20_000
SCRATCH_SIZE = 2**16
MOST_LAYOUTS = 256
MOST_PROBLEMS = 50
PLAIN_KINDS = {int, float, bool, str, bytes, type(None)}
# the formats that memoryview.cast() takes
NATIVE = set("?bBhHiIlLqQfd")
HERE = "<rxgym>"
SEEN_MODES = ("rgb_array", "ansi")

blank = dict(vars(__main__))  # as it was before any code of the user's ran

# JavaScript sets these when the interpreter has booted; a snapshot of its memory must not hold them.
copy_out = None  # (index, contiguous bytes): copies them for the answer
copy_pixels = None  # (index, contiguous bytes, channels, dtype, whether planar): as copy_out; returns what is wrong
heap_is_full = None
tell_described = None  # (env's number): it is described in other words now
tell_page = None  # (env's number, kind, message, episode, count, hint or nothing): a problem

# The envs by the number that the page gave them: commands of different envs share one interpreter.
envs = {}


def look_up(thing, name, default=None):
    """An attribute that raises when it is read is none: describing an env must not fail."""
    try:
        return getattr(thing, name, default)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return default
