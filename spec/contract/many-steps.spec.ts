import { readFileSync } from 'node:fs';
import {
  concatMap,
  firstValueFrom,
  from,
  last,
  lastValueFrom,
  range,
  share,
  take,
  toArray,
  type Observable,
} from 'rxjs';
import { isNdArray, stepWith, untilDone, type PythonRuntime, type Rollout, type Step } from '../../src/index';
import { realRuntime } from '../helpers/real-runtime';

let runtime: PythonRuntime;
beforeAll(() => {
  runtime = realRuntime({ restart: { backoff: 0, limit: 100 } });
});
afterAll(() => {
  runtime.dispose();
});

const all = <T>(source$: Observable<T>): Promise<T[]> => firstValueFrom(source$.pipe(toArray()));
const heard = async (source$: Observable<unknown>): Promise<unknown[]> => {
  const values: unknown[] = [];
  await lastValueFrom(source$.pipe(concatMap((value) => [values.push(value)]))).catch((error: unknown) =>
    values.push(error),
  );
  return values;
};
const cartPole = { source: readFileSync('examples/03-cart-pole/cart_pole.py', 'utf8') };

/** Walks by its action and a random number; over at each fifth step; raises at -1, hangs at -2, dies at -3. */
const walker = {
  source: `
import ctypes
import random
from array import array

class Space:
    def sample(self):
        return random.randrange(3)

class Walker:
    action_space = Space()

    def reset(self, seed=None, options=None):
        if seed is not None or not hasattr(self, 'random'):
            self.random = random.Random(seed)
        self.place = array('f', [0, 0])
        self.n = 0
        return self.place, {}

    def step(self, action):
        if action == -1:
            raise ValueError('no way')
        if action == -2:
            while True:
                pass
        if action == -3:
            ctypes.string_at(1 << 31)
        self.n += 1
        self.place[0] += action
        self.place[1] = self.random.random()
        return self.place, action / 2, self.n == 5, False, {}

env = Walker()`,
};

/** A step without when it was sent. */
const untimed = (step: unknown) => ({ ...(step as object), startedAt: null });

describe('stepMany', () => {
  it('comes to what one step after another comes to', async () => {
    const [many, single] = [runtime.env(cartPole), runtime.env(cartPole)];
    const actions = [0, 1, 1, 0, 1, 0, 0, 1];
    await firstValueFrom(many.reset({ seed: 3 }));
    await firstValueFrom(single.reset({ seed: 3 }));
    const seen = all(many.steps$.pipe(take(actions.length)));
    const steps = await all(many.stepMany(actions));

    expect(steps).toEqual(await all(from(actions).pipe(concatMap((action) => single.step(action)))));
    expect(await seen).toEqual(steps);
    expect(await all(many.stepMany([]))).toEqual([]);
  });

  it('goes no further than the end of an episode, unless somebody listens', async () => {
    const env = runtime.env(walker);
    await firstValueFrom(env.reset());
    const steps = await all(env.stepMany([1, 1, 1, 1, 1, 1, 1]).pipe(take(5)));

    expect(steps.map(({ done }) => done)).toEqual([false, false, false, false, true]);
    expect(env.latest).toMatchObject({ index: 5, done: true });
  });

  it('is refused beyond the end of an episode where somebody listens', async () => {
    const env = runtime.env(walker);
    await firstValueFrom(env.reset());
    const seen = await heard(env.stepMany([1, 1, 1, 1, 1, 1, 1]));

    expect(seen.slice(4)).toMatchObject([
      { index: 5, done: true },
      { name: 'PythonError', type: 'ResetNeeded' },
    ]);
  });

  it('renders as often as its steps say, however many messages they take', async () => {
    const source = `${walker.source}\nenv.render = lambda: f'step {env.n}'`;
    const env = runtime.env({ source, render: { every: 4 } });
    const seen: unknown[] = [];
    env.frames$.subscribe((frame) => seen.push(frame.kind === 'text' && frame.text));
    await firstValueFrom(env.reset());
    await all(env.stepMany([1, 1]));
    await all(env.stepMany([1, 1, 1]));

    expect(seen).toEqual(['step 0', 'step 5']);
  });

  it('takes the actions as they were when it was subscribed', async () => {
    const env = runtime.env(walker);
    await firstValueFrom(env.reset());
    const actions = [1, 2, 1];
    const steps = all(env.stepMany(actions));
    actions.length = 0;

    expect((await steps).map(({ action }) => action)).toEqual([1, 2, 1]);
  });

  it('emits the steps before a KeyboardInterrupt of the env’s own', async () => {
    const env = runtime.env({
      source: `${walker.source}\n
step = env.step
def quitting(action):
    if action == 'quit':
        raise KeyboardInterrupt
    return step(action)
env.step = quitting`,
    });
    await firstValueFrom(env.reset());

    expect(await heard(env.stepMany([1, 'quit', 1]))).toMatchObject([{ index: 1 }, { type: 'KeyboardInterrupt' }]);
  });

  it('emits the steps before one that raises, and no one after', async () => {
    const env = runtime.env(walker);
    await firstValueFrom(env.reset());

    expect(await heard(env.stepMany([1, 2, -1, 1]))).toMatchObject([
      { index: 1 },
      { index: 2 },
      { name: 'PythonError', type: 'ValueError', command: 'step' },
    ]);
    expect((await firstValueFrom(env.step(1))).index).toBe(3);
  });

  it('did not happen where it was too late', async () => {
    const env = runtime.env(walker);
    await firstValueFrom(env.reset({ seed: 1 }));

    expect(await heard(env.stepMany([1, -2], { deadline: 100 }))).toMatchObject([{ name: 'DeadlineError' }]);
    expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 1, return: 0.5 });
  });
});

describe('stepWith that looks ahead', () => {
  const autoreset = 'next-step';

  it('comes to what it comes to without, also over the death of the interpreter', async () => {
    const [ahead, single] = [runtime.env(walker), runtime.env(walker)];
    await firstValueFrom(ahead.reset({ seed: 7 }));
    await firstValueFrom(single.reset({ seed: 7 }));
    const steps$ = range(40).pipe(stepWith(ahead, { lookahead: 8, limit: 40, onCrash: 'resume', autoreset }));
    const steps: unknown[] = [];
    const died = firstValueFrom(runtime.incidents$);
    await new Promise<void>((resolve, reject) => {
      steps$.subscribe({
        next: (step) => {
          steps.push(step);
          if (steps.length === 9) runtime.run('import ctypes; ctypes.string_at(1 << 31)').subscribe({ error: () => 0 });
        },
        error: reject,
        complete: resolve,
      });
    });

    expect(await died).toMatchObject({ type: 'crash' });
    expect(steps.map(untimed)).toEqual(
      (await all(range(40).pipe(stepWith(single, { limit: 40, autoreset })))).map(untimed),
    );
    expect(steps).toHaveLength(40);
  });

  it('passes on the steps before one that raises', async () => {
    const env = runtime.env(walker);
    await firstValueFrom(env.reset());
    const steps = await heard(from([0, 1, -1, 1]).pipe(stepWith(env, { lookahead: 4 })));

    expect(steps).toMatchObject([{ index: 1 }, { index: 2 }, { name: 'PythonError', type: 'ValueError' }]);
    expect((await firstValueFrom(env.step(1))).index).toBe(3);
  });

  it('stands at the end of an episode when that ends the stream', async () => {
    const env = runtime.env(walker);
    await firstValueFrom(env.reset());
    const taken = all(env.steps$.pipe(take(6)));
    const steps = await all(range(8).pipe(stepWith(env, { lookahead: 8 }), untilDone()));
    await firstValueFrom(env.reset());
    await firstValueFrom(env.step(1));

    expect(steps.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5]);
    expect((await taken).map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 1]);
  });

  it('is brought back with observations that have names like those of the protocol', async () => {
    const env = runtime.env({
      source: `
from array import array
class Names:
    def reset(self, seed=None, options=None):
        self.n = 0
        return None, {}
    def step(self, action):
        self.n += 1
        return {'i': self.n, 'x': array('f', [self.n])}, 1.0, False, False, {}
env = Names()
`,
      recovery: { every: 1000, ms: Infinity },
    });
    await all(env.stepMany([0, 0, 0]));
    const died = firstValueFrom(runtime.incidents$);
    runtime.run('import os; os._exit(1)').subscribe({ error: () => undefined });
    await died;

    expect(await firstValueFrom(env.step(0, { onCrash: 'resume' }))).toMatchObject({ index: 4 });
  });

  it('has the actions behind the end of an episode wait again', async () => {
    const [ahead, single] = [runtime.env(walker), runtime.env(walker)];
    await firstValueFrom(ahead.reset({ seed: 7 }));
    await firstValueFrom(single.reset({ seed: 7 }));

    const steps = await all(range(12).pipe(stepWith(ahead, { lookahead: 8, autoreset })));
    expect(steps.map(untimed)).toEqual((await all(range(12).pipe(stepWith(single, { autoreset })))).map(untimed));
  });
});

describe('rollout', () => {
  const plain = (chunks: readonly Rollout[], column: 'observations' | 'actions' | 'rewards') =>
    chunks.flatMap((chunk) => {
      const values = chunk[column];
      return 'data' in values ? Array.from(values.data as Float64Array) : values;
    });

  it('takes given actions, and comes to what steps come to', async () => {
    const [rolled, stepped] = [runtime.env(cartPole), runtime.env(cartPole)];
    const actions = new Uint8Array(20).map((_, i) => i % 2);
    await firstValueFrom(rolled.reset({ seed: 5 }));
    await firstValueFrom(stepped.reset({ seed: 5 }));
    const chunks = await all(rolled.rollout({ actions, every: 8 }));
    const steps = await all(from(actions).pipe(concatMap((action) => stepped.step(action))));

    expect(chunks.map(({ from, count, total }) => [from, count, total])).toEqual([
      [0, 8, 20],
      [8, 8, 20],
      [16, 4, 20],
    ]);
    expect(chunks[0]).toMatchObject({
      observations: { shape: [8, 4], dtype: 'float32' },
      actions: { shape: [8], dtype: 'int32' },
      rewards: { shape: [8], dtype: 'float64' },
      terminations: { shape: [8], dtype: 'bool' },
      truncations: { shape: [8], dtype: 'bool' },
      resets: [],
      done: false,
      index: 8,
      episode: 1,
    });
    expect(plain(chunks, 'observations')).toEqual(
      steps.flatMap(({ observation }) => Array.from((observation as unknown as { data: Float32Array }).data)),
    );
    expect(plain(chunks, 'actions')).toEqual(Array.from(actions));
    expect(plain(chunks, 'rewards')).toEqual(steps.map(({ reward }) => reward));
    expect((await firstValueFrom(rolled.step(0))).index).toBe(21);
  });

  it('goes from episode to episode, and copies observations that the env writes over', async () => {
    const env = runtime.env(walker);
    const [chunk] = await all(env.rollout({ actions: [1, 1, 1, 1, 1, 2, 2] }));

    expect(chunk!.resets).toMatchObject([
      { at: 0, episode: 1 },
      { at: 5, episode: 2 },
    ]);
    const places = (chunk!.observations as { data: Float32Array }).data.filter((_, i) => i % 2 === 0);
    expect(Array.from(places)).toEqual([1, 2, 3, 4, 5, 2, 4]);
    expect(Array.from((chunk!.terminations.data as Uint8Array).values())).toEqual([0, 0, 0, 0, 1, 0, 0]);
    expect(chunk).toMatchObject({ index: 2, episode: 2, done: false });
  });

  it('samples actions, or asks a policy of Python source, until the episode is over', async () => {
    const env = runtime.env(walker);
    const sampled = await all(env.rollout({ policy: 'random', steps: 30 }));
    expect(new Set(plain(sampled, 'actions'))).toEqual(new Set([0, 1, 2]));

    const policy = 'def policy(observation):\n    return 1 if observation[0] < 2 else 0';
    await firstValueFrom(env.reset());
    const chunks = await all(env.rollout({ policy, until: 'done', every: 2 }));
    expect(plain(chunks, 'actions')).toEqual([1, 1, 0, 0, 0]);
    expect(chunks.map(({ done, total }) => [done, total])).toEqual([
      [false, null],
      [false, null],
      [true, null],
    ]);
  });

  it('lists what makes no array', async () => {
    const env = runtime.env({
      source: `
from array import array
class Odd:
    n = 0
    def reset(self, seed=None, options=None):
        return None, {}
    def step(self, action):
        self.n += 1
        return [array('b', [1]), array('h', [1, 2]), 'text', {'a': 1}][self.n - 1], 1, False, False, {}
env = Odd()`,
    });
    const [chunk] = await all(env.rollout({ actions: ['a', null, [1], 0.5] }));

    expect(chunk!.observations).toMatchObject([{ dtype: 'int8' }, { dtype: 'int16', shape: [2] }, 'text', { a: 1 }]);
    expect(chunk!.actions).toEqual(['a', null, [1], 0.5]);
  });

  const odd = (answer: string) => ({
    source: `
from array import array
class Odd:
    def reset(self, seed=None, options=None):
        self.n = 0
        return array('f', [0, 0]), {}
    def step(self, action):
        self.n += 1
        n = self.n
        floats = array('f', [n, action])
        return ${answer}
env = Odd()`,
  });

  it.each<[what: string, answer: string, maxSteps: number | undefined]>([
    ['arrays', 'floats, n / 3, n == 4, False, {}', undefined],
    ['arrays of a limited episode', 'floats, n / 3, n == 4, False, {}', 3],
    ['whole numbers and flags that are none', 'n, n, 1 if n == 4 else 0, "" , {}', undefined],
    ['four values', 'floats, 0.1, n == 4, {"TimeLimit.truncated": n == 4}', undefined],
    [
      'arrays of another length, later on',
      'array("f", range(3)) if n == 3 else floats, 0.1, n == 6, False, {}',
      undefined,
    ],
    [
      'arrays of another type, later on',
      'array("i", [n, 2]) if n == 3 else floats, True, n == 6, False, {}',
      undefined,
    ],
    ['no array, later on', '"three" if n == 3 else floats, 0.1, False, n == 6, {}', undefined],
  ])('comes to what steps come to, of %s', (_, answer, maxSteps) => comesToTheSame({ ...odd(answer), maxSteps }));

  // What the bridge knows of NumPy's classes, without NumPy, which is not installed here.
  const likeNumpy = `
import sys, types
class generic:
    dtype = property(lambda self: type(self).__name__)
    def __init__(self, value):
        self.value = self.kind(value)
    def item(self):
        return self.value
    def __float__(self):
        return float(self.value)
    def __int__(self):
        return int(self.value)
class float32(generic):
    kind = float
class int64(generic):
    kind = int
class ndarray:
    def __init__(self, values):
        self.values = values
    dtype = property(lambda self: self.values.typecode)
    shape = property(lambda self: (len(self.values),))
    def tobytes(self):
        return self.values.tobytes()
    def __buffer__(self, flags):
        return memoryview(self.values)
numpy = types.ModuleType('numpy')
numpy.random = types.SimpleNamespace(seed=lambda seed: None, get_state=lambda: 0, set_state=lambda state: None)
vars(numpy).update(float32=float32, int64=int64, ndarray=ndarray)
sys.modules['numpy'] = numpy
def written_over(values, n, kept={}):
    array = kept.setdefault((values.typecode, len(values)), ndarray(values))
    array.values[0] = n
    return array
`;

  it.each<[what: string, answer: string]>([
    ['rewards', 'n, n / 3 if n < 3 else float32(n / 3) if n < 5 else int64(n), n == 7, False, {"n": n}'],
    ['rewards from the first step on', 'n, float32(n / 3), n == 4, False, {"n": float32(n)}'],
    ['observations, later on', 'n if n < 3 else int64(n) if n < 5 else float32(n / 3), 1, n == 7, False, {}'],
    [
      'observations that are large or no number',
      'int64(2 ** 60 + n) if n % 2 else float32(float("nan")), 1, n == 7, False, {}',
    ],
    ['one array, written over', 'written_over(array("f", [0, 1]), n), float32(n / 3), n == 4, False, {}'],
    [
      'arrays of another dtype, later on',
      'written_over(array("f" if n < 3 else "i", [0, 1]), n), 1, n == 7, False, {}',
    ],
    ['arrays of another shape, later on', 'written_over(array("f", range(1 + n // 3)), n), 1, n == 7, False, {}'],
  ])("comes to what steps come to, of NumPy's %s", async (_, answer) => {
    const { source } = odd(answer);
    await comesToTheSame({ source: likeNumpy + source });
    await firstValueFrom(runtime.run('import sys; sys.modules.pop("numpy")'));
  });

  async function comesToTheSame(spec: { readonly source: string; readonly maxSteps?: number | undefined }) {
    const [rolled, stepped] = [runtime.env(spec), runtime.env(spec)];
    const actions = Array.from({ length: 11 }, (_, i) => i);
    const [chunk] = await all(rolled.rollout({ actions }));
    const steps: Step[] = [];
    for (const action of actions) {
      if (steps.at(-1)?.done) await firstValueFrom(stepped.reset());
      steps.push(await firstValueFrom(stepped.step(action)));
    }
    const numbers = (values: Rollout['observations']): unknown[] =>
      'data' in values ? Array.from(values.data as Float32Array) : values.flatMap((value) => flat(value));
    const flat = (value: unknown): unknown[] => (isNdArray(value) ? Array.from(value.data as Float32Array) : [value]);

    expect(numbers(chunk!.observations)).toEqual(steps.flatMap(({ observation }) => flat(observation)));
    expect(plain([chunk!], 'rewards')).toEqual(steps.map(({ reward }) => reward));
    expect(Array.from(chunk!.terminations.data, Boolean)).toEqual(steps.map(({ terminated }) => terminated));
    expect(Array.from(chunk!.truncations.data, Boolean)).toEqual(steps.map(({ truncated }) => truncated));
    expect(chunk).toMatchObject({
      done: steps.at(-1)!.done,
      index: steps.at(-1)!.index,
      episode: steps.at(-1)!.episode,
    });
    const [after, expected] = await Promise.all([rolled, stepped].map((env) => firstValueFrom(env.step(0))));
    expect(after).toEqual(expected);
    // or a later death would bring them back, with what their source imports
    await Promise.all([rolled, stepped].map((env) => firstValueFrom(env.close())));
  }

  it('finds the length of its chunks by itself, with none of the steps lost or done twice', async () => {
    const env = runtime.env(walker);
    const chunks = await all(env.rollout({ policy: 'random', steps: 5000 }));
    expect(chunks[0]).toMatchObject({ from: 0, count: 16, total: 5000 });
    let next = 0;
    for (const { from, count } of chunks) {
      expect(from).toBe(next);
      next += count;
    }
    expect(next).toBe(5000);

    // another rollout goes on at that pace, but not one of another policy, whose steps may take long
    const [same] = await all(env.rollout({ policy: 'random', steps: 5000 }));
    const [other] = await all(env.rollout({ policy: 'def policy(observation):\n    return 0', steps: 5000 }));
    expect(same?.count).toBeGreaterThan(16);
    expect(other?.count).toBe(16);
  });

  it('has chunks that a slow env ends within the deadline', async () => {
    const source = `${walker.source}
import time
step = env.step
def slow_step(action):
    time.sleep(0.02)
    return step(action)
env.step = slow_step`;
    const counts: number[] = [];
    const env = runtime.env({ source });
    const steps = env.rollout({ policy: 'random', steps: 40, deadline: 1000 });
    await steps.forEach(({ count }) => counts.push(count));

    expect(counts[0]).toBe(16);
    for (const count of counts.slice(1)) expect(count).toBeLessThanOrEqual(8);
  });

  it('has chunks that fit the memory', async () => {
    const env = runtime.env({
      source: `
class Big:
    picture = memoryview(bytearray(3_000_000)).cast('B', [1000, 1000, 3])
    def reset(self, seed=None, options=None):
        return self.picture, {}
    def step(self, action):
        return {'camera': [self.picture]}, 1.0, False, False, {}
env = Big()`,
    });
    const counts: number[] = [];
    await env.rollout({ actions: new Uint8Array(24) }).forEach(({ count }) => counts.push(count));

    expect(counts).toEqual([16, 5, 3]);
  });

  it('is brought back also where clocks are in what a reset informs of', async () => {
    const env = runtime.env({
      source: `
import time
from array import array
class Clock:
    def reset(self, seed=None, options=None):
        self.n = 0
        return array('d', [0]), {'time': array('d', [time.time()])}
    def step(self, action):
        self.n += 1
        return array('d', [self.n]), 1.0, self.n == 5, False, {}
env = Clock()`,
      recovery: { every: 1000, ms: Infinity },
    });
    await all(env.rollout({ actions: new Uint8Array(7) }));
    const died = firstValueFrom(runtime.incidents$);
    runtime.run('import os; os._exit(1)').subscribe({ error: () => undefined });
    await died;

    expect(await firstValueFrom(env.step(0, { onCrash: 'resume' }))).toMatchObject({ index: 3, episode: 2 });
  });

  it('has one array a column, whatever a reset answers', async () => {
    const env = runtime.env({
      source: `
from array import array
class Env:
    def reset(self, seed=None, options=None):
        return array('d', [0]), {}
    def step(self, action):
        return array('f', [action]), 1.0, False, False, {}
env = Env()`,
    });
    const chunks = await all(env.rollout({ actions: [1, 2, 3, 4], every: 2 }));

    expect(chunks).toMatchObject([
      { observations: { shape: [2, 1], dtype: 'float32' } },
      { observations: { shape: [2, 1], dtype: 'float32' } },
    ]);
  });

  it('stands where it raised, with what was counted up to there', async () => {
    const env = runtime.env(odd('(floats, 0.5, n == 3, False, {}) if action != 9 else 1 // 0'));
    expect(await heard(env.rollout({ actions: [1, 1, 1, 1, 9, 1] }))).toMatchObject([
      { name: 'PythonError', type: 'ZeroDivisionError' },
    ]);
    expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 2, episode: 2, return: 1 });
  });

  it('goes on after a death as if it had not been', async () => {
    const [dying, undisturbed] = [runtime.env(walker), runtime.env(walker)];
    const options = { actions: Array.from({ length: 64 }, (_, i) => i % 3), every: 8, onCrash: 'resume' } as const;
    await firstValueFrom(dying.reset({ seed: 2 }));
    await firstValueFrom(undisturbed.reset({ seed: 2 }));
    const chunks: Rollout[] = [];
    const rolled$ = dying.rollout(options).pipe(share());
    const third$ = rolled$.pipe(take(3), last());
    third$.subscribe(() => runtime.run('import os; os._exit(1)').subscribe({ error: () => undefined }));
    await rolled$.forEach((chunk) => chunks.push(chunk));

    expect(chunks).toEqual(await all(undisturbed.rollout(options)));
  });

  it('is cancelled before the chunk that runs', async () => {
    const env = runtime.env(walker);
    await firstValueFrom(env.reset({ seed: 2 }));
    const chunks = env.rollout({ actions: [1, 1, -2, 1], every: 2 });
    expect(await all(chunks.pipe(take(1)))).toMatchObject([{ count: 2, from: 0 }]);
    expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 3, return: 1.5 });
  });

  it.each([
    [{}, 'rollout'],
    [{ policy: 'random', actions: [1] }, 'rollout'],
    [{ policy: 'random' }, 'rollout.steps'],
    [{ actions: [1], steps: 2 }, 'rollout.steps'],
    [{ policy: 'random', steps: 1.5 }, 'rollout.steps'],
    [{ actions: [1], every: 0 }, 'rollout.every'],
    [{ actions: 3 as never }, 'rollout.actions'],
    [{ actions: [1], until: 'dusk' as never }, 'rollout.until'],
  ])('refuses %j', async (options, option) => {
    expect(await heard(runtime.env(walker).rollout(options))).toMatchObject([{ name: 'UsageError', option }]);
  });

  it('says what it needs of an env and of a policy', async () => {
    const env = runtime.env(walker);
    expect(await heard(env.rollout({ policy: 'choose = 1', steps: 3 }))).toMatchObject([
      { name: 'PythonError', type: 'NameError', command: 'rollout' },
    ]);
    const parallel = runtime.env({
      source: 'class E:\n  possible_agents = [1]\n  reset = step = lambda self: 0\nenv = E()',
    });
    expect(await heard(parallel.rollout({ actions: [1] }))).toMatchObject([{ type: 'TypeError', command: 'rollout' }]);
    const short = runtime.env({
      source: 'class E:\n  reset = lambda self: (0, {})\n  step = lambda self, action: (0, 1.0)\nenv = E()',
    });
    expect(await heard(short.rollout({ actions: [1] }))).toMatchObject([
      { type: 'TypeError', message: expect.stringContaining('expected env.step() to return') },
    ]);
  });
});
