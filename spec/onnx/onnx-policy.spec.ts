import { concatMap, firstValueFrom, from, lastValueFrom, of, toArray } from 'rxjs';
import { DisposedError, episodes, type Action, type Data, type EpisodeStep, type PolicyContext } from '../../src/index';
import { onnxPolicy, type OnnxPolicy, type OnnxPolicyOptions, type OnnxProgress } from '../../src/onnx';
import { usageError } from '../operators/usage-error';
import { adding, echoing, type StandIn } from './stand-in';

let policies: OnnxPolicy[] = [];
afterEach(() => {
  for (const policy of policies) policy.dispose();
  policies = [];
});

function policyOf(make: () => StandIn, options: OnnxPolicyOptions = {}) {
  const workers: StandIn[] = [];
  const worker = () => {
    const made = make();
    workers.push(made);
    return made;
  };
  const bot = onnxPolicy('http://here.test/bot.onnx', { worker, ...options });
  policies.push(bot);
  return { bot, workers };
}

const context = (observation: unknown, index = 1, more: Partial<PolicyContext<EpisodeStep>> = {}) => ({
  observation,
  info: {},
  episode: 1,
  last: undefined,
  index,
  ...more,
});
const ask = (bot: OnnxPolicy, ...of: Parameters<typeof context>) => firstValueFrom(bot(context(...of)));
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
/** The policy's state. In Jest, arrays that came by a port are no instances of those that the specs know. */
const stateOf = (bot: OnnxPolicy): Data =>
  JSON.parse(JSON.stringify(bot.getState()), (_, value: { data?: object } | null) =>
    value?.data ? { ...value, data: Float32Array.from(Object.values(value.data)) } : value,
  ) as Data;
/** Waits until it is so. */
const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
};

describe('the recurrent state of a policy', () => {
  it('goes on from step to step, and begins anew with an episode', async () => {
    const { bot } = policyOf(adding);
    const steps = from([context(1, 1), context(10, 2), context(100, 3), context(7, 1, { episode: 2 })]);
    expect(await lastValueFrom(steps.pipe(concatMap(bot), toArray()))).toEqual([1, 11, 111, 7]);
  });

  it('begins anew with another episode also where an agent does not have its first step', async () => {
    const { bot } = policyOf(adding);
    expect(await ask(bot, 5, 1, { agent: 'a' })).toBe(5);
    expect(await ask(bot, 5, 2, { agent: 'b' })).toBe(5);
    expect(await ask(bot, 1, 1, { agent: 'a', episode: 2 })).toBe(1);
    expect(await ask(bot, 1, 2, { agent: 'b', episode: 2 })).toBe(1);
    // nor anybody else
    expect(await ask(bot, 3, 2, { agent: 'b', episode: 3 })).toBe(3);
  });

  it('begins anew with the first step, also of the same episode or after a state that was given', async () => {
    const { bot } = policyOf(adding);
    for (const _ of [1, 2]) expect(await ask(bot, 5)).toBe(5);
    bot.setState(stateOf(bot));
    expect(await ask(bot, 5)).toBe(5);
  });

  it('is of each agent its own; 1 and "1" are two', async () => {
    const { bot } = policyOf(adding);
    for (const [at, agent] of [1, '1', undefined].entries()) {
      expect(await ask(bot, at, 1, { agent })).toBe(at);
    }
    for (const [at, agent] of [1, '1', undefined].entries()) {
      expect(await ask(bot, 10, 2, { agent })).toBe(at + 10);
    }
  });

  it('holds no agents of former episodes', async () => {
    const { bot } = policyOf(adding);
    for (let episode = 1; episode < 5; episode++) await ask(bot, 1, 1, { agent: `agent ${episode}`, episode });
    expect(bot.getState()).toEqual([expect.objectContaining({ agent: 'agent 4' })]);
  });

  it('advances in the order of the questions: the second waits for the answer of the first', async () => {
    const { bot, workers } = policyOf(adding);
    await ask(bot, 0);
    const [worker] = workers;
    worker!.holds = true;
    const answers = [ask(bot, 1, 2), ask(bot, 10, 3), ask(bot, 5, 1, { agent: 'other' })];
    await until(() => worker!.runs.length === 3);
    expect(worker!.runs.map(({ inputs }) => inputs['obs']!.data[0])).toEqual([0, 1, 5]);
    worker!.holds = false;
    worker!.release();
    expect(await Promise.all(answers)).toEqual([1, 11, 5]);
  });

  it('advances with a question that was given up while the model had it, and not with one that waited', async () => {
    const { bot, workers } = policyOf(adding);
    await ask(bot, 0);
    const [worker] = workers;
    worker!.holds = true;
    const seen: unknown[] = [];
    const asked = bot(context(1, 2)).subscribe((action) => seen.push(action));
    const waiting = bot(context(1000, 3)).subscribe((action) => seen.push(action));
    await until(() => worker!.runs.length === 2);
    asked.unsubscribe();
    waiting.unsubscribe();
    const next = ask(bot, 10, 4);
    worker!.holds = false;
    worker!.release();
    expect(await next).toBe(11);
    expect(seen).toEqual([]);
  });

  it('is plain data that another policy goes on from, in whatever episode', async () => {
    const { bot } = policyOf(adding);
    await ask(bot, 3, 1, { agent: 'a' });
    const state = stateOf(bot);
    await ask(bot, 100, 2, { agent: 'a' });
    expect(state).toEqual([
      { agent: 'a', tensors: { state_in_0: { data: Float32Array.of(3), shape: [1, 1], dtype: 'float32' } } },
    ]);
    const other = policyOf(adding).bot;
    other.setState(state);
    expect(await ask(other, 4, 2, { agent: 'a', episode: 9 })).toBe(7);
    bot.setState(state);
    expect(await ask(bot, 4, 2, { agent: 'a' })).toBe(7);
  });

  it('that was given is not changed by an answer to a question before', async () => {
    const { bot, workers } = policyOf(adding);
    await ask(bot, 1);
    const state = stateOf(bot);
    workers[0]!.holds = true;
    const late = ask(bot, 1000, 2);
    await until(() => workers[0]!.runs.length === 2);
    bot.setState(state);
    workers[0]!.holds = false;
    workers[0]!.release();
    expect(await late).toBe(1001);
    expect(await ask(bot, 10, 2)).toBe(11);
  });

  it('is refused where it is none', () => {
    const { bot } = policyOf(adding);
    for (const bad of [null, {}, [1], [{ agent: true, tensors: {} }], [{ agent: 'a', tensors: { x: 1 } }]]) {
      expect(() => bot.setState(bad as never)).toThrow(usageError('state'));
    }
  });
});

describe('a policy', () => {
  it('loads at the first question or subscription, once, and says how far it is', async () => {
    const { bot, workers } = policyOf(() => Object.assign(echoing(), { loads: false }));
    expect(workers).toHaveLength(0);
    const seen: OnnxProgress[] = [];
    bot.progress$.subscribe((progress) => seen.push(progress));
    const answer = ask(bot, [0, 9]);
    const [worker] = workers;
    worker!.post({ type: 'loading', loaded: 50, total: 100 });
    worker!.post({ type: 'loading', loaded: 60, total: 200 });
    worker!.post({ type: 'starting' });
    worker!.post({ type: 'loaded', signature: worker!.signature });
    expect(await answer).toBe(1);
    expect(seen.map(({ stage, loaded, total, ratio }) => [stage, loaded, total, ratio])).toEqual([
      ['download', 50, 100, 0.45],
      ['download', 60, 200, 0.45],
      ['start', null, null, 0.9],
      ['ready', null, null, 1],
    ]);
    expect(await firstValueFrom(bot.progress$)).toMatchObject({ stage: 'ready' });
    expect(workers).toHaveLength(1);
  });

  it('draws the same again with the same seed, whatever was asked before', async () => {
    const first = policyOf(echoing, { seed: 7 }).bot;
    const second = policyOf(echoing, { seed: 7 }).bot;
    const actions: unknown[] = [];
    for (let index = 1; index <= 40; index++) actions.push(await ask(first, [0, 0], index));
    expect(new Set(actions)).toEqual(new Set([0, 1]));
    for (let index = 40; index >= 1; index--) expect(await ask(second, [0, 0], index)).toBe(actions[index - 1]);
  });

  it('plays episodes', async () => {
    const { bot } = policyOf(echoing, { sample: 'argmax' });
    let observation = [0, 5];
    const env = {
      reset: () => of({ observation, info: {}, episode: 1 }),
      step: (action: Action) => {
        observation = [observation[1]!, observation[0]!];
        return of({ observation, info: {}, action, done: observation[0] === 0 });
      },
    };
    const steps = await lastValueFrom(episodes(env, bot).pipe(toArray()));
    expect(steps.map(({ action }) => action)).toEqual([1, 0]);
  });

  it('keeps the mask of the context, or leaves it aside', async () => {
    const mask = [1, 0];
    const options = { sample: 'argmax' } as const;
    expect(await ask(policyOf(echoing, options).bot, [1, 2], 1, { mask })).toBe(0);
    expect(await ask(policyOf(echoing, { ...options, mask: false }).bot, [1, 2], 1, { mask })).toBe(1);
  });

  it('goes on after an observation that does not fit, and after an action that cannot be', async () => {
    const { bot, workers } = policyOf(echoing, { sample: 'argmax' });
    expect(await errorOf(ask(bot, [1, 2, 3]))).toMatchObject({ name: 'OnnxInputError' });
    expect(await errorOf(ask(bot, [1, NaN]))).toMatchObject({ name: 'OnnxActionError', reason: 'nan' });
    expect(await ask(bot, [1, 2])).toBe(1);
    expect(workers).toHaveLength(1);
  });

  it('ends all questions when its worker dies, and begins a new one with the next', async () => {
    const { bot, workers } = policyOf(adding);
    await ask(bot, 3);
    workers[0]!.holds = true;
    const lost = [
      errorOf(ask(bot, 1, 2)),
      errorOf(ask(bot, 1, 2, { agent: 'b' })),
      errorOf(lastValueFrom(bot.progress$)),
    ];
    await until(() => workers[0]!.runs.length === 3);
    workers[0]!.die();
    const died = expect.objectContaining({ name: 'OnnxWorkerError', reason: 'died' });
    expect(await Promise.all(lost)).toEqual([died, died, died]);
    expect(workers[0]!.terminated).toBe(true);
    // its state is the page's, so that it goes on
    expect(await ask(bot, 4, 2)).toBe(7);
    expect(workers).toHaveLength(2);
  });

  it('ends a worker that does not answer within the deadline', async () => {
    const { bot, workers } = policyOf(() => Object.assign(echoing(), { holds: true }), { deadline: 20 });
    expect(await errorOf(ask(bot, [1, 2]))).toMatchObject({ name: 'OnnxWorkerError', reason: 'deadline' });
    expect(workers[0]!.terminated).toBe(true);
  });

  it('ends a worker that loads and sends nothing', async () => {
    const { bot, workers } = policyOf(() => Object.assign(echoing(), { loads: false }), { stall: 20 });
    expect(await errorOf(ask(bot, [1, 2]))).toMatchObject({ name: 'OnnxModelError', reason: 'network' });
    expect(workers[0]!.terminated).toBe(true);
  });

  it.each([
    ['throws', () => { throw new Error('no workers here'); }], // prettier-ignore
    ['makes something else', () => ({}) as never],
  ])('says so when the factory of its worker %s', async (_, worker) => {
    const bot = onnxPolicy('http://here.test/bot.onnx', { worker });
    expect(await errorOf(ask(bot, [1, 2]))).toMatchObject({ name: 'OnnxWorkerError', reason: 'spawn' });
  });

  it('does not load again what does not fit its options', async () => {
    const { bot, workers } = policyOf(echoing, { output: 'nothing' });
    for (const _ of [1, 2]) expect(await errorOf(ask(bot, [1, 2]))).toMatchObject({ name: 'OnnxInputError' });
    expect(workers).toHaveLength(1);
    expect(workers[0]!.terminated).toBe(true);
  });

  it('bounds how many questions of an agent wait, and those that were given up do not count', async () => {
    const { bot } = policyOf(() => Object.assign(echoing(), { loads: false }), { limit: 1 });
    for (let at = 0; at < 10; at++)
      bot(context([1, 2]))
        .subscribe()
        .unsubscribe();
    const pending = [errorOf(ask(bot, [1, 2])), errorOf(ask(bot, [1, 2]))];
    expect(await errorOf(ask(bot, [1, 2]))).toMatchObject({ name: 'QueueOverflowError', limit: 1 });
    bot.dispose();
    expect(await Promise.all(pending)).toEqual([expect.any(DisposedError), expect.any(DisposedError)]);
  });

  it('is over when it is disposed of: questions end, progress$ completes, the worker is gone', async () => {
    const { bot, workers } = policyOf(echoing);
    await ask(bot, [1, 2]);
    workers[0]!.holds = true;
    const pending = errorOf(ask(bot, [1, 2], 2));
    await until(() => workers[0]!.runs.length === 2);
    const progress = lastValueFrom(bot.progress$);
    bot.dispose();
    expect(await pending).toBeInstanceOf(DisposedError);
    expect(await progress).toMatchObject({ stage: 'ready' });
    expect(workers[0]!.terminated).toBe(true);
    expect(await errorOf(ask(bot, [1, 2]))).toBeInstanceOf(DisposedError);
    expect(workers).toHaveLength(1);
  });

  it('makes no worker when it is disposed of before', async () => {
    const { bot, workers } = policyOf(echoing);
    bot.dispose();
    expect(await errorOf(ask(bot, [1, 2]))).toBeInstanceOf(DisposedError);
    expect(await lastValueFrom(bot.progress$, { defaultValue: null })).toBeNull();
    expect(workers).toHaveLength(0);
  });

  it.each<[string, object]>([
    ['onnxPolicy.sample', { sample: 'greedy' }],
    ['onnxPolicy.temperature', { temperature: 0 }],
    ['onnxPolicy.temperature', { temperature: Infinity }],
    ['onnxPolicy.seed', { seed: 1.5 }],
    ['onnxPolicy.shape', { shape: [1, 'n'] }],
    ['onnxPolicy.state', { state: { a: { output: 'b', size: 3 } } }],
    ['onnxPolicy.fixed', { fixed: 3 }],
    ['onnxPolicy.limit', { limit: 0 }],
    ['onnxPolicy.deadline', { deadline: 0 }],
    ['onnxPolicy.temprature', { temprature: 1 }],
  ])('refuses the option %s of %j', (option, options) => {
    expect(() => onnxPolicy('bot.onnx', options)).toThrow(usageError(option));
  });

  it('refuses what is no address', () => {
    expect(() => onnxPolicy('')).toThrow(usageError('onnxPolicy.url'));
  });
});
