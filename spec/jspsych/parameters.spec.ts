import { NEVER, of } from 'rxjs';
import { checkParameters, roundsConfigOf, type GivenParameters } from '../../src/jspsych/parameters.js';
import { info } from '../../src/jspsych/info.js';
import { fakeSingle } from '../agents/fake-env.js';
import { usageError } from '../operators/usage-error.js';

// jsPsych asks for a window when it is imported.
jest.mock('jspsych', () => ({ ParameterType: {} }));

const env = Object.assign(fakeSingle(), { frames$: NEVER });
const defaults = Object.fromEntries(Object.entries(info.parameters).map(([name, each]) => [name, each.default]));
const given = (more: Readonly<Record<string, unknown>> = {}) =>
  ({ ...defaults, env, play: () => NEVER, ...more }) as unknown as GivenParameters;

describe('the parameters of a trial', () => {
  it('are well by default', () => {
    expect(() => checkParameters(given())).not.toThrow();
  });

  it.each([
    ['env', () => env],
    ['env', {}],
    ['count', Infinity],
    ['count', 0],
    ['width', 0],
    ['height', 1e9],
    ['button', 'yes'],
    ['prompt', 7],
    ['view', 'mine'],
    ['recordWait', -1],
    ['steps', null],
  ])('%s is refused as %p', (name, value) => {
    expect(() => checkParameters(given({ [name]: value }))).toThrow(usageError(`jspsych.${name}`));
  });

  it('refuses texts that it does not know', () => {
    expect(() => checkParameters(given({ texts: { begin: 'Los' } }))).toThrow(usageError('jspsych.texts.begin'));
    expect(() => checkParameters(given({ texts: { start: 7 } }))).toThrow(usageError('jspsych.texts.start'));
    expect(() => checkParameters(given({ texts: { start: 'Los' } }))).not.toThrow();
  });

  it('refuses a place to go on from beside the one that was kept', () => {
    const both = given({ persist: { key: 'a' }, from: { round: 1 } });
    expect(() => checkParameters(both)).toThrow(usageError('jspsych.from'));
  });

  it('become the options of rounds, without those that were not given', () => {
    const start$ = of(1);
    expect(roundsConfigOf(given(), start$)).toEqual({ count: 1, fps: 30, ready: start$, countdown: 0, between: 0 });
    const mine = { seed: 0, maxSteps: 5, timeLimit: 2, pauseWhen: NEVER };
    expect(roundsConfigOf(given(mine), start$)).toMatchObject(mine);
  });

  it('begin a round by the start button, unless something else does or there is none', () => {
    const [start$, ready] = [of(1), of(2)];
    expect(roundsConfigOf(given({ ready }), start$).ready).toBe(ready);
    expect(roundsConfigOf(given({ button: false }), start$)).not.toHaveProperty('ready');
  });
});
