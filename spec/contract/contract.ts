import {
  Subject,
  defer,
  filter,
  firstValueFrom,
  from,
  lastValueFrom,
  merge,
  retry,
  skip,
  take,
  toArray,
  type Observable,
} from 'rxjs';
import { stepWith } from '../../src/index';
import type {
  CrashError,
  Data,
  GymEnv,
  PixelFrame,
  Problem,
  Progress,
  PythonRuntime,
  Recovered,
  RuntimeOptions,
} from '../../src/index';
import { countingEnv, unhurried } from '../helpers/real-runtime';

type MakeRuntime = (options?: RuntimeOptions) => PythonRuntime;

/** What a command came to: its value, or its error. */
function outcome(command$: Observable<unknown>): Promise<unknown> {
  return lastValueFrom(command$).catch((error: unknown) => error);
}

/** What every worker that speaks the protocol has to do, with counting-env.py in it. `makeCold` is for what is about boots. */
export function describeContract(name: string, makeRuntime: MakeRuntime, makeCold = makeRuntime): void {
  describe(`the contract, kept by ${name}`, () => {
    describe('with one runtime after another', () => {
      let runtime: PythonRuntime;
      const start = (options?: RuntimeOptions, make = makeRuntime): GymEnv => {
        runtime = make(options);
        return runtime.env({ source: countingEnv });
      };
      afterEach(() => {
        runtime.dispose();
      });

      it('starts nothing before the first command, then boots and says each state once', async () => {
        const env = start({}, makeCold);
        const states: string[] = [];
        runtime.status$.subscribe(({ state }) => states.push(state));
        env.frames$.subscribe();
        env.steps$.subscribe();
        expect(states).toEqual(['idle']);

        await firstValueFrom(env.reset());
        expect(states).toEqual(['idle', 'booting', 'ready']);
        const ready = await firstValueFrom(runtime.ready$);
        expect(ready).toMatchObject({ attempt: 1, python: expect.stringMatching(/^3\./) as string });
        expect(ready.bootMs).toBeGreaterThan(0);
      });

      it('reports progress that never goes back and ends at 1, for the runtime and for the env', async () => {
        const env = start({}, makeCold);
        const seen: { runtime: Progress[]; env: Progress[] } = { runtime: [], env: [] };
        runtime.progress$.subscribe((progress) => seen.runtime.push(progress));
        env.progress$.subscribe((progress) => seen.env.push(progress));
        await firstValueFrom(env.ready$);
        for (const list of [seen.runtime, seen.env]) {
          const ratios = list.map(({ ratio }) => ratio);
          expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
          expect(list.at(0)).toMatchObject({ stage: 'spawn', ratio: 0, attempt: 1 });
          expect(list.at(-1)).toMatchObject({ stage: 'ready', ratio: 1, attempt: 1 });
        }
        expect(await firstValueFrom(env.progress$)).toMatchObject({ stage: 'ready', ratio: 1 });
      });

      it('ends what runs when the interpreter dies, brings the env back, and goes on with what waited', async () => {
        runtime = makeRuntime();
        const env = runtime.env({ source: countingEnv, recovery: { ms: Infinity } });
        const crashes: unknown[] = [];
        runtime.incidents$.subscribe((crash) => crashes.push(crash));
        const attempts = firstValueFrom(env.ready$.pipe(take(2), toArray()));
        await firstValueFrom(env.reset({ seed: 3 }));
        await firstValueFrom(env.step('one'));
        await firstValueFrom(env.step('two'));

        const [dying, waiting] = await Promise.all([outcome(env.step('fatal')), outcome(env.step(1))]);
        expect(dying).toMatchObject({ name: 'CrashError', phase: 'step', attempt: 1, cause: { kind: 'fatal' } });
        expect(waiting).toMatchObject({ action: 1, index: 3, episode: 1, observation: 3, return: 1.5 });
        expect((await attempts).map(({ attempt }) => attempt)).toEqual([1, 2]);
        expect(crashes).toEqual([
          { type: 'crash', error: dying },
          {
            type: 'recovered',
            cause: (dying as CrashError).cause,
            attempt: 2,
            how: 'cold',
            replayed: 3,
            checkpoint: false,
            ms: expect.any(Number) as number,
          },
        ]);
      });

      it('goes on from the latest checkpoint, and replays what came after it', async () => {
        runtime = makeRuntime();
        const env = runtime.env({ source: countingEnv, recovery: { ms: Infinity } });
        const recoveries = firstValueFrom(runtime.incidents$.pipe(filter(({ type }) => type === 'recovered')));
        await firstValueFrom(env.reset());
        await firstValueFrom(env.step(1));
        const state = await firstValueFrom(env.getState());
        await firstValueFrom(env.step(1));
        await outcome(env.step('fatal'));
        expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 3, return: 1.5 });
        expect(await recoveries).toMatchObject({ replayed: 1, checkpoint: true });

        await firstValueFrom(env.setState(state));
        expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 2, return: 1 });
      });

      it('refuses a step past the end of an episode, until it is reset', async () => {
        const env = start();
        await firstValueFrom(env.reset());
        await lastValueFrom(merge(...Array.from({ length: 5 }, () => env.step(1))));
        expect(await outcome(env.step(1))).toMatchObject({ name: 'PythonError', type: 'ResetNeeded' });
        expect(env.latest).toMatchObject({ index: 5, done: true });
        await firstValueFrom(env.reset());
        expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 1, episode: 2 });
      });

      it('takes checkpoints by itself', async () => {
        runtime = makeRuntime();
        const env = runtime.env({ source: countingEnv, recovery: { every: 3, ...unhurried } });
        const recoveries = firstValueFrom(runtime.incidents$.pipe(filter(({ type }) => type === 'recovered')));
        await firstValueFrom(env.reset());
        // no quiet moment, so that only the one that must not wait is taken: at the 12th operation
        const operations = Array.from({ length: 14 }, (_, i): Observable<unknown> =>
          i % 5 === 4 ? env.reset() : env.step(1),
        );
        await lastValueFrom(merge(...operations));
        await outcome(env.step('fatal'));
        expect(await firstValueFrom(env.step(1))).toMatchObject({ episode: 3, index: 5 });
        const { replayed, checkpoint } = (await recoveries) as Recovered;
        expect(checkpoint).toBe(true);
        expect(replayed).toBeLessThan(5);
      });

      it('resumes: what dies is sent again after the recovery, and what waits goes on waiting, in order', async () => {
        const env = start({ restart: { backoff: 1 } });
        await firstValueFrom(env.reset());
        await firstValueFrom(env.step(1));
        const resume = { onCrash: 'resume' } as const;
        const all = [env.step('fatal'), env.step(1, resume), env.step(1, resume)].map(outcome);
        const [dead, second, third] = await Promise.all(all);
        expect(dead).toMatchObject({ name: 'CrashError' });
        expect(second).toMatchObject({ index: 2 });
        expect(third).toMatchObject({ index: 3 });
      });

      it('gives a step up that kills every interpreter, with the env standing before it', async () => {
        const env = start({ restart: { limit: 2, backoff: 1 } });
        await firstValueFrom(env.reset());
        await firstValueFrom(env.step(1));
        const [poison, next] = await Promise.all([
          outcome(env.step('fatal', { onCrash: 'resume' })),
          outcome(env.step(1, { onCrash: 'resume' })),
        ]);
        expect(poison).toMatchObject({ name: 'CrashError', attempt: 2 });
        expect(next).toMatchObject({ index: 2 });
      });

      it('ends a command at its deadline, counted from its start, as if it had not been', async () => {
        const env = start({ deadlines: { step: 400, grace: 300 } });
        const first = outcome(env.step(1)); // waits for the boot, which takes longer than its deadline
        expect(await first).toMatchObject({ index: 1 });
        const late = await outcome(env.step('loop'));
        expect(late).toMatchObject({ name: 'DeadlineError', command: 'step', deadline: 400 });
        expect((late as { elapsed: number }).elapsed).toBeGreaterThanOrEqual(399);
        expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 2 });
      });

      it('interrupts a command that is unsubscribed while it runs, or replaces its worker, as if it had not been', async () => {
        const env = start({ deadlines: { grace: 200 } });
        await firstValueFrom(env.reset());
        await firstValueFrom(env.step(1));
        env.step('loop').subscribe().unsubscribe();
        const next = await outcome(env.step(1, { onCrash: 'resume' }));
        expect(next).toMatchObject({ index: 2 });
      });

      it('plays on with stepWith, with a new episode or as if nothing had happened', async () => {
        const env = start({ restart: { backoff: 1 } });
        const play = (onCrash: 'reset' | 'resume', actions: string[]): Promise<unknown[]> =>
          firstValueFrom(from(actions).pipe(stepWith(env, { onCrash, busy: 'queue' }), take(2), toArray()));
        await firstValueFrom(env.reset());
        await firstValueFrom(env.step('one'));
        const resumed = play('resume', ['two', 'three']);
        const dying = outcome(env.step('fatal')); // behind the first, before the second
        expect(await resumed).toMatchObject([{ index: 2 }, { index: 3 }]);
        expect(await dying).toMatchObject({ name: 'CrashError' });

        const actions$ = new Subject<string>();
        const steps = firstValueFrom(actions$.pipe(stepWith(env, { onCrash: 'reset' }), take(1), toArray()));
        actions$.next('fatal');
        await firstValueFrom(env.ready$.pipe(skip(1)));
        actions$.next('after');
        expect(await steps).toMatchObject([{ index: 1, episode: 2, info: { action: 'after' } }]);
      });

      it('sends what is retried to the interpreter that comes next', async () => {
        const env = start({ restart: { backoff: 1 } });
        await firstValueFrom(env.reset());
        const actions = ['fatal', 'well'];
        const retried = defer(() => env.step(actions.shift())).pipe(retry(1));
        expect(await outcome(retried)).toMatchObject({ index: 1, info: { action: 'well' } });
      });

      it.each(['booting', 'ready', 'restarting'])('may be disposed of by who hears that it is %s', async (state) => {
        const env = start({ restart: { backoff: 1 } });
        runtime.status$.subscribe((status) => {
          if (status.state === state) runtime.dispose();
        });
        await outcome(env.reset());
        await outcome(env.step('fatal'));
        expect(await outcome(env.step(1))).toMatchObject({ name: 'DisposedError' });
        expect(await firstValueFrom(runtime.status$)).toEqual({ state: 'disposed' });
      });

      it('tells who waits for an env to be ready that its runtime has failed', async () => {
        const env = start({ restart: { limit: 0 } });
        await firstValueFrom(env.reset());
        const died = await outcome(env.step('fatal'));
        expect(await outcome(env.ready$)).toBe(died);
      });

      it('tells problems of the interpreter that comes next, but none twice in an episode', async () => {
        const env = start({ restart: { backoff: 1 } });
        const problems: Problem[] = [];
        env.problems$.subscribe((problem) => problems.push(problem));
        env.frames$.subscribe();
        await firstValueFrom(env.reset());
        await firstValueFrom(env.step('hide'));
        await outcome(env.step('fatal'));
        await firstValueFrom(env.step('hide'));
        expect(problems).toMatchObject([{ episode: 1, count: 1 }]);
        await firstValueFrom(env.reset());
        await firstValueFrom(env.step('hide'));
        expect(problems.slice(1)).toMatchObject([{ kind: 'render', episode: 2, count: 3 }]);
      });

      it('fails after too many restarts, and boots again when asked', async () => {
        const env = start({ restart: { limit: 1, backoff: 1 } });
        await firstValueFrom(env.reset());
        await outcome(env.step('fatal'));
        await firstValueFrom(env.reset());
        const last = await outcome(env.step('fatal'));
        expect(await firstValueFrom(runtime.status$)).toEqual({ state: 'failed', error: last });
        expect(await outcome(env.reset())).toBe(last);
        expect(await outcome(runtime.ready$.pipe(take(1)))).toBe(last);

        expect(await firstValueFrom(runtime.boot())).toMatchObject({ attempt: 3 });
        // where it was before the last crash
        expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 1, episode: 2 });
      });

      it('ends all that is pending and completes every stream when it is disposed of', async () => {
        const env = start();
        await firstValueFrom(env.reset());
        const completed: string[] = [];
        const { status$, incidents$, stdout$, stderr$, progress$, ready$ } = runtime;
        const streams = { status$, incidents$, stdout$, stderr$, progress$, ready$ };
        const envStreams = {
          steps$: env.steps$,
          frames$: env.frames$,
          envReady$: env.ready$,
          envProgress$: env.progress$,
          problems$: env.problems$,
        };
        for (const [name, stream$] of Object.entries({ ...streams, ...envStreams })) {
          (stream$ as Observable<unknown>).subscribe({ complete: () => completed.push(name) });
        }
        const pending = [env.step('loop'), env.step(1), runtime.run('1')].map(outcome);
        runtime.dispose();
        for (const error of await Promise.all(pending)) expect(error).toMatchObject({ name: 'DisposedError' });
        expect(completed.sort()).toEqual([...Object.keys(streams), ...Object.keys(envStreams)].sort());
        expect(await outcome(env.step(1))).toMatchObject({ name: 'DisposedError' });
        expect(await outcome(runtime.run('1'))).toMatchObject({ name: 'DisposedError' });
        expect(await firstValueFrom(runtime.status$)).toEqual({ state: 'disposed' });
        expect(await outcome(runtime.boot())).toMatchObject({ name: 'DisposedError' });
      });
    });

    describe('in one runtime', () => {
      let runtime: PythonRuntime;
      let env: GymEnv;
      beforeAll(() => {
        runtime = makeRuntime();
      });
      beforeEach(() => {
        env = runtime.env({ source: countingEnv });
      });
      afterEach(() => firstValueFrom(env.close()));
      afterAll(() => {
        runtime.dispose();
      });

      it('answers commands in the order in which they were sent, each once', async () => {
        const order: unknown[] = [];
        const steps: unknown[] = [];
        env.steps$.subscribe((step) => steps.push(step));
        const answers = [env.reset({ seed: 0 }), env.step('a'), env.step('b'), env.reset(), env.step('c')].map(
          (command$) => lastValueFrom(command$).then((answer) => (order.push(answer), answer)),
        );
        const [reset, a, b, again, c] = await Promise.all(answers);
        expect(order).toEqual([reset, a, b, again, c]);
        expect(reset).toEqual({ observation: 0, info: { seed: 0 }, episode: 1 });
        expect(a).toMatchObject({ index: 1, episode: 1, observation: 1, info: { action: 'a' }, return: 0.5 });
        expect(b).toMatchObject({ index: 2, episode: 1, reward: 0.5, return: 1, done: false });
        expect(again).toEqual({ observation: 0, info: { seed: null }, episode: 2 });
        expect(c).toMatchObject({ index: 1, episode: 2, return: 0.5 });
        expect(steps).toEqual([a, b, c]);
      });

      it('says when an episode is over', async () => {
        const steps = await Promise.all([1, 2, 3, 4, 5].map((action) => firstValueFrom(env.step(action))));
        expect(steps.map(({ done }) => done)).toEqual([false, false, false, false, true]);
        expect(steps.at(-1)).toMatchObject({ terminated: true, truncated: false });
      });

      it('resets an env that is stepped before its first reset', async () => {
        expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 1, episode: 1 });
      });

      it('ends a command that raises with a PythonError and goes on with the same env', async () => {
        await firstValueFrom(env.step(1));
        const [error, next] = await Promise.all([outcome(env.step('raise')), outcome(env.step(1))]);
        expect(error).toMatchObject({ name: 'PythonError', type: 'ValueError', command: 'step' });
        expect((error as Error).message).toContain('told to');
        expect(next).toMatchObject({ index: 2, observation: 2 });
      });

      it('tells a picture that cannot be had once an episode, with how often it came up', async () => {
        const problems: Problem[] = [];
        env.problems$.subscribe((problem) => problems.push(problem));
        env.frames$.subscribe();
        for (const action of [1, 'hide', 'hide', 'hide']) await firstValueFrom(env.step(action));
        const problem = { kind: 'render', message: 'ValueError: told to', hint: null };
        expect(problems).toEqual([{ ...problem, episode: 1, count: 1 }]);
        await firstValueFrom(env.reset());
        expect(await firstValueFrom(env.step('hide'))).toMatchObject({ index: 1, episode: 2 });
        expect(problems.slice(1)).toEqual([{ ...problem, episode: 2, count: 4 }]);
      });

      it('warns of a problem once where nobody looks', async () => {
        const warn = jest.spyOn(console, 'warn').mockImplementation();
        env.frames$.subscribe();
        for (let i = 0; i < 2; i++) {
          await firstValueFrom(env.reset());
          await firstValueFrom(env.step('hide'));
        }
        expect(warn.mock.calls).toEqual([['rxgym: render: ValueError: told to']]);
        warn.mockRestore();
      });

      it('takes back a command that is unsubscribed while it waits', async () => {
        await firstValueFrom(env.reset());
        const first = lastValueFrom(env.step('first'));
        env.step('taken back').subscribe().unsubscribe();
        expect((await first).index).toBe(1);
        expect(await firstValueFrom(env.step('next'))).toMatchObject({ index: 2, info: { action: 'next' } });
      });

      it('sends a command anew with each subscription', async () => {
        const step$ = env.step(1);
        expect((await firstValueFrom(step$)).index).toBe(1);
        expect((await firstValueFrom(step$)).index).toBe(2);
      });

      it('renders only while somebody watches', async () => {
        await firstValueFrom(env.step(1));
        const frames: PixelFrame[] = [];
        const watching = env.frames$.subscribe((frame) => frames.push(frame as PixelFrame));
        await firstValueFrom(env.step(1));
        watching.unsubscribe();
        await firstValueFrom(env.step(1));
        const rgba = (red: number) => Uint8Array.of(red, red, red, 255, red, red, red, 255);
        expect(frames).toEqual([{ kind: 'pixels', width: 2, height: 1, channels: 4, data: rgba(2) }]);
        expect(await firstValueFrom(env.render())).toMatchObject({ data: rgba(3) });
      });

      it('refuses what comes after close, and completes the streams', async () => {
        const completed: string[] = [];
        await firstValueFrom(env.step(1));
        env.steps$.subscribe({ complete: () => completed.push('steps') });
        env.ready$.subscribe({ complete: () => completed.push('ready') });
        await firstValueFrom(env.close());
        expect(completed).toEqual(['steps', 'ready']);
        expect(await outcome(env.step(1))).toMatchObject({ name: 'DisposedError' });
        // the runtime goes on, with another env
        env = runtime.env({ source: countingEnv });
        expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 1, episode: 1 });
      });

      it('closes once, behind what was sent before, and not less for being unsubscribed', async () => {
        const order: string[] = [];
        const note = (name: string) => () => order.push(name);
        await firstValueFrom(env.reset());
        const step = outcome(env.step(1)).then(note('step'));
        env.close().subscribe().unsubscribe();
        await Promise.all([step, firstValueFrom(env.close()).then(note('close'))]);
        expect(order).toEqual(['step', 'close']);
      });

      it('ends a set-up that cannot be sent with the reason, for all who count on it', async () => {
        const bad = runtime.env({ source: countingEnv, globals: { f: (() => 1) as unknown as Data } });
        expect(await outcome(bad.step(1))).toMatchObject({ name: 'UsageError', option: 'spec' });
        expect(await outcome(bad.ready$)).toMatchObject({ name: 'UsageError', option: 'spec' });
        expect(await outcome(runtime.run(1 as unknown as string))).toMatchObject({
          name: 'UsageError',
          option: 'code',
        });
      });

      it('refuses bad arguments with what was expected and what came', async () => {
        expect(await outcome(env.reset({ seed: -1 }))).toMatchObject({ name: 'UsageError', option: 'seed', got: '-1' });
        expect(await outcome(env.step((() => 1) as unknown as Data))).toMatchObject({
          name: 'UsageError',
          option: 'action',
        });
        expect(await outcome(env.step(1, { deadline: 0 }))).toMatchObject({ name: 'UsageError', option: 'deadline' });
        expect(await firstValueFrom(env.step(1))).toMatchObject({ index: 1 });
      });
    });
  });
}
