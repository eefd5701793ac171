import { isDeepStrictEqual } from 'node:util';
import { fromPlain, isNdArray, toPlain, UsageError } from '../../src/index';
import { ndArray, type Dtype } from '../../src/protocol/ndarray';
import { randomFrom } from '../helpers/random.mjs';

/** As over a file or a network. */
const again = (value: unknown): unknown => fromPlain(JSON.parse(JSON.stringify(toPlain(value))));

const array = (data: unknown, shape: number[], dtype: Dtype) => ({ data, shape, dtype });

describe('toPlain and fromPlain', () => {
  it.each<[string, unknown]>([
    ['what JSON has', { a: [null, true, 'text', 1.5, {}], b: [] }],
    ['numbers that JSON lacks', [NaN, Infinity, -Infinity, -0, 0, 5e-324]],
    ['bigints', [2n ** 70n, -1n, 0n]],
    ['undefined, also as a field', { a: undefined, b: [undefined] }],
    [
      'Maps with keys of any kind',
      new Map<unknown, unknown>([
        [0, 'int'],
        ['0', 'str'],
        [[1, 2], new Map([[-0, NaN]])],
        [null, 1n],
      ]),
    ],
    ['typed arrays', [new Uint8Array([0, 255]), new Uint8ClampedArray([7]), new Float32Array([0.1, -0, NaN])]],
    ['64-bit integers', [new BigInt64Array([-(2n ** 63n)]), new BigUint64Array([2n ** 64n - 1n])]],
    ['a part of a buffer', new Uint16Array(new Uint16Array([1, 2, 3]).buffer, 2, 1)],
    ['buffers', new Uint8Array([1, 2]).buffer],
    ['arrays with dtype and shape', array(new Float32Array([0.1, -0, NaN, Infinity]), [2, 2], 'float32')],
    ['a dtype that is widened', array(new Float32Array([1.5]), [1], 'float16')],
    ['an array of bools', array(new Uint8Array([1, 0]), [2], 'bool')],
    ['an array of no axes', array(new BigInt64Array([2n ** 62n]), [], 'int64')],
    ['an array of no elements', array(new Float64Array(0), [0, 3], 'float64')],
    ['an object that is more than an array', { ...array(new Uint8Array(1), [1], 'uint8'), unit: 'm' }],
    ['a field that is called as the prototype', JSON.parse('{ "__proto__": { "x": 1 } }')],
    [
      'a step of several agents',
      {
        observation: new Map([[0, array(new BigInt64Array([1n]), [1], 'int64')]]),
        reward: new Map([[0, -0]]),
        info: new Map([[0, { __repr__: '<x>', __class__: 'x' }]]),
        done: false,
        index: 1,
      },
    ],
    ['a frame', { kind: 'pixels', width: 1, height: 1, channels: 4, data: new Uint8Array([1, 2, 3, 255]) }],
  ])('bring back %s', (_, value) => {
    expect(again(value)).toStrictEqual(value);
  });

  it.each<[string, unknown]>([
    ['a tag', { $: 'map', v: [] }],
    ['another tag', { $: 'number', v: 'NaN', more: 1n }],
    ['what toPlain returned', toPlain({ $: toPlain(new Map([[1, NaN]])) })],
    ['an unknown tag', [{ $: { $: 0 } }]],
    ['strings of arrays', ['NaN', '-0', '12']],
  ])('bring back an object of the user’s that looks like %s', (_, value) => {
    expect(again(value)).toStrictEqual(value);
  });

  it('keep a hole of an array as undefined', () => {
    const holed = Object.assign(new Array<number>(3), { 0: 1, 2: 2 });
    expect(1 in holed).toBe(false);
    expect(again(holed)).toStrictEqual([1, undefined, 2]);
  });

  it('share no memory with the value', () => {
    const value = { shape: [2], data: new Uint8Array([1, 2]), dtype: 'uint8' };
    const plain = toPlain(value);
    value.data[0] = 9;
    value.shape[0] = 9;

    expect(fromPlain(plain)).toStrictEqual(array(new Uint8Array([1, 2]), [2], 'uint8'));
  });

  it('bring back whatever is made of all this', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const value = randomValue(randomFrom(seed), 5);
      // Jest takes a field that is called `constructor` for the object's own
      expect([seed, isDeepStrictEqual(again(value), value)]).toEqual([seed, true]);
    }
  });

  const cycle: unknown[] = [];
  cycle.push({ cycle });
  it.each<[string, unknown]>([
    ['a function', [() => 1]],
    ['a symbol', { a: Symbol('x') }],
    ['a cycle', cycle],
    ['an instance of a class', { error: new UsageError('a', 'b', 'c') }],
    ['a DataView', new DataView(new ArrayBuffer(1))],
  ])('refuse %s', (_, value) => {
    expect(() => toPlain(value)).toThrow(UsageError);
  });

  it('take one object at several places for no cycle', () => {
    const shared = { x: 1 };
    expect(again([shared, shared, { shared }])).toStrictEqual([shared, shared, { shared }]);
  });

  it.each<[string, unknown]>([
    ['an unknown tag', { $: 'nothing' }],
    ['a number that is none', { $: 'number', v: '12' }],
    ['a bigint that is none', { $: 'bigint', v: '1.5' }],
    ['pairs that are none', { $: 'map', v: [[1]] }],
    ['a shape of another size', { $: 'array', dtype: 'uint8', shape: [3], v: [1, 2] }],
    ['an element that does not fit', { $: 'array', dtype: 'uint8', shape: [1], v: [256] }],
    ['an element of another precision', { $: 'typed', type: 'Float32Array', v: [0.1] }],
    ['a 64-bit integer that is too large', { $: 'typed', type: 'BigInt64Array', v: [String(2n ** 63n)] }],
    ['no list', { $: 'typed', type: 'Uint8Array', v: 'x' }],
    ['a type that is none', { $: 'typed', type: 'Function', v: [] }],
    ['undefined', [undefined]],
  ])('say that %s is not of toPlain', (_, plain) => {
    expect(() => fromPlain(plain)).toThrow(expect.objectContaining({ name: 'UsageError', option: 'plain' }) as Error);
  });

  it('bring back what isNdArray knows', () => {
    expect(isNdArray(again(ndArray(new Float32Array([1, 2]).buffer, [1, 2], 'float32')))).toBe(true);
  });
});

function randomValue(random: () => number, depth: number): unknown {
  const pick = <T>(...choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
  const many = <T>(make: () => T): T[] => Array.from({ length: Math.floor(random() * 4) }, make);
  const number = () =>
    pick(NaN, Infinity, -Infinity, -0, 0, random(), Math.floor(random() * 1e9) - 5e8, 2 ** 53, 5e-324);
  const text = () => pick('', '$', 'v', '$$', '__proto__', 'constructor', 'NaN', '\ud800', 'ü😀', String(random()));
  const leaf = (): unknown =>
    pick<() => unknown>(
      number,
      text,
      () => null,
      () => undefined,
      () => random() < 0.5,
      () => BigInt(Math.floor(random() * 1e15)) ** 3n,
    )();
  if (depth === 0 || random() < 0.2) return leaf();
  const inner = () => randomValue(random, depth - 1);
  const elements = () => many(number);
  return pick<() => unknown>(
    () => many(inner),
    () => Object.fromEntries(many(() => [text(), inner()])),
    () => ({ $: pick('map', 'array', 'object', 'typed', 'number', 'undefined'), v: inner() }),
    () => new Map(many(() => [leaf(), inner()])),
    () => new Float64Array(elements()),
    () => new Int16Array(elements()),
    () => array(new Float32Array(6).map(number), [2, 3], 'float32'),
    () =>
      array(
        new BigInt64Array(2).map(() => BigInt(Math.floor(random() * 1e15))),
        [2, 1],
        'int64',
      ),
  )();
}
