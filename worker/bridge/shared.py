"""The Python half of rxgym: the envs of one interpreter, and how their values become JSON text with buffers beside it.

Every function that JavaScript calls returns JSON text, {"v": value} or {"e": {type, message, traceback}}, so that no
exception has to find its way through JavaScript. What JSON lacks is an object with a "$"; the bytes of arrays go beside
the text (see Answer). src/protocol/pack.ts is the other half.
"""

import ast
import builtins
import importlib.util
import inspect
import json
import linecache
import os
import random
import re
import sys
import textwrap
import traceback
from array import array
from collections import Counter, OrderedDict, deque
from hashlib import sha256, shake_256
from io import BytesIO, StringIO
from itertools import accumulate, islice, repeat
from math import isfinite, prod
from operator import add, itemgetter
from struct import unpack
from time import perf_counter
from types import CoroutineType
from zlib import crc32

import __main__

# The C half of `pickle`. Importing `pickle` itself takes 50 ms at each boot.
from _pickle import Pickler, Unpickler, dumps, loads

SAFE = 2**53 - 1  # JavaScript's Number.MAX_SAFE_INTEGER
DEEPEST = 64  # levels of nesting
UNKNOWN = object()  # in place of an observation that could not be pickled
LONGEST_REPR = 1000
LONGEST_TEXT = 20_000
SCRATCH_SIZE = 2**16
MOST_LAYOUTS = 256
PLAIN_KINDS = {int, float, bool, str, bytes, type(None)}
# the formats that memoryview.cast() takes
NATIVE = set("?bBhHiIlLqQfd")
HERE = "<rxgym>"

blank = dict(vars(__main__))  # as it was before any code of the user's ran

# JavaScript sets these two when the interpreter has booted; a snapshot of its memory must not hold them.
copy_out = None  # (index, contiguous bytes, channels of pixels or nothing): copies them for the answer
heap_is_full = None

# The envs by the number that the page gave them: commands of different envs share one interpreter.
envs = {}
