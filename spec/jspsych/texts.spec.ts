import { defaultTexts, wordsOf } from '../../src/jspsych/texts.js';

const board = { round: 1, rounds: 3, score: 1, total: 0.1 + 0.2, timeLeft: 11.2 };
const float64 = { data: new Float64Array([1, 2.5]), shape: [2], dtype: 'float64' } as const;

describe('the words of a trial', () => {
  it('say the round, the points without the noise of floats, and whole seconds', () => {
    expect(wordsOf(defaultTexts.score, board)).toBe('Round 2 of 3 · Points: 0.3 · 12 s left');
  });

  it('leave out what there is none of', () => {
    expect(wordsOf(defaultTexts.score, { ...board, rounds: 1, timeLeft: null })).toBe('Points: 0.3');
  });

  it('say points by agent, and those of several objectives', () => {
    const total = new Map<string, number | typeof float64>([
      ['you', 3],
      ['bot', float64],
    ]);
    const words = wordsOf(defaultTexts.score, { ...board, rounds: 1, timeLeft: null, total });
    expect(words).toBe('Points: you 3, bot 1, 2.5');
  });

  it('may be plain text', () => {
    expect(wordsOf('Los', board)).toBe('Los');
  });
});
