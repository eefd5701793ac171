import { firstValueFrom } from 'rxjs';
import type { GymEnv, NdArray, PythonRuntime, Value } from '../../src/index';
import { realRuntime } from '../helpers/real-runtime';

let runtime: PythonRuntime;
let env: GymEnv;
beforeAll(() => {
  runtime = realRuntime();
  env = runtime.env({
    source: `
import ctypes
import types
from collections import ChainMap, UserDict, UserList, deque
import struct
from array import array

class Buffer:
    """As NumPy has it: a buffer, in any byte order."""
    def __init__(self, data, code, shape):
        self.view = memoryview(data).cast('B').cast(code, shape)
    def __buffer__(self, flags):
        return self.view

class Lazy:
    """Frames that are stacked when somebody asks for them."""
    shape, dtype = (2, 2), 'uint8'
    def __array__(self, dtype=None):
        return memoryview(bytes(range(4))).cast('B', [2, 2])

class Pointer:
    """As NumPy has it: where the elements lie."""
    def __init__(self):
        self.data = array('f', [1.5, 2.5])
        self.__array_interface__ = {
            'shape': (2,), 'typestr': '<f4', 'data': (self.data.buffer_info()[0], False), 'version': 3,
        }

class Says:
    hoard = []
    def reset(self, seed=None, options=None):
        return None, {}
    def step(self, action):
        return eval(action), 0.5, False, False, {}

env = Says()`,
  });
});
afterAll(() => {
  runtime.dispose();
});

const observe = async (code: string): Promise<Value> => (await firstValueFrom(env.step(code))).observation;
const array = (data: NdArray['data'], dtype: NdArray['dtype'], shape: readonly number[] = [data.length]): NdArray => ({
  data,
  shape,
  dtype,
});

describe('an observation', () => {
  it.each<[string, Value]>([
    ['3', 3],
    ['-0.5', -0.5],
    ['True', true],
    ['None', null],
    ["''", ''],
    ['"a \\"word\\" and \\n \\u20ac"', 'a "word" and \n €'],
    ['[]', []],
    ['{}', {}],
    ['()', []],
    ["float('nan')", NaN],
    ["float('-inf')", -Infinity],
    ['2**60', 2n ** 60n],
    ["array('f', [1.5, float('inf')])", array(new Float32Array([1.5, Infinity]), 'float32')],
    ["array('d', [float('nan')])", array(new Float64Array([NaN]), 'float64')],
    ["array('q', [-2**62])", array(new BigInt64Array([-(2n ** 62n)]), 'int64')],
    ["array('Q', [2**63])", array(new BigUint64Array([2n ** 63n]), 'uint64')],
    ["memoryview(b'\\1\\0').cast('?')", array(new Uint8Array([1, 0]), 'bool')],
    ["memoryview(bytes(12)).cast('h', [2, 3])", array(new Int16Array(6), 'int16', [2, 3])],
    ["Buffer(bytes(range(4)), 'B', [2, 2])", array(new Uint8Array([0, 1, 2, 3]), 'uint8', [2, 2])],
    ["memoryview(array('i', range(6)))[::2]", array(new Int32Array([0, 2, 4]), 'int32')],
    ["memoryview(array('i', range(3)))[::-1]", array(new Int32Array([2, 1, 0]), 'int32')],
    ["b''", array(new Uint8Array(0), 'uint8')],
    ["array('f')", array(new Float32Array(0), 'float32')],
    ['(ctypes.c_float * 3 * 0)()', array(new Float32Array(0), 'float32', [0, 3])],
    ['(ctypes.c_int16 * 2 * 2)((1, 2), (3, 4))', array(new Int16Array([1, 2, 3, 4]), 'int16', [2, 2])],
    ['(ctypes.c_float.__ctype_be__ * 2)(1.5, -2)', array(new Float32Array([1.5, -2]), 'float32')],
    ['(ctypes.c_int64.__ctype_be__ * 1)(-5)', array(new BigInt64Array([-5n]), 'int64')],
    [
      "memoryview(struct.pack('4e', 1.5, -2, float('inf'), 0)).cast('e')",
      array(new Float32Array([1.5, -2, Infinity, 0]), 'float16'),
    ],
    ["['left', 'right']", ['left', 'right']],
    ['Lazy()', array(new Uint8Array([0, 1, 2, 3]), 'uint8', [2, 2])],
    ['Pointer()', array(new Float32Array([1.5, 2.5]), 'float32')],
    ["deque([1, array('b', [1])], maxlen=2)", [1, array(new Int8Array([1]), 'int8')]],
    ['UserList([1, (2,)])', [1, [2]]],
    ["types.MappingProxyType({'a': deque([1])})", { a: [1] }],
    ["UserDict({'a': 1})", { a: 1 }],
    ["ChainMap({'a': 1}, {'b': 2})", { a: 1, b: 2 }],
    ["types.MappingProxyType({1: 'one'})", new Map([[1, 'one']])],
    ["{'b': 1, 'a': 2}.keys()", ['b', 'a']],
    ["{'a': {'b': 1}}.values()", [{ b: 1 }]],
    ["{'a': 1}.items()", [['a', 1]]],
    ["{'b', 'c', 'a'}", ['a', 'b', 'c']],
    ["frozenset([3, 1.5, None, 'a', True])", [null, true, 1.5, 3, 'a']],
    ['{(1, 2)}', { __repr__: '{(1, 2)}', __class__: 'set' }],
    ['range(3)', { __repr__: 'range(0, 3)', __class__: 'range' }],
    ['(deque.append(loop := deque(), loop), loop)[1]', [{ __repr__: 'deque([[...]])', __class__: 'deque' }]],
    ["b'read-only'", array(new TextEncoder().encode('read-only'), 'uint8')],
    [
      "{'a': array('b', [1]), 'b': (array('b', [2]), 3)}",
      { a: array(new Int8Array([1]), 'int8'), b: [array(new Int8Array([2]), 'int8'), 3] },
    ],
  ])('of %s comes over as it is, at the first step and later', async (code, expected) => {
    expect([await observe(code), await observe(code)]).toEqual([expected, expected]);
  });

  it('may change its shape and dtype from step to step', async () => {
    const codes = [
      "array('f', [1])",
      "array('f', [1, 2])",
      "array('d', [1])",
      "array('f', [3])",
      '4',
      "array('f', [5])",
    ];
    const seen: Value[] = [];
    for (const code of codes) seen.push(await observe(code));

    expect(seen).toEqual([
      array(new Float32Array([1]), 'float32'),
      array(new Float32Array([1, 2]), 'float32'),
      array(new Float64Array([1]), 'float64'),
      array(new Float32Array([3]), 'float32'),
      4,
      array(new Float32Array([5]), 'float32'),
    ]);
  });

  it('may be huge, beside small ones', async () => {
    const [small, huge, last] = (await observe("[b'ab', bytes(5_000_000), b'c']")) as unknown as NdArray[];

    expect([small, last]).toEqual([array(new Uint8Array([97, 98]), 'uint8'), array(new Uint8Array([99]), 'uint8')]);
    expect(huge!.shape).toEqual([5_000_000]);
  });

  it('comes over when the heap has grown, and what was seen of it before is detached', async () => {
    const grown = await observe("(Says.hoard.append(bytearray(200_000_000)), array('f', [7]))[1]");
    await observe('Says.hoard.clear()');

    expect(grown).toEqual(array(new Float32Array([7]), 'float32'));
    expect(await observe("array('f', [8])")).toEqual(array(new Float32Array([8]), 'float32'));
  });

  it('is the page’s own: a later step does not write into it', async () => {
    const first = await observe("array('f', [1])");
    await observe("array('f', [2])");

    expect(first).toEqual(array(new Float32Array([1]), 'float32'));
  });
});
