import { firstValueFrom, type Observable } from 'rxjs';
import type { NdArray, PythonRuntime, VectorStep } from '../../src/index';
import { realRuntime } from '../helpers/real-runtime';

let runtime: PythonRuntime;
beforeAll(() => {
  runtime = realRuntime();
});
afterAll(() => {
  runtime.dispose();
});

const value = <T>(command$: Observable<T>): Promise<T> => firstValueFrom(command$);

/** Two envs, the first of which ends every second step and the second every third, and which reset themselves. */
const vectorEnv = (reward: string, flags: string): string => `
from array import array

class Ndarray:
    """As NumPy's: the buffer protocol, and an item() that only an array of one element answers."""
    def __init__(self, buffer): self.buffer = memoryview(buffer)
    def __buffer__(self, flags): return self.buffer
    def __bool__(self): raise ValueError('the truth value of an array with more than one element is ambiguous')
    def item(self): raise ValueError('can only convert an array of size 1 to a Python scalar')

def floats(values): return array('d', values)
def bools(values): return memoryview(bytes(values)).cast('?')

class Space:
    def __init__(self, **fields): vars(self).update(fields)

class Vector:
    num_envs = 2
    action_space = Space(nvec=array('q', [2, 2]), shape=(2,), dtype='int64')

    def reset(self, *, seed=None, options=None):
        self.n = [0, 0]
        return self.observation(), {}

    def observation(self):
        return memoryview(array('f', [self.n[0], 0, self.n[1], 0])).cast('B').cast('f', [2, 2])

    def step(self, action):
        self.n = [n % last + 1 for n, last in zip(self.n, (2, 3))]
        over = [self.n[0] == 2, self.n[1] == 3]
        info = {'who': array('q', [1, 0]), '_who': bools([True, False]), 'action': action}
        flags = ${flags}
        return self.observation(), ${reward}, flags(over), flags([False, False]), info

env = Vector()`;

const floats = (data: number[]): NdArray => ({ data: new Float64Array(data), shape: [2], dtype: 'float64' });
const bools = (data: number[]): NdArray => ({ data: new Uint8Array(data), shape: [2], dtype: 'bool' });

describe('a vector env', () => {
  it.each([
    ["array('d', [1, 0.5])", 'bools'],
    ["memoryview(array('f', [1, 0.5]))", 'bools'],
    ["Ndarray(array('d', [1, 0.5]))", 'lambda values: Ndarray(bools(values))'],
    ['[1, 0.5]', 'list'],
  ])('of rewards %s and flags by %s has them as arrays, with the episodes of each summed', async (reward, flags) => {
    const env = runtime.env<VectorStep<NdArray>>({ source: vectorEnv(reward, flags) });
    expect(await value(env.ready$)).toMatchObject({ agents: null, numEnvs: 2, actionSpace: { shape: [2] } });
    expect((await value(env.reset({ seed: 1 }))).observation).toEqual({
      data: new Float32Array(4),
      shape: [2, 2],
      dtype: 'float32',
    });

    const steps: VectorStep<NdArray>[] = [];
    for (let i = 0; i < 4; i += 1) steps.push(await value(env.step([1, 0])));
    expect(steps[0]).toEqual({
      action: [1, 0],
      observation: { data: new Float32Array([1, 0, 1, 0]), shape: [2, 2], dtype: 'float32' },
      reward: floats([1, 0.5]),
      terminated: bools([0, 0]),
      truncated: bools([0, 0]),
      info: {
        who: { data: new BigInt64Array([1n, 0n]), shape: [2], dtype: 'int64' },
        _who: bools([1, 0]),
        action: [1, 0],
      },
      done: false,
      index: 1,
      episode: 1,
      return: floats([1, 0.5]),
    });
    expect(steps.map(({ terminated }) => [...terminated.data])).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
    expect(steps.map((step) => [...step.return.data])).toEqual([
      [1, 0.5],
      [2, 1],
      [1, 1.5],
      [2, 0.5],
    ]);
    expect(steps.map(({ done }) => done)).toEqual([false, false, false, false]);
  });

  it('is done at maxSteps, and goes on from its last step after its interpreter has died', async () => {
    // a class of its own name: one that another env's source defines anew could not be pickled
    const source = vectorEnv("array('d', [1, 2])", 'bools').replaceAll('Vector', 'Mortal');
    const env = runtime.env<VectorStep>({ source, maxSteps: 3 });
    await value(env.step([0, 0]));
    const crash = value(runtime.run('import ctypes; ctypes.string_at(1 << 31)')).catch((error: unknown) => error);
    expect(await crash).toMatchObject({ name: 'CrashError' });
    expect(await value(env.step([0, 0]))).toMatchObject({ index: 2, return: floats([2, 4]), done: false });
    const state = await value(env.getState());
    expect(await value(env.step([0, 0]))).toMatchObject({ index: 3, return: floats([1, 6]), done: true });
    await value(env.reset());
    expect(await value(env.step([0, 0]))).toMatchObject({ index: 1, return: floats([1, 2]) });
    await value(env.setState(state));
    expect(await value(env.step([0, 0]))).toMatchObject({ index: 3, return: floats([1, 6]) });
  });

  it.each([
    ['rewards for fewer', "array('d', [1])", 'bools', 'expected an array of 2'],
    ['a single reward', '1', 'bools', 'expected an array of 2'],
    ['a single flag', '[1, 1]', 'any', 'expected an array of 2, one for each env, got False'],
  ])('that answers %s is refused', async (_, reward, flags, message) => {
    const env = runtime.env({ source: vectorEnv(reward, flags) });
    const error = await value(env.step([0, 0])).catch((error: unknown) => error);
    expect(error).toMatchObject({ name: 'PythonError', type: 'TypeError' });
    expect((error as Error).message).toContain(message);
  });

  it('is made by gymnasium.make_vec where numEnvs is given', async () => {
    await value(
      runtime.run(`
import sys, types
gymnasium = sys.modules['gymnasium'] = types.ModuleType('gymnasium')

class Vector:
    def __init__(self, *made): self.made, self.num_envs = made, made[1]
    def reset(self, *, seed=None, options=None): return list(self.made), {}
    def step(self, action): raise NotImplementedError

gymnasium.make_vec = lambda id, num_envs=1, vectorization_mode=None, **kwargs: Vector(id, num_envs, vectorization_mode, kwargs)
None`),
    );
    const env = runtime.env({ make: 'CartPole-v1', numEnvs: 3, kwargs: { vectorization_mode: 'sync', sutton: true } });
    expect(await value(env.ready$)).toMatchObject({ numEnvs: 3 });
    expect((await value(env.reset())).observation).toEqual(['CartPole-v1', 3, 'sync', { sutton: true }]);
  });

  it.each([
    [{ make: 'CartPole-v1', numEnvs: 0 }, '0'],
    [{ source: 'env = 1', numEnvs: 2 }, '2'],
  ])('refuses %j', (spec, got) => {
    expect(() => runtime.env(spec)).toThrow(
      expect.objectContaining({ name: 'UsageError', option: 'numEnvs', got }) as Error,
    );
  });
});
