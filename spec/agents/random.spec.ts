import { murmur3, seededRandom } from '../../src/agents/random';

describe('murmur3', () => {
  // As other implementations have them: https://en.wikipedia.org/wiki/MurmurHash, and its reference in C++
  it.each([
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    ['test', 0, 0xba6bd213],
    ['test', 0x9747b28c, 0x704b81dc],
    ['Hello, world!', 0, 0xc0363e43],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
  ])('of %j with the seed %i is the published value', (text, seed, hash) => {
    expect(murmur3(text, seed)).toBe(hash);
  });
});

describe('seeded random numbers', () => {
  const question = { episode: 3, index: 7, agent: 'red' };
  const first = (seed: number, of: Parameters<typeof seededRandom>[1]) => seededRandom(seed, of)();

  it('depend on seed, episode, index and agent, and on nothing else', () => {
    const again = { agent: 'red', index: 7, episode: 3, last: 'anything' };
    expect(first(1, again)).toBe(first(1, question));
    const others = [
      first(2, question),
      first(1, { ...question, episode: 4 }),
      first(1, { ...question, index: 8 }),
      first(1, { ...question, agent: 'blue' }),
      first(1, { ...question, agent: 1 }),
      first(1, { ...question, agent: '1' }),
      first(1, { episode: 3, index: 7 }),
    ];
    expect(new Set([first(1, question), ...others]).size).toBe(8);
  });

  it('are another for each choice of one question', () => {
    const random = seededRandom(1, question);
    expect(random()).not.toBe(random());
  });

  it('are even, over many steps and over many seeds', () => {
    for (const of of [
      (at: number) => first(5, { episode: 1, index: at }),
      (at: number) => first(at, { episode: 1, index: 1 }),
    ]) {
      const bins = new Array<number>(10).fill(0);
      for (let at = 1; at <= 10_000; at++) bins[Math.floor(of(at) * 10)]! += 1;
      // chi-square with 9 degrees of freedom: above 27.9 with a probability of 0.001
      expect(bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(27.9);
    }
  });
});
