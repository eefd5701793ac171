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
from collections import Counter, OrderedDict, deque
from hashlib import sha256, shake_256
from io import BytesIO
from itertools import accumulate, islice, repeat
from math import isfinite, prod
from operator import add, itemgetter
from struct import unpack
from time import perf_counter
from types import CoroutineType
from zlib import crc32

import __main__

# What `pickle` hands on, without the 50 ms that it takes to import at each boot.
from _pickle import Pickler, Unpickler, dumps, loads

SAFE = 2**53 - 1
DEEPEST = 64
UNKNOWN = object()  # an observation that could not be kept
LONGEST_REPR = 1000
LONGEST_TEXT = 20_000
MOST_LAYOUTS = 256
PLAIN_KINDS = {int, float, bool, str, bytes, type(None)}
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
