import { filter, firstValueFrom, lastValueFrom, type Observable } from 'rxjs';
import type {
  Incident,
  EnvSpec,
  GymEnv,
  PythonRuntime,
  Recovered,
  Unrecoverable,
  RecoveryOptions,
  RuntimeOptions,
} from '../../src/index';
import { realRuntime } from '../helpers/real-runtime';

let runtime: PythonRuntime;
let reports: Incident[] = [];
let envs: GymEnv[] = [];

const start = (restart: RuntimeOptions['restart'] = {}): PythonRuntime => {
  const made = realRuntime({ deadlines: { grace: 500 }, restart: { limit: 100, backoff: 0, ...restart } });
  made.incidents$.pipe(filter(({ type }) => type !== 'crash')).subscribe((report) => reports.push(report));
  return made;
};
beforeAll(() => {
  runtime = start();
});
afterEach(async () => {
  for (const env of envs) await failure(env.close());
  envs = [];
  reports = [];
});
afterAll(() => {
  runtime.dispose();
});

function made(spec: EnvSpec): GymEnv {
  const env = runtime.env({ recovery: never, ...spec });
  envs.push(env);
  return env;
}

const value = <T>(command$: Observable<T>): Promise<T> => lastValueFrom(command$);
const failure = (command$: Observable<unknown>): Promise<unknown> =>
  lastValueFrom(command$).catch((error: unknown) => error);
/** The interpreter dies; what became of the envs is in `reports` once they have answered something. */
const die = async (): Promise<void> => {
  expect(await failure(runtime.run('import os; os._exit(1)'))).toMatchObject({ name: 'CrashError' });
};
const seen = async (env: GymEnv, action: string | number = 0): Promise<unknown> =>
  (await value(env.step(action))).observation;

/** No pickle takes it, so that there are no checkpoints, and all is done again from the set-up. */
const uncapturable = 'self.waves = (value for value in ())';
const never: RecoveryOptions = { every: 10_000, ms: Infinity };

interface Parts {
  readonly head?: string;
  readonly init?: string;
  readonly reset?: string;
  readonly step?: string;
  readonly more?: string;
}

/** An env that shows all that it has ever noted. */
function source({ head = '', init = 'pass', reset = 'pass', step = 'pass', more = '' }: Parts): string {
  const indented = (code: string): string => code.trim().replaceAll('\n', '\n        ');
  return `
import os, random, secrets, uuid
${head}
class Env:
    def __init__(self):
        self.noted = []
        ${indented(init)}
    def reset(self, *, seed=None, options=None):
        ${indented(reset)}
        return self.noted, {}
    def step(self, action):
        ${indented(step)}
        return self.noted, 0, False, False, {}
${more}
env = Env()`;
}

const states = [
  ['is pickled', 'pass', true],
  ['cannot be had', uncapturable, false],
] as const;
const loop = 'if action == "loop":\n    while True: pass';

describe('what raised', () => {
  const raising = {
    reset: 'self.noted.append("reset")\nif options: raise ValueError(id(object()))',
    step: `self.noted.append(action)\nif action == "raise": raise KeyError(id(object()))\n${loop}`,
    more: `
    def seed(self, seed):
        self.noted.append(f"seed {seed}")
        if seed == 13: raise OverflowError("told to")`,
  };

  it.each(states)('has changed the env before, also after a crash, where the state %s', async (_, init, checkpoint) => {
    const env = made({ source: source({ ...raising, init }) });
    await value(env.reset());
    await seen(env, 1);
    expect(await failure(env.step('raise'))).toMatchObject({ name: 'PythonError', type: 'KeyError' });
    expect(await failure(env.reset({ options: { raise: true } }))).toMatchObject({ type: 'ValueError' });
    expect(await failure(env.seed(13))).toMatchObject({ type: 'OverflowError' });
    await value(env.seed(14));
    const noted = ['reset', 1, 'raise', 'reset', 'seed 13', 'seed 14'];
    expect(await seen(env, 2)).toEqual([...noted, 2]);
    await die();
    expect(await seen(env, 3)).toEqual([...noted, 2, 3]);
    expect(reports).toMatchObject([{ type: 'recovered', checkpoint, replayed: checkpoint ? 2 : 7 }]);
  });

  it('has changed the env before, also after a step that was interrupted', async () => {
    const env = made({ source: source({ ...raising, init: uncapturable }) });
    await failure(env.step('raise'));
    expect(await failure(env.step('loop', { deadline: 300 }))).toMatchObject({ outcome: 'interrupted' });
    expect(await seen(env, 1)).toEqual(['reset', 'raise', 1]);
    expect(reports).toMatchObject([{ type: 'recovered', replayed: 1 }]);
  });

  it.each([
    [
      'raises no more',
      'if action == "raise" and not life: raise KeyError("told to")',
      'step raised nothing, and KeyError before',
    ],
    [
      'raises something else',
      'if action == "raise": raise (ValueError if life else KeyError)("told to")',
      'step raised ValueError: told to, and KeyError before',
    ],
    ['raises as it did not', 'if life: raise KeyError("told to")', "step raised KeyError: 'told to'"],
  ])('is found out where it %s: the env is not deterministic', async (_, step, problem) => {
    const globals = { life: 0 };
    const env = made({ source: source({ init: uncapturable, step }), globals });
    await value(env.reset());
    await failure(env.step('raise'));
    globals.life = 1; // as if another interpreter were another world
    await die();
    await failure(env.step(0));
    expect(reports).toMatchObject([{ type: 'unrecoverable', error: { name: 'ReplayDivergedError', at: 1 } }]);
    expect((reports[0] as Unrecoverable).error.message).toContain(problem);
  });

  it('in code that was run has changed the env before, also after a crash', async () => {
    for (const [, init] of states) {
      const env = made({ source: source({ init, step: 'self.noted.append(action)' }) });
      await value(env.reset());
      expect(await failure(runtime.run('env.noted.append("run")\n1 / 0'))).toMatchObject({ type: 'ZeroDivisionError' });
      await seen(env, 1);
      await die();
      expect(await seen(env, 2)).toEqual(['run', 1, 2]);
    }
    expect(reports.every(({ type }) => type === 'recovered')).toBe(true);
  });
});

describe('code that was interrupted', () => {
  it.each([
    ['by its deadline', (code: string) => failure(runtime.run(code, { deadline: 300 }))],
    [
      'by its unsubscription',
      async (code: string) => {
        const printed = firstValueFrom(runtime.stdout$);
        const sent = runtime.run(code).subscribe();
        await printed;
        sent.unsubscribe();
      },
    ],
  ])('%s has changed an env that can be checkpointed, also after a crash', async (_, interrupt) => {
    const env = made({ source: source({ step: 'self.noted.append(action)' }) });
    await value(env.reset());
    await interrupt('env.noted.append("half")\nprint("half")\nwhile True: pass');
    expect(await seen(env, 1)).toEqual(['half', 1]);
    await die();
    expect(await seen(env, 2)).toEqual(['half', 1, 2]);
    expect(reports).toMatchObject([{ type: 'recovered', checkpoint: true }]);
  });
});

describe("the system's entropy in an env", () => {
  const draws = `[${[
    'random.Random().random()',
    'random.Random(None).random()',
    'random.SystemRandom().random()',
    'random.random()',
    'os.urandom(4).hex()',
    'secrets.token_hex(4)',
    'secrets.randbits(128)',
    'uuid.uuid4().hex',
  ].join(', ')}]`;
  const note = `self.noted.append(${draws})`;
  const own = {
    head: `first = ${draws}`,
    reset: `random.seed()\n${note}\nself.generator = random.Random(seed)`,
    step: `${note}\nself.noted.append(self.generator.random())\n${loop}`,
  };

  it.each(states)(
    'comes again in a replay, and is another in each env, where the state %s',
    async (_, init, checkpoint) => {
      const spec = { source: source({ ...own, init: `self.noted.append(first)\n${note}\n${init}` }) };
      const all = [];
      for (const env of [made(spec), made(spec)]) {
        await value(env.reset());
        await seen(env);
        if (checkpoint) await value(env.getState());
        await value(env.reset());
        const noted = (await seen(env)) as unknown[];
        await die();
        expect(((await seen(env)) as unknown[]).slice(0, noted.length)).toEqual(noted);
        const interrupted = await failure(env.step('loop', { deadline: 300 }));
        expect(interrupted).toMatchObject({ outcome: 'interrupted' });
        const later = (await seen(env)) as unknown[];
        expect(later.slice(0, noted.length)).toEqual(noted);
        expect(new Set(later.flat()).size).toBe(later.flat().length);
        all.push(later);
        await value(env.close());
      }
      expect(reports.map(({ type }) => type)).toEqual(Array.from({ length: 4 }, () => 'recovered'));
      expect(new Set(all.flat(2)).size).toBe(all.flat(2).length);
    },
  );

  it('goes on from a state, and follows from seed(n)', async () => {
    const env = made({ source: source({ step: `self.noted = ${draws}` }) });
    await value(env.reset());
    const state = await value(env.getState());
    const drawn = await seen(env);
    expect(await seen(env)).not.toEqual(drawn);
    await value(env.setState(state));
    expect(await seen(env)).toEqual(drawn);
    const seeded = [];
    for (const seed of [5, 6, 5]) {
      await value(env.seed(seed));
      seeded.push(await seen(env));
    }
    expect(seeded[2]).toEqual(seeded[0]);
    expect(seeded[1]).not.toEqual(seeded[0]);
  });

  it('is the same whether or not a module had to be imported, and whatever was rendered', async () => {
    const module = 'import os, random; drawn = random.Random().random(), os.urandom(4)';
    const env = made({
      source: source({
        head: `
import pathlib, sys
pathlib.Path("drawing.py").write_text("${module}")
sys.path.insert(0, "")
import drawing`,
        init: `${note}\n${uncapturable}`,
        step: `${note}\n${loop}`,
        more: '    def render(self): return os.urandom(4).hex()',
      }),
    });
    env.frames$.subscribe();
    await value(env.reset());
    const noted = (await seen(env)) as unknown[];
    expect(await failure(env.step('loop', { deadline: 300 }))).toMatchObject({ outcome: 'interrupted' });
    expect(((await seen(env)) as unknown[]).slice(0, 2)).toEqual(noted);
    await die();
    expect(((await seen(env)) as unknown[]).slice(0, 2)).toEqual(noted);
    expect(reports.map(({ type }) => type)).toEqual(['recovered', 'recovered']);
  });

  it('is that of the system in code that is run', async () => {
    const env = made({ source: source({ step: note }) });
    await value(env.reset());
    const state = await value(env.getState());
    const drawn = [];
    for (let i = 0; i < 2; i++) {
      await value(env.setState(state));
      drawn.push(await value(runtime.run(draws.replace('random.random(), ', ''))));
    }
    expect(new Set(drawn.flat()).size).toBe(14);
  });

  it('leaves an unseeded reset without a seed', async () => {
    const env = made({ source: source({ reset: 'self.noted.append(seed)' }) });
    await value(env.reset());
    await value(env.reset({ seed: 0 }));
    expect((await value(env.reset())).observation).toEqual([null, 0, null]);
  });
});

describe('code and globals', () => {
  const count = 'hits = globals().get("hits", 0) + 1';

  it.each(states)(
    'are done once in an interpreter, however many envs there are, where the state %s',
    async (_, init) => {
      await value(runtime.run(`hits = 0`));
      await value(runtime.run(count));
      const spec = { source: source({ init, step: 'self.noted.append(hits)' }) };
      const two = [made(spec), made(spec)];
      for (const env of two) await value(env.reset());
      expect(await value(runtime.run('hits'))).toBe(1);
      await value(runtime.run(count));
      for (const env of two) expect(await seen(env)).toEqual([2]);
      await die();
      for (const env of two) expect(await seen(env)).toEqual([2, 2]);
      expect(await value(runtime.run('hits'))).toBe(2);
      expect(reports.map(({ type }) => type)).toEqual(['recovered', 'recovered']);
    },
  );

  it.each(states)('come at their time for each of two envs, where the state %s', async (_, init) => {
    const spec = { source: source({ init, step: 'self.noted.append([speed, wind])' }) };
    const [one, two] = [made(spec), made(spec)];
    await value(runtime.run('wind = 0'));
    await value(runtime.setGlobals({ speed: 0 }));
    // the one that was made last is set up first
    await seen(two);
    await value(runtime.run('env.noted.append("run")\nwind += 1'));
    await seen(one);
    for (const speed of [1, 2]) {
      await value(runtime.setGlobals({ speed }));
      for (const env of [one, two]) await seen(env);
      await value(runtime.run('env.noted.append("run")\nwind += 1'));
    }
    for (let deaths = 0; deaths < 2; deaths++) await die();
    expect(await seen(one)).toEqual([[0, 1], [1, 1], 'run', [2, 2], 'run', [2, 3]]);
    expect(await seen(two)).toEqual([[0, 0], 'run', [1, 1], [2, 2], [2, 3]]);
    expect(reports.every(({ type }) => type === 'recovered')).toBe(true);
  });

  it('are there for an env that begins anew', async () => {
    const globals = { life: 0 };
    const env = made({ source: source({ init: uncapturable, step: 'self.noted.append([life, speed])' }), globals });
    await value(runtime.setGlobals({ speed: 1 }));
    await seen(env);
    await value(runtime.run('speed += 1'));
    globals.life = 1;
    await die();
    await failure(env.step(0));
    expect(reports).toMatchObject([{ type: 'unrecoverable', error: { name: 'ReplayDivergedError', at: 0 } }]);
    expect(await seen(env)).toEqual([[1, 2]]);
    await die();
    expect(await seen(env)).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('are not done again where a step is undone, if the env can be checkpointed', async () => {
    const env = made({ source: source({ step: `self.noted.append(hits)\n${loop}` }) });
    await value(runtime.run('hits = 0'));
    await value(env.reset());
    await value(runtime.run(count));
    await seen(env);
    expect(await failure(env.step('loop', { deadline: 300 }))).toMatchObject({ outcome: 'interrupted' });
    expect(await seen(env)).toEqual([1, 1]);
    expect(reports).toMatchObject([{ type: 'recovered', replayed: 1, checkpoint: true }]);
  });
});

describe('the report of a recovery', () => {
  it('says what died of what, how it was replaced, and how long that took', async () => {
    const slow = start({ backoff: 1400 });
    try {
      const env = slow.env({ source: source({ step: loop }), recovery: never });
      await value(env.reset());
      for (let death = 0; death < 2; death++) {
        await failure(slow.run('import os; os._exit(1)'));
        await seen(env);
      }
      const recovered = (attempt: number, replayed: number) => ({
        type: 'recovered',
        cause: { kind: 'exit', message: expect.any(String) as string },
        attempt,
        how: 'cold',
        replayed,
        checkpoint: false,
        ms: expect.any(Number) as number,
      });
      expect(reports).toEqual([recovered(2, 1), recovered(3, 2)]);
      // the pause before the second restart is in it
      expect((reports[1] as Recovered).ms).toBeGreaterThan(690);
      expect((reports[1] as Recovered).ms).toBeLessThan(60_000);

      await failure(env.step('loop', { deadline: 300 }));
      await seen(env);
      expect(reports[2]).toMatchObject({ how: 'same', attempt: 3, cause: { kind: 'deadline' }, replayed: 3 });
    } finally {
      slow.dispose();
    }
  });

  it('names a spare that took over, in which nothing is done twice', async () => {
    const spared = start({ spare: true });
    try {
      await value(spared.run('hits = globals().get("hits", 0) + 1'));
      const head = 'hits += 10\nset_ups = globals().get("set_ups", 0) + 1';
      const env = spared.env({ source: source({ head, step: 'self.noted = [hits, set_ups]' }) });
      await seen(env);
      // it is made in the background; how long that takes is the machine's affair
      for (let deaths = 0; deaths < 8; deaths++) {
        await new Promise((resolve) => setTimeout(resolve, 5000 * (deaths + 1)));
        await failure(spared.run('import os; os._exit(1)'));
        await seen(env);
        if ((reports.at(-1) as Recovered).how === 'spare') break;
      }
      expect(reports.at(-1)).toMatchObject({ type: 'recovered', how: 'spare', cause: { kind: 'exit' } });
      expect(await seen(env)).toEqual([11, 1]);
    } finally {
      spared.dispose();
    }
  }, 300_000);
});
