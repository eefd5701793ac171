import { deepest, parseJson } from '../../bin/collect/json.mjs';

const parse = (text: string | Uint8Array): unknown =>
  parseJson(typeof text === 'string' ? new TextEncoder().encode(text) : text);

it.each([
  ['{"a":[1,-2.5e-3,"x"],"b":{"a":null}}'],
  ['[{"a":1},{"a":2}]'],
  ['{"a":{"a":{"a":"a"}},"b":"a"}'],
  ['{"a":"{\\"b\\":1,\\"b\\":2}","c\\\\":"\\\\","d":","}'],
  ['{"__proto__":{"x":1},"constructor":2,"hasOwnProperty":3}'],
  ['[9007199254740992, 1152921504606847000, 1e+21, 0.1234567890123456789]'],
  [`${'['.repeat(deepest)}${']'.repeat(deepest)}`],
  ['"\\ud800"'],
])('takes %s as JSON.parse does', (text) => {
  expect(parse(text)).toEqual(JSON.parse(text));
});

it('keeps what JavaScript wrote, whatever the number', () => {
  for (const number of [2 ** 53, 2 ** 60, 2 ** 63 + 2048, -(2 ** 64), 1e300, 5e-324, 0.1 + 0.2, Number.MAX_VALUE]) {
    expect(parse(JSON.stringify([number]))).toEqual([number]);
  }
});

it.each([
  [Uint8Array.of(0x22, 0xff, 0x22), /expected UTF-8; got bytes that are not/],
  [Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), /expected UTF-8/],
  ['', /expected JSON; got 0 bytes that are not/],
  ['{"a":1', /expected JSON; got 6 bytes that are not/],
  ["{'a':1}", /expected JSON/],
  ['[NaN]', /expected JSON/],
  ['{"a":1,"b":{"c":1},"a":1}', /expected each key once in an object; got "a" twice/],
  ['{"a":1,"\\u0061":1}', /got "a" twice/],
  ['[{"x":[{"b":1},{"b":1,"c":[],"b":2}]}]', /got "b" twice/],
  ['{"__proto__":1,"__proto__":2}', /got "__proto__" twice/],
  ['[9007199254740993]', /expected numbers that a 64-bit float holds .*; got 9007199254740993/],
  ['[-123456789012345678901]', /got -123456789012345678901/],
  ['[1e400]', /got 1e400/],
  [`${'['.repeat(deepest + 1)}${']'.repeat(deepest + 1)}`, /expected at most 64 levels; got more/],
  ['['.repeat(500_000) + ']'.repeat(500_000), /expected at most 64 levels/],
])('refuses %.40s', (text, message) => {
  expect(() => parse(text)).toThrow(message);
});
