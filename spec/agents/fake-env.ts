import { BehaviorSubject, defer, map, of, timer, type Observable, type SchedulerLike } from 'rxjs';
import type {
  Action,
  AgentId,
  EnvReady,
  EnvState,
  ParallelStep,
  Progress,
  Reset,
  ResetOptions,
  Step,
  TurnStep,
} from '../../src/index.js';

const readyOf = (kind: EnvReady['kind'], agents: readonly AgentId[] | null): EnvReady => ({
  kind,
  agents,
  agentIds: agents,
  numEnvs: null,
  actionSpace: { type: 'Discrete', n: 3 },
  observationSpace: null,
  metadata: {},
  attempt: 1,
});

/** An env in the page, for virtual time: what it is told is in `log`. It is checked against none: see the contract specs. */
export class FakeEnv<S> {
  latest: Reset | S | null = null;
  readonly log: string[] = [];
  readonly ready$: Observable<EnvReady>;
  readonly progress$: Observable<Progress>;
  readonly #progress$ = new BehaviorSubject<Progress>({
    stage: 'spawn',
    label: 'Starting the worker',
    loaded: null,
    total: null,
    attempt: 1,
    ratio: 0,
  });
  episode = 0;
  index = 0;

  constructor(
    kind: EnvReady['kind'],
    agents: readonly AgentId[] | null,
    private readonly outcome: (env: { readonly index: number; readonly episode: number }) => Omit<Reset, 'episode'>,
    private readonly stepped: (action: Action, env: FakeEnv<S>) => object,
    private readonly time: { readonly scheduler?: SchedulerLike; readonly reset?: number; readonly step?: number } = {},
  ) {
    this.ready$ = of(readyOf(kind, agents));
    this.progress$ = this.#progress$;
  }

  #later<T>(ms: number | undefined, work: () => T): Observable<T> {
    return ms ? timer(ms, this.time.scheduler).pipe(map(work)) : defer(() => of(work()));
  }

  reset(options: ResetOptions = {}): Observable<Reset> {
    return defer(() => {
      this.log.push(`reset ${options.seed}`);
      return this.#later(this.time.reset, () => {
        this.episode += 1;
        this.index = 0;
        const reset = { ...this.outcome(this), episode: this.episode };
        this.latest = reset;
        if (this.episode === 1)
          this.#progress$.next({ ...this.#progress$.value, stage: 'ready', label: 'Ready', ratio: 1 });
        return reset;
      });
    });
  }

  step(action: Action): Observable<S> {
    return defer(() => {
      this.log.push(`step ${action instanceof Map ? JSON.stringify([...action]) : JSON.stringify(action)}`);
      return this.#later(this.time.step, () => {
        this.index += 1;
        const rest = { action, index: this.index, episode: this.episode, info: {} };
        const step = { ...rest, ...this.outcome(this), ...this.stepped(action, this) } as S;
        this.latest = step;
        return step;
      });
    });
  }

  getState(): Observable<EnvState> {
    return defer(() => {
      this.log.push('getState');
      return of({ format: 2, bytes: new Uint8Array([this.episode, this.index]), latest: this.latest } as const);
    });
  }

  setState(state: EnvState): Observable<unknown> {
    return defer(() => {
      this.log.push('setState');
      this.latest = state.latest as S;
      const { episode, index } = this.latest as Partial<Step>;
      this.episode = episode ?? 0;
      this.index = index ?? 0; // of a reset
      return of(null);
    });
  }

  boot(): Observable<unknown> {
    return defer(() => {
      this.log.push('boot');
      return of(null);
    });
  }
}

interface Options {
  readonly length?: number;
  readonly scheduler?: SchedulerLike;
  readonly reset?: number;
  readonly step?: number;
}

/** Its observations are the steps so far; each step is worth 1. */
export const fakeSingle = ({ length = 3, ...time }: Options = {}) =>
  new FakeEnv<Step>(
    'single',
    null,
    ({ index }) => ({ observation: index, info: {} }),
    (_, { index }) => ({
      reward: 1,
      return: index,
      terminated: index >= length,
      truncated: false,
      done: index >= length,
    }),
    time,
  );

/** `out`: after which step each agent is out. */
export function fakeParallel(out: Readonly<Record<string, number>>, time: Options = {}) {
  const names = Object.keys(out);
  const by = <T>(all: readonly string[], of: (name: string) => T) => new Map(all.map((name) => [name, of(name)]));
  const there = (index: number) => names.filter((name) => index <= (out[name] ?? 0));
  return new FakeEnv<ParallelStep>(
    'parallel',
    names,
    ({ index }) => ({
      observation: by(there(index), (name) => `${name} ${index}`),
      info: by(there(index), () => ({ action_mask: [1, 0, 1] })),
    }),
    (_, { index }) => {
      const isOut = (name: string) => index >= (out[name] ?? 0);
      return {
        reward: by(there(index), () => 1),
        return: by(there(index), () => index),
        terminated: by(there(index), isOut),
        truncated: by(there(index), () => false),
        done: names.every(isOut),
      };
    },
    time,
  );
}

/** Two in turns. */
export const fakeTurns = (length = 4) =>
  new FakeEnv<TurnStep>(
    'turns',
    ['x', 'o'],
    ({ index }) => ({ agent: index >= length ? null : ['x', 'o'][index % 2]!, observation: index, info: {} }),
    (_, { index }) => ({
      reward: new Map(),
      return: new Map(),
      terminated: new Map(),
      truncated: new Map(),
      done: index >= length,
    }),
  );
