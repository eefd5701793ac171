import { firstValueFrom, type Observable } from 'rxjs';
import type { EnvSpec, Frame, GymEnv, PythonRuntime } from '../../src/index';
import { fold, type Scene } from '../../src/env/scene.js';
import { realRuntime, unhurried } from '../helpers/real-runtime';

/** Draws as with a Surface of Interactive Gym's: what is permanent is sent when it is new or has changed. */
const source = `
import uuid

class Surface:
    def __init__(self):
        self.drawn, self.sent, self.passing, self.taken = {}, {}, [], set()
    def draw(self, id, x, permanent=True):
        thing = {'uuid': id, 'object_type': 'rect', 'x': x, 'permanent': permanent}
        if permanent:
            self.drawn[id] = thing
        else:
            self.passing.append(thing)
    def remove(self, id):
        self.taken.add(id)
    def commit(self):
        objects = [*self.passing, *(each for id, each in self.drawn.items() if self.sent.get(id) != each)]
        self.sent.update({each['uuid']: each for each in objects if each['permanent']})
        removed = list(self.taken)
        for id in removed:
            self.drawn.pop(id, None)
            self.sent.pop(id, None)
        self.passing, self.taken = [], set()
        return {'game_state_objects': objects, 'removed': removed}

class Env:
    def __init__(self):
        self.surface = Surface()
    def reset(self, *, seed=None, options=None):
        self.n, self.surface = 0, Surface()
        for i in range(3):
            self.surface.draw(f'wall {i}', i)
        return 0, {}
    def step(self, action):
        self.n += 1
        if self.n == 2:
            self.surface.remove('wall 1')
        if self.n == 5:
            self.surface.draw('door', 5)
        return self.n, 1.0, False, False, {}
    def render(self):
        self.surface.draw('ball', self.n // 2)
        self.surface.draw(uuid.uuid4().hex, self.n, permanent=False)
        return self.surface.commit()
env = Env()`;

const value = <T>(command$: Observable<T>): Promise<T> => firstValueFrom(command$);

let runtime: PythonRuntime;
/** Another page's. */
let next: PythonRuntime;
beforeAll(() => {
  [runtime, next] = [1, 2].map(() => realRuntime({ restart: { backoff: 0, limit: 100 } })) as [
    PythonRuntime,
    PythonRuntime,
  ];
});
afterAll(() => {
  runtime.dispose();
  next.dispose();
});

let envs: GymEnv[] = [];
afterEach(async () => {
  for (const env of envs) await value(env.close());
  envs = [];
});
const envIn = (where: PythonRuntime, spec: Partial<EnvSpec> = {}): GymEnv => {
  const env = where.env({ source, ...spec });
  envs.push(env);
  return env;
};

/** What a painter shows that watches from now on, as names and places. */
function watching(env: GymEnv) {
  let scene: Scene = [];
  let latest: Frame | undefined;
  const subscription = env.frames$.subscribe((frame) => {
    latest = frame;
    if (frame.kind === 'objects') scene = fold(scene, frame, 100);
  });
  return {
    get shown() {
      return scene.map(({ uuid, x, permanent }) => `${permanent ? uuid : 'spark'} ${x as number}`);
    },
    get latest() {
      return latest;
    },
    stop: () => subscription.unsubscribe(),
  };
}

const steps = async (env: GymEnv, count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await value(env.step(0));
};
const at = {
  0: ['wall 0 0', 'wall 1 1', 'wall 2 2', 'ball 0', 'spark 0'],
  3: ['wall 0 0', 'wall 2 2', 'ball 1', 'spark 3'],
  4: ['wall 0 0', 'wall 2 2', 'ball 2', 'spark 4'],
  6: ['wall 0 0', 'wall 2 2', 'ball 3', 'door 5', 'spark 6'],
};
const sorted = (names: readonly string[]): string[] => [...names].sort();

/** A game that was watched until its third step, and its state there. */
async function begun() {
  const env = envIn(runtime);
  const watched = watching(env);
  await value(env.reset());
  expect(sorted(watched.shown)).toEqual(sorted(at[0]));
  await steps(env, 3);
  expect(sorted(watched.shown)).toEqual(sorted(at[3]));
  return { env, watched, state: await value(env.getState()) };
}

describe('a scene of which each frame says what has changed', () => {
  it('is whole behind a state that is brought back on another page: by a picture', async () => {
    const { state } = await begun();
    const env = envIn(next);
    const watched = watching(env);
    await value(env.setState(structuredClone(state)));
    const picture = await value(env.render());
    expect(sorted(watched.shown)).toEqual(sorted(at[3]));
    expect(picture).toMatchObject({ kind: 'objects', first: true, delta: false });
    await steps(env, 3);

    expect(sorted(watched.shown)).toEqual(sorted(at[6]));
    expect(watched.latest).not.toHaveProperty('first');
  });

  it.each([1, 3])('is whole behind it: by a message of %i steps', async (count) => {
    const { state } = await begun();
    const env = envIn(next);
    const watched = watching(env);
    await value(env.setState(structuredClone(state)));
    await new Promise<void>((complete) => env.stepMany(Array(count).fill(0)).subscribe({ complete }));

    expect(sorted(watched.shown)).toEqual(sorted(at[count === 1 ? 4 : 6]));
  });

  it('goes back with an earlier state on the same page', async () => {
    const { env, watched, state } = await begun();
    await steps(env, 3);
    await value(env.setState(state));
    await steps(env, 1);
    expect(sorted(watched.shown)).toEqual(sorted(at[4]));
    await steps(env, 2);

    expect(sorted(watched.shown)).toEqual(sorted(at[6]));
  });

  it('is in a state that was taken behind a state', async () => {
    const { state } = await begun();
    const between = envIn(next);
    await value(between.setState(state));
    const env = envIn(runtime);
    const watched = watching(env);
    await value(env.setState(await value(between.getState())));
    await steps(env, 1);

    expect(sorted(watched.shown)).toEqual(sorted(at[4]));
  });

  it('is whole for one who comes late, and nothing is begun anew for the others', async () => {
    const { env, watched } = await begun();
    const late = watching(env);
    await steps(env, 1);
    expect(sorted(late.shown)).toEqual(sorted(at[4]));
    expect(late.latest).toMatchObject({ first: true });
    expect(watched.latest).not.toHaveProperty('first');
    await steps(env, 2);

    expect(sorted(late.shown)).toEqual(sorted(at[6]));
    expect(sorted(watched.shown)).toEqual(sorted(at[6]));
  });

  it('begins empty in each episode, also where nobody saw it begin', async () => {
    const { env, watched } = await begun();
    await steps(env, 3);
    watched.stop();
    await value(env.reset());
    const late = watching(env);
    await steps(env, 1);

    expect(sorted(late.shown)).toEqual(sorted(['wall 0 0', 'wall 1 1', 'wall 2 2', 'ball 0', 'spark 1']));
  });

  it.each([
    ['a checkpoint and a replay', { every: 2, ms: Infinity, ...unhurried }],
    ['a replay', { every: 10_000, ms: Infinity }],
  ])('is the same behind a crash, by %s', async (_, recovery) => {
    const env = envIn(runtime, { recovery });
    const watched = watching(env);
    await value(env.reset());
    await steps(env, 3);
    await new Promise((resolve) => setTimeout(resolve, 50)); // for the checkpoint
    await steps(env, 1);
    await value(runtime.run('import os; os._exit(1)')).catch(() => undefined);
    await steps(env, 1);
    const late = watching(env);
    await steps(env, 1);

    expect(sorted(watched.shown)).toEqual(sorted(at[6]));
    expect(sorted(late.shown)).toEqual(sorted(at[6]));
  });
});
