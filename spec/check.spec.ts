import { EMPTY, NEVER, firstValueFrom, isObservable, noop, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  anyRule,
  checkOptions,
  checkValue,
  countRule,
  deadlineRule,
  flagRule,
  objectRule,
  textRule,
  type Rule,
  type Rules,
} from '../src/check';
import { describe as describeValue } from '../src/describe';
import {
  actions,
  attention$,
  createPool,
  createRuntime,
  episodes,
  gamepad,
  heldButtons,
  keystrokes,
  paint,
  pressedKeys,
  randomPolicy,
  rounds,
  stepWith,
  ticks,
  UsageError,
  type AgentOptions,
  type AttentionConfig,
  type CommonSpec,
  type Deadlines,
  type EntryPointSpec,
  type EpisodesConfig,
  type FrameOptions,
  type GamepadConfig,
  type HeldButtonsConfig,
  type ImageSpec,
  type KeyboardConfig,
  type MakeSpec,
  type PaintConfig,
  type PoolEnvOptions,
  type PoolOptions,
  type PressedKeysConfig,
  type RandomPolicyConfig,
  type RecoveryOptions,
  type RenderOptions,
  type ResetOptions,
  type RestartOptions,
  type RolloutOptions,
  type RoundsConfig,
  type RunOptions,
  type RuntimeOptions,
  type SourceSpec,
  type Steppable,
  type StepOptions,
  type StepWithConfig,
  type TicksConfig,
} from '../src/index';
import { standInWorker } from './helpers/stand-in-worker';
import { usageError } from './operators/usage-error';
import { Recorder } from './render/recorder';

/** Every option, with a value: what is missing here does not compile. */
type Full<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

const deadlines: Full<Deadlines> = {
  boot: 1e4,
  install: 1e4,
  run: Infinity,
  reset: 2 ** 31 - 1,
  step: 1e4,
  grace: 0.5,
  stall: 1e4,
};
const restart: Full<RestartOptions> = { limit: 0, within: 1, backoff: 0, spare: false, snapshot: false, log: 1 };
const runtimeOptions: Full<RuntimeOptions> = {
  indexURL: 'https://cdn.test/pyodide/',
  worker: () => standInWorker(),
  packages: ['numpy'],
  globals: { a: 1 },
  deadlines,
  restart,
  cache: 'none',
  input: () => '',
  queue: 64,
};
const poolOptions: Full<PoolOptions> = { ...runtimeOptions, size: 2 };
const render: Full<RenderOptions> = { every: 2, fps: 29.97 };
const frames: Full<FrameOptions> = { inFlight: 1 };
const recovery: Full<RecoveryOptions> = { every: 1, ms: 1, share: 0.5, stall: 1, log: 1 };
const common: Full<CommonSpec> = {
  packages: ['numpy'],
  globals: { b: 2 },
  beforeStep: 'pass',
  files: { 'a.txt': '' },
  input: () => '',
  entropy: 'dice',
  async: true,
  maxSteps: 5,
  render,
  frames,
  recovery,
};
const source: Full<SourceSpec> = { ...common, source: 'counting-env' };
const make: Full<MakeSpec> = { ...common, make: 'CartPole-v1', numEnvs: 2, kwargs: { sutton: true } };
const entryPoint: Full<EntryPointSpec> = { ...common, entryPoint: 'module:Factory', kwargs: {} };
const { files: _files, ...commonOfImage } = common;
const image: Full<ImageSpec> = { ...commonOfImage, image: 'https://cdn.test/env.image' };
const poolEnv: Full<PoolEnvOptions> = { autoreset: 'disabled' };
const run: Full<RunOptions> = { globals: { c: 3 }, deadline: 1e4 };
const reset: Full<ResetOptions> = { seed: 0, options: { d: 4 }, onCrash: 'resume', deadline: 1e4 };
const step: Full<StepOptions> = { onCrash: 'error', deadline: 1e4 };
const { actions: _, ...rollout }: Full<RolloutOptions> = {
  actions: [1],
  policy: 'random',
  steps: 8,
  until: 'done',
  every: 4,
  deadline: 1e4,
  onCrash: 'resume',
};
const stepWithConfig: Full<StepWithConfig> = {
  busy: 'queue',
  limit: 8,
  overflow: 'drop-oldest',
  lookahead: 1,
  deadline: Infinity,
  onCrash: 'resume',
  onUnrecoverable: 'reset',
  autoreset: 'disabled',
};
const episodesConfig: Full<EpisodesConfig> = {
  count: Infinity,
  seed: (round) => round,
  before: () => EMPTY,
  between: 5,
  fps: NEVER,
  onCrash: 'resume',
  deadline: 1e4,
  from: { round: 1, state: { format: 2, bytes: new Uint8Array() } },
};
const roundsConfig: Full<RoundsConfig> = {
  count: 3,
  seed: 4,
  fps: 10,
  ready: NEVER,
  countdown: 3,
  maxSteps: 100,
  timeLimit: 60,
  between: 2000,
  pauseWhen: NEVER,
  from: { round: 1, state: { format: 2, bytes: new Uint8Array() } },
  scheduler: new TestScheduler(() => undefined),
};
const agentOptions: Full<AgentOptions> = { every: 4, meanwhile: 'idle', idle: 0, late: 'previous', deadline: 50 };
const randomConfig: Full<RandomPolicyConfig> = { seed: 1 };
const target = new EventTarget();
const keyboard: Full<KeyboardConfig> = { target };
const pressed: Full<PressedKeysConfig<number>> = { target, idle: 0, prefer: 'first' };
const gamepadConfig: Full<GamepadConfig<number>> = { idle: 0, prefer: 'latest', deadZone: 0.2, index: 0 };
const button = Object.assign(new EventTarget(), { setPointerCapture: noop, toggleAttribute: noop }) as never;
const heldConfig: Full<HeldButtonsConfig<number>> = { idle: 0, prefer: 'first', actions: { left: 1 } };
const attentionConfig: Full<AttentionConfig> = {
  warn: 1000,
  exclude: 5000,
  needs: 'visible',
  scheduler: new TestScheduler(() => undefined),
};
const ticksConfig: Full<TicksConfig> = { scheduler: new TestScheduler(() => undefined) };
const painting: Full<PaintConfig> = {
  images: {},
  pixelated: true,
  tween: false,
  background: 'navy',
  color: 'red',
  objectLimit: 1,
  onProblem: () => undefined,
};

const runtime = createRuntime({ worker: () => standInWorker(), restart: { snapshot: false } });
const env = runtime.env({ source: 'counting-env' });
const pool = createPool({ size: 2, worker: () => standInWorker(), restart: { snapshot: false } });
const members = pool.env({ source: 'counting-env' });
const steppable: Steppable<number, { done: boolean; observation: null; info: null }> = {
  step: () => EMPTY,
  reset: () => EMPTY,
};
afterAll(() => {
  runtime.dispose();
  pool.dispose();
});

interface Taker {
  readonly name: string;
  /** A legal object with every option. */
  readonly full: object;
  /** Hands options over. They are `never`, which fits everywhere, so that they may be wrong. */
  readonly give: (options: never) => unknown;
  readonly typo: string;
  readonly meant: string;
  /** What comes before the option's name in the error. */
  readonly path?: string;
}

const takers: readonly Taker[] = [
  { name: 'createRuntime', full: runtimeOptions, give: createRuntime, typo: 'pakages', meant: 'packages' },
  {
    name: 'createRuntime: deadlines',
    full: deadlines,
    give: (given) => createRuntime({ deadlines: given }),
    typo: 'steps',
    meant: 'step',
    path: 'deadlines.',
  },
  {
    name: 'createRuntime: restart',
    full: restart,
    give: (given) => createRuntime({ restart: given }),
    typo: 'backof',
    meant: 'backoff',
    path: 'restart.',
  },
  { name: 'createPool', full: poolOptions, give: createPool, typo: 'sise', meant: 'size' },
  {
    name: 'pool.env',
    full: { ...source, ...poolEnv },
    give: (given) => pool.env(given),
    typo: 'autorest',
    meant: 'autoreset',
  },
  { name: 'env of source', full: source, give: (given) => runtime.env(given), typo: 'sorce', meant: 'source' },
  { name: 'env of make', full: make, give: (given) => runtime.env(given), typo: 'numEnv', meant: 'numEnvs' },
  {
    name: 'env of entryPoint',
    full: entryPoint,
    give: (given) => runtime.env(given),
    typo: 'entrypoint',
    meant: 'entryPoint',
  },
  { name: 'env of image', full: image, give: (given) => runtime.env(given), typo: 'img', meant: 'image' },
  {
    name: 'env: render',
    full: render,
    give: (given) => runtime.env({ ...source, render: given }),
    typo: 'fsp',
    meant: 'fps',
    path: 'render.',
  },
  {
    name: 'env: frames',
    full: frames,
    give: (given) => runtime.env({ ...source, frames: given }),
    typo: 'inflight',
    meant: 'inFlight',
    path: 'frames.',
  },
  {
    name: 'env: recovery',
    full: recovery,
    give: (given) => runtime.env({ ...source, recovery: given }),
    typo: 'evry',
    meant: 'every',
    path: 'recovery.',
  },
  { name: 'run', full: run, give: (given) => runtime.run('1', given), typo: 'global', meant: 'globals' },
  { name: 'reset', full: reset, give: (given) => env.reset(given), typo: 'sed', meant: 'seed' },
  { name: 'step', full: step, give: (given) => env.step(1, given), typo: 'dedline', meant: 'deadline' },
  { name: 'stepMany', full: step, give: (given) => env.stepMany([1], given), typo: 'oncrash', meant: 'onCrash' },
  {
    name: 'rollout',
    full: rollout,
    give: (given) => env.rollout(given),
    typo: 'polcy',
    meant: 'policy',
    path: 'rollout.',
  },
  { name: 'pool: reset', full: reset, give: (given) => members.reset(given), typo: 'option', meant: 'options' },
  { name: 'pool: step', full: step, give: (given) => members.step([1, 1], given), typo: 'dead', meant: 'deadline' },
  {
    name: 'pool: rollouts',
    full: rollout,
    give: (given) => members.rollouts(given),
    typo: 'untill',
    meant: 'until',
    path: 'rollout.',
  },
  {
    name: 'stepWith',
    full: stepWithConfig,
    give: (given) => stepWith(steppable, given),
    typo: 'onUnrecoverble',
    meant: 'onUnrecoverable',
    path: 'stepWith.',
  },
  {
    name: 'episodes',
    full: episodesConfig,
    give: (given) => void episodes(steppable, () => 0, given),
    typo: 'cout',
    meant: 'count',
    path: 'episodes.',
  },
  {
    name: 'rounds',
    full: roundsConfig,
    give: (given) => void rounds(env, (steps$) => steps$ as Observable<never>, given),
    typo: 'countdwn',
    meant: 'countdown',
    path: 'rounds.',
  },
  {
    name: 'an agent',
    full: agentOptions,
    give: (given) => void actions(env, () => 0, given),
    typo: 'evry',
    meant: 'every',
    path: 'actions.',
  },
  {
    name: 'randomPolicy',
    full: randomConfig,
    give: (given) => void randomPolicy(undefined, given),
    typo: 'sed',
    meant: 'seed',
    path: 'randomPolicy.',
  },
  {
    name: 'ticks',
    full: ticksConfig,
    give: (given) => void ticks(30, given),
    typo: 'schedular',
    meant: 'scheduler',
    path: 'ticks.',
  },
  {
    name: 'pressedKeys',
    full: pressed,
    give: (given) => void pressedKeys({ a: 1 }, given),
    typo: 'idel',
    meant: 'idle',
    path: 'pressedKeys.',
  },
  {
    name: 'heldButtons',
    full: heldConfig,
    give: (given) => void heldButtons({ left: button }, given as typeof heldConfig),
    typo: 'action',
    meant: 'actions',
    path: 'heldButtons.',
  },
  {
    name: 'gamepad',
    full: gamepadConfig,
    give: (given) => void gamepad({ A: 1 }, given),
    typo: 'deadzone',
    meant: 'deadZone',
    path: 'gamepad.',
  },
  {
    name: 'attention$',
    full: attentionConfig,
    give: (given) => void attention$(given),
    typo: 'warning',
    meant: 'warn',
    path: 'attention$.',
  },
  {
    name: 'keystrokes',
    full: keyboard,
    give: (given) => void keystrokes({ a: 1 }, given),
    typo: 'targets',
    meant: 'target',
    path: 'keystrokes.',
  },
  {
    name: 'paint',
    full: painting,
    give: (given) => paint(new Recorder(), given),
    typo: 'colour',
    meant: 'color',
    path: 'paint.',
  },
];

/** What a call returns, throws or emits. */
async function outcome({ give }: Taker, options: unknown): Promise<unknown> {
  try {
    const result = give(options as never);
    return await (isObservable(result) ? firstValueFrom(result) : result);
  } catch (error) {
    return error;
  }
}

const isRefusal = (result: unknown): boolean => (result as Partial<Error> | undefined)?.name === 'UsageError';

describe('the options of', () => {
  it.each(takers)('$name: $typo is refused, and $meant is named', async (taker) => {
    const { full, typo, meant, path = '' } = taker;
    for (const value of [1, undefined]) {
      const refusal = (await outcome(taker, { ...full, [typo]: value })) as UsageError;
      expect(refusal).toMatchObject({ name: 'UsageError', option: `${path}${typo}`, got: typo });
      const [, known = '', question] = /^one of (.*) \(did you mean (.*)\?\)$/.exec(refusal.expected) ?? [];
      expect(question).toBe(meant);
      expect(known.split(', ')).toEqual(expect.arrayContaining(Object.keys(full)));
    }
  });

  it.each(takers)('$name: all are accepted', async (taker) => {
    const result = await outcome(taker, taker.full);
    expect(isRefusal(result) && result).toBe(false);
  });

  it.each(takers)('$name: what is no object is refused', async (taker) => {
    const option = taker.path?.slice(0, -1) ?? 'options';
    for (const options of [[], 'text', null]) {
      expect(await outcome(taker, options)).toMatchObject({ name: 'UsageError', option, expected: 'an object' });
    }
  });
});

describe('checkOptions', () => {
  interface Options {
    readonly deadline?: number;
    readonly onCrash?: string;
    readonly ms?: number;
  }
  const rules: Rules<Options> = { deadline: deadlineRule, onCrash: { words: ['error', 'resume'] }, ms: countRule };
  const given = (options: object) => () => checkOptions<Options>('run', options, rules);

  it('takes no options, and options that are undefined, for not given', () => {
    expect(() => checkOptions('run', undefined, rules)).not.toThrow();
    expect(given({ deadline: undefined, onCrash: 'error' })).not.toThrow();
  });

  it.each([
    ['dedline', 'deadline'],
    ['deaadline', 'deadline'],
    ['daedline', 'deadline'],
    ['deadlnes', 'deadline'],
    ['teadlime', 'deadline'],
    ['dead', 'deadline'],
    ['deadlineInSeconds', 'deadline'],
    ['oncrash', 'onCrash'],
    ['sm', undefined],
    ['timeout', undefined],
    ['toString', undefined],
    ['__proto__', undefined],
  ])('refuses %s, and asks whether it means %s', (typo, meant) => {
    const options: object = Object.defineProperty({}, typo, { value: 1, enumerable: true });
    const question = meant === undefined ? '' : ` (did you mean ${meant}?)`;
    expect(given(options)).toThrow(new UsageError(`run.${typo}`, `one of deadline, onCrash, ms${question}`, typo));
  });

  it('names the one that needs fewer edits', () => {
    const limits = { min: 0, max: 1 };
    expect(() => checkOptions<object>('', { stp: 1 }, { stop1: limits, step: limits })).toThrow('did you mean step?');
  });

  it('checks inherited options, too', () => {
    expect(given(Object.create({ onCrash: 'reset' }) as object)).toThrow(usageError('run.onCrash'));
    expect(given(Object.create({ onCrsh: 'error' }) as object)).toThrow(usageError('run.onCrsh'));
  });
});

describe('checkValue', () => {
  it.each<[rule: Rule, fits: readonly unknown[], refused: readonly unknown[], expected: string]>([
    [{ words: ['a', 'b'] }, ['a', 'b'], ['c', '', null, undefined, ['a']], 'one of a, b'],
    [{ min: 0.5, max: 2 }, [0.5, 1.5, 2], [0.4, 2.1, NaN, Infinity, '1', undefined], 'a number from 0.5 to 2'],
    [countRule, [1, 2 ** 31], [0, 1.5, -1, NaN, Infinity, '1', null], 'a whole number from 1'],
    [{ min: 1, max: Infinity, whole: true }, [1, Infinity], [0, 1.5, NaN], 'a whole number from 1 to Infinity'],
    [
      deadlineRule,
      [0.001, 2 ** 31 - 1, Infinity],
      [0, -1, 2 ** 31, NaN, '250', null, undefined],
      'a time in ms above 0, at most 2147483647, or Infinity',
    ],
    [flagRule, [true, false], [0, 'true', undefined], 'one of true, false'],
    [objectRule, [{}, new Map()], [[], null, 'text', undefined], 'an object'],
    [textRule, ['text'], ['', 1, null, undefined], 'a string that is not empty'],
    [anyRule, [undefined, null, 0, []], [], 'anything'],
  ])('%j', (rule, fits, refused, expected) => {
    for (const value of fits) expect(() => checkValue('it', value, rule)).not.toThrow();
    for (const value of refused) {
      expect(() => checkValue('it', value, rule)).toThrow(new UsageError('it', expected, describeValue(value)));
    }
  });

  it('checks options within an option', () => {
    const rule: Rule = { options: { ms: countRule } };
    expect(() => checkValue('run.wait', { ms: 1 }, rule)).not.toThrow();
    expect(() => checkValue('run.wait', { ms: 0 }, rule)).toThrow(
      new UsageError('run.wait.ms', 'a whole number from 1', '0'),
    );
  });
});
