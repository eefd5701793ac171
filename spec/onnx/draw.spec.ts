import { draw } from '../../src/onnx/draw';
import { seededRandom } from '../../src/agents/random';

const softmax = { sample: 'softmax', temperature: 1 } as const;
const argmax = { sample: 'argmax', temperature: 1 } as const;
const never = () => {
  throw new Error('asked for a random number');
};

/** How often each index is drawn in 20,000 questions. */
function counts(logits: number[], options: { temperature?: number; legal?: boolean[] } = {}): number[] {
  const drawn = logits.map(() => 0);
  for (let index = 1; index <= 20_000; index++) {
    const { temperature = 1, legal } = options;
    drawn[draw(logits, legal, { ...softmax, temperature }, seededRandom(0, { episode: 1, index }))]! += 1;
  }
  return drawn;
}

/** Chi-square against these probabilities, which are not 0. */
const distance = (drawn: readonly number[], probabilities: readonly number[]): number =>
  probabilities.reduce((sum, p, at) => sum + (drawn[at]! - p * 20_000) ** 2 / (p * 20_000), 0);

describe('a drawn action', () => {
  it('is as probable as the softmax of the logits says', () => {
    // 3 degrees of freedom: above 16.3 with a probability of 0.001
    const logits = [0.1, 0.2, 0.3, 0.4].map(Math.log);
    expect(distance(counts(logits), [0.1, 0.2, 0.3, 0.4])).toBeLessThan(16.3);
    // of great logits too, whose exponentials are infinite
    expect(distance(counts(logits.map((logit) => logit + 1000)), [0.1, 0.2, 0.3, 0.4])).toBeLessThan(16.3);
  });

  it('is more even with a temperature above 1, and less with one below', () => {
    const weights = [1, 4];
    const logits = weights.map(Math.log);
    expect(distance(counts(logits, { temperature: 2 }), [1 / 3, 2 / 3])).toBeLessThan(10.8);
    expect(distance(counts(logits, { temperature: 0.5 }), [1 / 17, 16 / 17])).toBeLessThan(10.8);
  });

  it('is never an illegal one; the others keep their proportions', () => {
    const drawn = counts([5, Math.log(0.25), Math.log(0.75)], { legal: [false, true, true] });
    expect(drawn[0]).toBe(0);
    expect(distance(drawn.slice(1), [0.25, 0.75])).toBeLessThan(10.8);
  });

  it('is never one with the logit -∞, whatever the random number is', () => {
    for (const random of [0, 0.5, 1 - 2 ** -32]) {
      expect(draw([-Infinity, 1, -Infinity], undefined, softmax, () => random)).toBe(1);
    }
  });

  it('is the first of the greatest legal ones by argmax, which needs no random number', () => {
    expect(draw([1, 3, 3], undefined, argmax, never)).toBe(1);
    expect(draw([9, 3, 4], [false, true, true], argmax, never)).toBe(2);
  });

  it.each([
    ['nan', [1, NaN], undefined],
    ['nan', [Infinity, 1], undefined],
    ['illegal', [1, 2], [false, false]],
    ['illegal', [-Infinity, 2], [true, false]],
    ['illegal', [-Infinity, -Infinity], undefined],
  ])('is refused (%s) of the logits %j with the mask %j', (reason, logits, legal) => {
    for (const options of [softmax, argmax]) {
      const drawing = () => draw(logits, legal, options, () => 0.5);
      expect(drawing).toThrow(expect.objectContaining({ name: 'OnnxActionError', reason }) as Error);
    }
  });
});
