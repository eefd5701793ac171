import {
  filter,
  firstValueFrom,
  from,
  lastValueFrom,
  map,
  pipe,
  repeat,
  tap,
  timer,
  toArray,
  type Observable,
} from 'rxjs';
import {
  actions,
  episodes,
  randomPolicy,
  rounds,
  scoreboard$,
  stepWith,
  untilDone,
  type AnyStep,
  type EnvSpec,
  type GymEnv,
  type Incident,
  type ParallelStep,
  type PythonRuntime,
  type Round,
  type Step,
  type TurnStep,
} from '../../src/index';
import comeAndGo from '../envs/come-and-go.py';
import team from '../envs/team.py';
import ticTacToe from '../envs/tic-tac-toe.py';
import { realRuntime } from '../helpers/real-runtime';

/** Three steps long; each is worth its action. 'die' kills the interpreter the first time that it is stepped. */
const short = `
import os, random
class Env:
    def reset(self, *, seed=None, options=None):
        self.n = 0
        if seed is not None:
            random.seed(seed)
        return self.n, {}
    def step(self, action):
        if action == 'die':
            os._exit(1)
        if action == 'hang':
            while True: pass
        self.n += 1
        return [self.n, random.random()], float(action), self.n == 3, False, {}
    def render(self):
        return f'step {self.n}'
env = Env()
`;

let runtime: PythonRuntime;
beforeAll(() => {
  runtime = realRuntime({ restart: { backoff: 0, limit: 100 }, deadlines: { grace: 500 } });
});
afterAll(() => {
  runtime.dispose();
});

const value = <T>(command$: Observable<T>): Promise<T> => lastValueFrom(command$);
const failure = (command$: Observable<unknown>): Promise<unknown> =>
  lastValueFrom(command$).catch((error: unknown) => error);
const all = <T>(source$: Observable<T>): Promise<T[]> => lastValueFrom(source$.pipe(toArray()));
/** Errors where a game fails, which would wait to be begun anew. */
const untilFailed = <S extends AnyStep>(game$: Observable<Round<S>>): Observable<Round<S>> =>
  game$.pipe(
    tap((event) => {
      if (event.type === 'failed') throw event.error;
    }),
  );
const envOf = (spec: Partial<EnvSpec> = {}): GymEnv => runtime.env({ source: short, ...spec });
const endsOf = <S extends AnyStep>(events: readonly Round<S>[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'over' ? [event.end] : []));

describe('a step past the end of an episode', () => {
  it('is refused, and says what to do; the env goes on', async () => {
    const env = envOf();
    await all(from([1, 1, 1]).pipe(stepWith(env)));
    const refused = await failure(env.step(1));
    expect(refused).toMatchObject({ name: 'PythonError', type: 'ResetNeeded', command: 'step' });
    expect((refused as Error).message).toContain('over after 3 steps: reset the env first');
    await value(env.reset());
    expect(await value(env.step(2))).toMatchObject({ action: 2, index: 1, episode: 2, return: 2 });
  });

  it('is refused behind maxSteps, in stepMany, and in a loop that repeats', async () => {
    const env = envOf({ maxSteps: 2 });
    const steps: Step[] = [];
    const refused = await failure(env.stepMany([1, 2, 3]).pipe(tap((step) => steps.push(step))));
    expect(steps.map(({ action, truncated }) => [action, truncated])).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(refused).toMatchObject({ type: 'ResetNeeded' });
    const endless$ = from([1, 1, 1, 1]).pipe(stepWith(env), untilDone(), repeat());
    expect(await failure(endless$)).toMatchObject({ type: 'ResetNeeded' });
  });

  it('is refused by turn-based and parallel envs', async () => {
    const board = runtime.env<TurnStep>({ source: ticTacToe });
    await all(from([0, 3, 1, 4, 2]).pipe(stepWith(board)));
    expect(await failure(board.step(8))).toMatchObject({ type: 'ResetNeeded' });
    const three = runtime.env<ParallelStep>({ source: team });
    await all(from([0, 1, 2]).pipe(stepWithAll(three)));
    expect(await failure(three.step([1, 1, 1]))).toMatchObject({ type: 'ResetNeeded' });
  });

  const stepWithAll = (env: GymEnv<ParallelStep>) =>
    pipe(
      map(() => [1, 1, 1]),
      stepWith(env),
    );

  it('begins the next episode where autoreset says so', async () => {
    const env = envOf();
    const steps = await all(from([1, 1, 1, 1, 1]).pipe(stepWith(env, { autoreset: 'next-step' })));
    expect(steps.map(({ index, episode, action }) => [index, episode, action])).toEqual([
      [1, 1, 1],
      [2, 1, 1],
      [3, 1, 1],
      [0, 2, null],
      [1, 2, 1],
    ]);
  });

  it('stays refused after a crash, which replays the refusal', async () => {
    const env = envOf();
    await all(from([1, 1, 1]).pipe(stepWith(env)));
    await failure(env.step(1));
    await failure(runtime.run('import os; os._exit(1)'));
    expect(await failure(env.step(1))).toMatchObject({ type: 'ResetNeeded' });
  });
});

describe('what an env said last', () => {
  it('is its reset, its step, that of a state, and nothing after a rollout', async () => {
    const env = envOf();
    expect(env.latest).toBeNull();
    const reset = await value(env.reset());
    expect(env.latest).toBe(reset);
    const step = await value(env.step(1));
    expect(env.latest).toBe(step);
    const state = await value(env.getState());
    await value(env.step(1));
    await value(env.setState(structuredClone(state)));
    expect(env.latest).toEqual(step);
    await value(env.rollout({ actions: [1] }));
    expect(env.latest).toBeNull();
  });

  it('is nothing where the env was set up afresh', async () => {
    const env = envOf({ source: `${short}\nimport time\nenv.waves = (value for value in ())`, recovery: { log: 1 } });
    await value(env.reset());
    await value(env.step(1));
    await value(env.step(1));
    await failure(runtime.run('import os; os._exit(1)'));
    await failure(env.step(1));
    expect(env.latest).toBeNull();
  });
});

describe('what waits when the interpreter dies', () => {
  it('goes on behind the recovery: a reset that was cancelled does not end the command of another env', async () => {
    const endless = envOf({
      source: 'class Env:\n  def reset(self):\n    while True: pass\n  step = reset\nenv = Env()',
    });
    const other = envOf();
    await value(other.reset());
    const stuck = endless.reset().subscribe();
    const waiting = value(other.step(4));
    await value(timer(200));
    stuck.unsubscribe();
    expect(await waiting).toMatchObject({ action: 4, index: 1 });
  });

  it('keeps its order, for `run` as for steps', async () => {
    const env = envOf();
    await value(env.reset());
    await value(runtime.run('seen = []'));
    const [died, ...rest] = await Promise.all([
      failure(env.step('die')),
      value(env.step(1)),
      value(runtime.run('seen.append(1); len(seen)')),
      value(env.step(2)),
    ]);
    expect(died).toMatchObject({ name: 'CrashError' });
    expect(rest).toMatchObject([{ index: 1 }, 1, { index: 2, return: 3 }]);
  });
});

describe('a declared game', () => {
  it('of tic-tac-toe plays itself by legal moves, the same way each time', async () => {
    const game = async () => {
      const env = runtime.env<TurnStep>({ source: ticTacToe });
      const bots = { crosses: randomPolicy(undefined, { seed: 4 }), noughts: randomPolicy(undefined, { seed: 5 }) };
      const play = pipe(actions(env, bots), stepWith(env));
      const events = await all(untilFailed(rounds(env, play, { count: 3, fps: 1000 })));
      await value(env.close());
      return events;
    };
    const events = await game();
    expect(events.at(-1)).toMatchObject({ type: 'finished', results: [{ round: 0 }, { round: 1 }, { round: 2 }] });
    expect(endsOf(events)).toEqual(['terminated', 'terminated', 'terminated']);
    const moves = (list: readonly Round<TurnStep>[]) =>
      list.flatMap((event) => (event.type === 'playing' && event.step ? [event.step.action] : []));
    expect(moves(events).length).toBeGreaterThan(14);
    expect(moves(await game())).toEqual(moves(events));
  });

  it('of several agents keeps their scores', async () => {
    const env = runtime.env<ParallelStep>({ source: team, maxSteps: 2 });
    const play = pipe(actions(env, { 0: 10, 1: () => 20, 2: () => Promise.resolve(30) }), stepWith(env));
    const boards = await all(scoreboard$(untilFailed(rounds(env, play, { count: 2, fps: 1000 }))));
    expect(boards.at(-1)).toMatchObject({ round: 1, rounds: 2 });
    const { score, total } = boards.at(-1)!;
    expect(score).toBeInstanceOf(Map);
    expect([...(total as ReadonlyMap<number, number>)]).toEqual(
      [...(score as ReadonlyMap<number, number>)].map(([agent, one]) => [agent, 2 * one]),
    );
  });

  it('asks agents that come and go while they are there', async () => {
    const env = runtime.env<ParallelStep>({ source: comeAndGo });
    const asked: unknown[] = [];
    const names = [1, 2, 3].map((number) => `('visitor', ${number})`);
    const bots = Object.fromEntries(
      names.map((name) => [name, ({ agent }: { agent?: unknown }) => (asked.push(agent), 0)]),
    );
    const steps = await all(
      untilFailed(rounds(env, pipe(actions(env, bots), stepWith(env)), { fps: 1000, maxSteps: 6 })).pipe(
        filter((event) => event.type === 'playing'),
        filter(({ step }) => step !== null),
      ),
    );
    expect(steps).toHaveLength(6);
    expect(asked).toEqual(names.flatMap((name) => [name, name]));
  });

  it('goes on over the death of its interpreter, and fails where that is asked for', async () => {
    const incidents: Incident[] = [];
    const watching = runtime.incidents$.subscribe((incident) => incidents.push(incident));
    const env = envOf();
    let isFirst = true;
    const policy = ({ index }: { index: number }) => (index === 2 && isFirst ? 'die' : 1);
    const once = pipe(actions(env, policy), stepWith(env));
    const heard: string[] = [];
    const events$ = rounds(env, once, { fps: 1000, seed: 7 }).pipe(
      tap((event) => {
        heard.push(event.type);
        if (event.type !== 'failed') return;
        isFirst = false;
        event.retry();
      }),
    );
    expect((await all(events$)).at(-1)).toMatchObject({ type: 'finished', results: [{ steps: 3 }] });
    expect(heard.filter((type) => type === 'failed')).toHaveLength(1);

    // killed from outside, in the middle of a round
    let killed = false;
    const game$ = rounds(env, pipe(actions(env, 1), stepWith(env, { onCrash: 'resume' })), {
      fps: 20,
      seed: 7,
      count: 2,
    });
    const seen: Round[] = [];
    await new Promise<void>((resolve) => {
      game$.subscribe({
        next: (event) => {
          seen.push(event);
          if (killed || event.type !== 'playing' || event.step?.index !== 1) return;
          killed = true;
          void failure(runtime.run('import os; os._exit(1)'));
        },
        complete: resolve,
      });
    });
    expect(endsOf(seen)).toEqual(['terminated', 'terminated']);
    expect(incidents.filter(({ type }) => type === 'recovered').length).toBeGreaterThan(0);
    watching.unsubscribe();
  });

  it('goes on after a reload, from a state, with the same steps', async () => {
    const env = envOf();
    const play = (on: GymEnv) =>
      pipe(
        actions(on, ({ index }: { index: number }) => index),
        stepWith(on),
      );
    const whole = await all(rounds(env, play(env), { count: 2, fps: 1000, seed: 3 }));
    const stepsOf = (events: readonly Round[]) =>
      events.flatMap((event) =>
        event.type === 'playing' && event.step ? [[event.round, event.step.index, event.step.observation]] : [],
      );

    const interrupted = envOf();
    await firstValueFrom(
      rounds(interrupted, play(interrupted), { count: 2, fps: 1000, seed: 3 }).pipe(
        filter((event) => event.type === 'playing' && event.round === 0 && event.step?.index === 2),
      ),
    );
    const state = structuredClone(await value(interrupted.getState()));
    const later = envOf();
    const rest = await all(rounds(later, play(later), { count: 2, fps: 1000, seed: 3, from: { round: 0, state } }));
    expect(stepsOf(rest)).toEqual(stepsOf(whole).slice(2));

    const again = envOf();
    const policy = ({ index }: { index: number }): number => index;
    const steps = await all(episodes(again, policy, { count: 2, seed: 3, from: { round: 0, state } }));
    expect(steps.map(({ observation }) => observation)).toEqual(
      stepsOf(whole)
        .slice(2)
        .map((row) => row[2]),
    );
  });

  it('shows the first picture of a round before it begins', async () => {
    const env = envOf();
    const order: string[] = [];
    env.frames$.subscribe((frame) => order.push(frame.kind === 'text' ? frame.text : frame.kind));
    await all(
      rounds(env, pipe(actions(env, 1), stepWith(env)), { fps: 1000, ready: timer(50) }).pipe(
        tap(({ type }) => {
          if (['waiting', 'over'].includes(type)) order.push(type);
        }),
      ),
    );
    expect(order).toEqual(['step 0', 'waiting', 'step 1', 'step 2', 'step 3', 'over']);
  });

  it('fails with what its set-up raised, and begins once that is mended', async () => {
    const broken = runtime.env({ source: 'import os\nassert os.environ.get("mended")\n' + short });
    const events$ = rounds(broken, pipe(actions(broken, 1), stepWith(broken)), { fps: 1000 });
    const kinds: string[] = [];
    await new Promise<void>((resolve) => {
      events$.subscribe({
        next: (event) => {
          kinds.push(event.type === 'failed' ? `failed ${event.error.name}` : event.type);
          if (event.type !== 'failed') return;
          runtime.run('import os; os.environ["mended"] = "1"').subscribe(() => event.retry());
        },
        complete: resolve,
      });
    });
    expect(kinds.filter((kind) => kind.startsWith('failed'))).toEqual(['failed PythonError']);
    expect(kinds.at(-1)).toBe('finished');
  });
});
