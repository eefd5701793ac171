import { firstValueFrom } from 'rxjs';
import type { Data, PythonRuntime, Value } from '../../src/index';
import { realRuntime } from '../helpers/real-runtime';

let runtime: PythonRuntime;
beforeAll(() => {
  runtime = realRuntime();
});
afterAll(() => {
  runtime.dispose();
});

const run = (code: string, globals: Record<string, Data> = {}): Promise<Value> =>
  firstValueFrom(runtime.run(code, { globals }));

const array = (data: object, shape: number[], dtype: string): object => ({ data, shape, dtype });
const huge = 2n ** 70n;

describe('what Python hands to the page', () => {
  it.each<[python: string, value: unknown]>([
    ['None', null],
    ['[True, False]', [true, false]],
    ['[0, -1, 2**53 - 1]', [0, -1, 2 ** 53 - 1]],
    ['[2**53, -2**70]', [2n ** 53n, -huge]],
    ['[0.1, 1e300, -0.0]', [0.1, 1e300, -0]],
    ['[float("nan"), float("inf"), float("-inf")]', [NaN, Infinity, -Infinity]],
    ['"quote \\" backslash \\\\ newline \\n ü 😀 \\ud800"', 'quote " backslash \\ newline \n ü 😀 \ud800'],
    ['(1, (2, [3]))', [1, [2, [3]]]],
    ['{"a": {"b": (1,)}}', { a: { b: [1] } }],
    ['{}', {}],
    [
      '{1: "int", "1": "str"}',
      new Map<unknown, unknown>([
        [1, 'int'],
        ['1', 'str'],
      ]),
    ],
    ['{(0, 1): 2}', new Map([[[0, 1], 2]])],
    [
      '{"$": "float", "v": "nan"}',
      new Map([
        ['$', 'float'],
        ['v', 'nan'],
      ]),
    ],
    ['b"\\x00\\xff"', array(new Uint8Array([0, 255]), [2], 'uint8')],
    ['bytearray()', array(new Uint8Array(0), [0], 'uint8')],
    ['memoryview(bytes(range(6))).cast("B", [2, 3])', array(new Uint8Array([0, 1, 2, 3, 4, 5]), [2, 3], 'uint8')],
    ['memoryview(bytes(range(6)))[::-2]', array(new Uint8Array([5, 3, 1]), [3], 'uint8')],
    ['memoryview(bytes([1, 0])).cast("?")', array(new Uint8Array([1, 0]), [2], 'bool')],
    ['__import__("array").array("b", [-1])', array(new Int8Array([-1]), [1], 'int8')],
    ['__import__("array").array("h", [-2])', array(new Int16Array([-2]), [1], 'int16')],
    ['__import__("array").array("H", [2])', array(new Uint16Array([2]), [1], 'uint16')],
    ['__import__("array").array("l", [-3])', array(new Int32Array([-3]), [1], 'int32')],
    ['__import__("array").array("I", [3])', array(new Uint32Array([3]), [1], 'uint32')],
    ['__import__("array").array("q", [-2**62])', array(new BigInt64Array([-(2n ** 62n)]), [1], 'int64')],
    ['__import__("array").array("Q", [2**63])', array(new BigUint64Array([2n ** 63n]), [1], 'uint64')],
    ['__import__("array").array("f", [0.5])', array(new Float32Array([0.5]), [1], 'float32')],
    ['__import__("array").array("d", [0.1])', array(new Float64Array([0.1]), [1], 'float64')],
    [
      'memoryview(__import__("struct").pack("2e", 1.5, -2)).cast("e")',
      array(new Float32Array([1.5, -2]), [2], 'float16'),
    ],
    ['import ctypes\nctypes.c_double.__ctype_be__(0.25)', array(new Float64Array([0.25]), [], 'float64')],
    ['(ctypes.c_int16.__ctype_be__ * 2)(1, -2)', array(new Int16Array([1, -2]), [2], 'int16')],
    ['{"deep": [memoryview(bytes(4)).cast("B", [2, 2])]}', { deep: [array(new Uint8Array(4), [2, 2], 'uint8')] }],
  ])('%s', async (python, value) => {
    expect(await run(python)).toEqual(value);
  });

  it('turns scalars that have .item(), as NumPy has them, to numbers', async () => {
    const code = `
class Scalar:  # as numpy.float32 and numpy.bool_: a dtype, an item, and nothing to assign to
    dtype = "float32"
    def __init__(self, value): self.value = value
    def item(self): return self.value
class Float64(float):
    dtype = "float64"
    def item(self): return float(self)
[Scalar(0.5), Scalar(True), Float64(2.5)]`;
    expect(await run(code)).toEqual([0.5, true, 2.5]);
  });

  it('marks what cannot cross with its repr and class, and lives through a repr that raises', async () => {
    const code = `
class Plain:
    def __repr__(self): return "<plain>"
class Broken:
    def __repr__(self): raise RuntimeError("no")
{"a": Plain(), "b": Broken(), "c": 1j, "d": {2, 1}, "e": {1, 1j}}`;
    expect(await run(code)).toEqual({
      a: { __repr__: '<plain>', __class__: 'Plain' },
      b: { __repr__: '<Broken: its repr raised RuntimeError>', __class__: 'Broken' },
      c: { __repr__: '1j', __class__: 'complex' },
      d: [1, 2], // what has an order of its own comes in it
      e: { __repr__: expect.stringContaining('1j') as string, __class__: 'set' },
    });
  });

  it('lives through whatever a value itself does wrong', async () => {
    const code = `
import enum
class Text(str):
    def __str__(self): return self
class Colour(str, enum.Enum): RED = "red"
class Dict(dict):
    def items(self): raise RuntimeError("no")
class Leaving:
    def __repr__(self): raise SystemExit(1)
class Listed:
    dtype = "object"
    def tolist(self): raise RuntimeError("no")
[10**5000, Text("t"), Colour.RED, Dict(a=1), Leaving(), Listed()]`;
    const [huge, text, colour, dict, leaving, listed] = (await run(code)) as readonly Record<string, string>[];
    expect(huge).toMatchObject({ __class__: 'int' });
    expect([text, colour]).toEqual(['t', 'red']);
    expect([dict, leaving, listed].map((each) => each!['__class__'])).toEqual(['Dict', 'Leaving', 'Listed']);
  });

  it('cuts a cycle off instead of following it', async () => {
    expect(await run('loop = [1]\nloop.append(loop)\nloop')).toEqual([
      1,
      { __repr__: '[1, [...]]', __class__: 'list' },
    ]);
  });

  it('keeps a key named __proto__ an ordinary key', async () => {
    const value = (await run('{"__proto__": {"polluted": 1}}')) as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect((value as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('what the page hands to Python', () => {
  it.each<[name: string, data: Data, python: string]>([
    ['a whole number as int', 3, '3'],
    ['another number as float', 0.5, '0.5'],
    ['a number beyond 2⁵³ as int', 3n * huge, String(3n * huge)],
    ['NaN and infinities', [NaN, Infinity, -Infinity], '[nan, inf, -inf]'],
    ['null and undefined as None', [null, undefined], '[None, None]'],
    ['a string, whatever is in it', `'"\n\\{}__import__('os')`, JSON.stringify(`'"\n\\{}__import__('os')`)],
    ['an object as dict', { a: { 'b c': [true] } }, "{'a': {'b c': [True]}}"],
    ['an object that looks like a tag', { $: 'int', v: '1' }, "{'$': 'int', 'v': '1'}"],
    [
      'a Map with its keys',
      new Map<string | number, Data>([
        [1, 'x'],
        ['1', 'y'],
      ]),
      "{1: 'x', '1': 'y'}",
    ],
  ])('%s', async (_, data, python) => {
    const code = `from math import nan, inf\nrepr(given) == repr(${python})`;
    expect(await run(code, { given: data })).toBe(true);
  });

  it.each<[Data, string]>([
    [new Float32Array([0.5, 1]), "('f', (2,), [0.5, 1.0])"],
    [new Uint8Array([1, 2]).subarray(1), "('B', (1,), [2])"],
    [new BigInt64Array([-5n]), "('q', (1,), [-5])"],
    [{ data: new Int32Array([1, 2, 3, 4]), shape: [2, 2], dtype: 'int32' }, "('i', (2, 2), [[1, 2], [3, 4]])"],
    [new Float64Array(0), "('d', (0,), [])"],
  ])('a typed array as a memoryview where NumPy is not imported (%#)', async (data, python) => {
    expect(await run(`(given.format, given.shape, given.tolist()) == ${python}`, { given: data })).toBe(true);
  });

  it('leaves the page its own array', async () => {
    const mine = new Float32Array([1, 2]);
    await run('given[0] = 9.0', { given: mine });
    expect([...mine]).toEqual([1, 2]);
  });

  it('refuses what is not plain data, by name', async () => {
    await expect(run('1', { when: new Date() as unknown as Data })).rejects.toMatchObject({
      name: 'UsageError',
      option: 'globals',
      got: 'an instance of Date',
    });
    const cycle: Data[] = [];
    cycle.push(cycle);
    await expect(run('1', { cycle })).rejects.toMatchObject({ name: 'UsageError' });
  });
});

describe('run', () => {
  it('awaits code that awaits', async () => {
    expect(await run('import asyncio\nawait asyncio.sleep(0.001)\n"slept"')).toBe('slept');
  });

  it('shows the lines of the code that raised, and none of rxgym or Pyodide', async () => {
    const error: unknown = await run('def outer():\n    return 1 / 0\n\nouter()').catch((e: unknown) => e);
    const { traceback, type } = error as { traceback: string; type: string };
    expect(type).toBe('ZeroDivisionError');
    expect(traceback).toContain('return 1 / 0');
    expect(traceback).toContain('<run>');
    expect(traceback).not.toMatch(/rxgym|_pyodide/);
  });

  it.each([
    ['raise SystemExit(3)', 'SystemExit'],
    ['raise KeyboardInterrupt', 'KeyboardInterrupt'],
    ['def f(): f()\nf()', 'RecursionError'],
    ['1 +', 'SyntaxError'],
    ['import asyncio\nawait asyncio.sleep(0)\nraise SystemExit(1)', 'SystemExit'],
    ['class E(Exception):\n    def __str__(self): raise ValueError\nraise E', 'E'],
  ])('ends with a PythonError, and goes on, after %j', async (code, type) => {
    await expect(run(code)).rejects.toMatchObject({ name: 'PythonError', type, command: 'run' });
    expect(await run('1')).toBe(1);
  });

  it('prints to stdout$ and stderr$ line by line, and no more than a thousand lines a command', async () => {
    const out: string[] = [];
    const err: string[] = [];
    const subscription = runtime.stdout$.subscribe((line) => out.push(line));
    subscription.add(runtime.stderr$.subscribe((line) => err.push(line)));
    await run('import sys\nprint("a\\nb")\nprint("c", file=sys.stderr)');
    expect([out, err]).toEqual([['a', 'b'], ['c']]);
    await run('for i in range(1500): print(i)');
    expect(out).toHaveLength(1002);
    expect(err.at(-1)).toBe('… 500 more lines were left out');
    await run('print("no newline", end="")');
    expect(out.at(-1)).toBe('no newline');
    await run('for i in range(30): print("x" * 1_000_000, end="")');
    expect(Math.max(...out.map(({ length }) => length))).toBe(10_000);
    subscription.unsubscribe();
  });

  it('sees globals that are set later', async () => {
    await run('def read(): return shared', { shared: 1 });
    await firstValueFrom(runtime.setGlobals({ shared: { now: 2 } }));
    expect(await run('read()')).toEqual({ now: 2 });
  });
});
