import {
  EMPTY,
  Subject,
  concat,
  concatMap,
  defer,
  filter,
  from,
  identity,
  ignoreElements,
  isObservable,
  map,
  merge,
  of,
  startWith,
  switchMap,
  take,
  takeUntil,
  takeWhile,
  tap,
  timer,
  type Observable,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import type { Playable } from '../agents/playable.js';
import type { AnyStep, Reset } from '../env/step.js';
import type { EnvState } from '../recovery/env-state.js';
import type { Progress } from '../runtime/progress.js';
import { withGate, type Gate } from '../operators/gate.js';
import { pauseWhen } from '../operators/pause-when.js';
import { PlayClock } from './play-clock.js';
import {
  episodeEnd,
  type Countdown,
  type InRound,
  type Loading,
  type Over,
  type Paused,
  type Playing,
  type Resumed,
  type Round,
  type RoundEnd,
} from './round.js';
import type { RoundsConfig, RoundsStart } from './rounds-config.js';

/** What `rounds` needs of an env. A `GymEnv` is one. */
export interface PlayableInRounds<S extends AnyStep> extends Playable<S> {
  /** Boots its runtime, also one that failed, and sets it up. */
  boot(): Observable<unknown>;
  readonly progress$: Observable<Progress>;
  setState(state: EnvState): Observable<unknown>;
}

export interface RoundContext<S extends AnyStep> extends Pick<InRound, 'round' | 'rounds'> {
  readonly env: PlayableInRounds<S>;
  readonly play: OperatorFunction<unknown, S>;
  readonly config: RoundsConfig;
  readonly scheduler: SchedulerLike;
  readonly ticks$: Observable<unknown>;
  /** Whether the game is paused; says so at its subscription. */
  readonly paused$: Observable<boolean>;
  readonly seed: number | undefined;
  /** Where to go on, instead of a reset. */
  readonly from: RoundsStart | undefined;
  /** The rounds before. */
  readonly results: readonly Over<S>[];
}

/** How a round begins. */
interface Begun<S> {
  readonly said: Reset | S | null;
  /** It goes on where it was left. */
  readonly isBack: boolean;
}

/** One round from its reset to its end. */
export function playRound<S extends AnyStep>(context: RoundContext<S>): Observable<Round<S>> {
  const { env, config, round, rounds, seed, from, results } = context;
  const reset$ = defer(() => env.reset({ ...(seed !== undefined && { seed }), onCrash: 'resume' })).pipe(
    map((said): Begun<S> => ({ said, isBack: false })),
  );
  const begin = (): Observable<Begun<S>> => {
    if (!from?.state) return reset$;
    const { state } = from;
    const back$ = isObservable(state) ? state : env.setState(state).pipe(map(() => true));
    return back$.pipe(concatMap((isBack) => (isBack ? of({ said: env.latest, isBack }) : reset$)));
  };
  // not before it is set up: until then the page has subscribed to its frames
  const begun$ = env.ready$.pipe(take(1), concatMap(begin));
  return whileLoading(env, begun$, ({ said, isBack }) => {
    const at: InRound<S> = { round, rounds, episode: said?.episode ?? 0, seed: seed ?? null, begun: said };
    const resumed$ = from ? of<Resumed<S>>({ type: 'resumed', ...at, results: [...results] }) : EMPTY;
    // it may have been left right behind its last step
    const end = said && 'done' in said ? endOf(said, config.maxSteps) : undefined;
    if (end) return concat(resumed$, of(overBy(end, at, said as S)));
    const timeLeft = (isBack ? from?.timeLeft : null) ?? null;
    return concat(resumed$, waiting(context, at), countdown(context, at), played(context, at, timeLeft));
  });
}

/** Tells how far the env's boot and set-up are until `work$` has answered; then goes on. */
export function whileLoading<S extends AnyStep, T, R>(
  { progress$ }: PlayableInRounds<S>,
  work$: Observable<T>,
  then: (result: T) => Observable<R>,
): Observable<R | Loading> {
  return defer(() => {
    const done$ = new Subject<void>();
    const loading$ = progress$.pipe(
      filter(({ stage }, i) => i > 0 || stage !== 'ready'), // it may be there already
      map((progress): Loading => ({ type: 'loading', progress })),
      takeUntil(done$),
    );
    const result$ = work$.pipe(
      take(1),
      tap({
        next: () => {
          done$.next();
        },
      }),
      concatMap(then),
    );
    return merge(loading$, result$);
  });
}

function waiting<S extends AnyStep>(
  { config: { ready }, round }: RoundContext<S>,
  at: InRound<S>,
): Observable<Round<S>> {
  if (!ready) return EMPTY;
  const ready$ = typeof ready === 'function' ? from(ready(round)) : ready;
  return ready$.pipe(take(1), ignoreElements(), startWith({ type: 'waiting', ...at } as const));
}

function countdown<S extends AnyStep>(
  { config, round, paused$, scheduler }: RoundContext<S>,
  at: InRound<S>,
): Observable<Countdown<S> | Paused<S>> {
  const count = typeof config.countdown === 'function' ? config.countdown(round) : (config.countdown ?? 0);
  // a second that was interrupted by a pause begins anew
  const second = (seconds: number): Observable<Countdown<S> | Paused<S>> =>
    paused$.pipe(
      switchMap((isPaused): Observable<Countdown<S> | Paused<S> | null> => {
        if (isPaused) return of({ type: 'paused', ...at });
        return timer(1000, scheduler).pipe(
          map(() => null),
          startWith({ type: 'countdown', ...at, seconds } as const),
        );
      }),
      takeWhile((event) => event !== null),
    );
  return concat(...Array.from({ length: count }, (_, i) => second(count - i)));
}

function played<S extends AnyStep>(
  { config, play, ticks$, paused$, scheduler }: RoundContext<S>,
  at: InRound<S>,
  left: number | null,
): Observable<Playing<S> | Paused<S> | Over<S>> {
  const { maxSteps = Infinity, timeLimit = Infinity, fps = 30 } = config;
  return defer(() => {
    const before = left === null || timeLimit === Infinity ? 0 : Math.max(0, timeLimit - left) * 1000;
    const clock = new PlayClock(paused$, scheduler, before);
    let last = at.begun && 'index' in at.begun ? at.begun : null;
    let isPaused = false;

    const timeLeft = (): number | null => {
      if (timeLimit !== Infinity) return Math.max(0, timeLimit - clock.played / 1000);
      return maxSteps !== Infinity && !isObservable(fps) ? (maxSteps - (last?.index ?? 0)) / fps : null;
    };
    const playing = (step: S | null): Playing<S> => ({ type: 'playing', ...at, step, timeLeft: timeLeft() });
    const paused: Paused<S> = { type: 'paused', ...at };
    const over = (end: RoundEnd): Over<S> => overBy(end, at, last);

    let isTimeUp = false;
    const gate: Gate = {
      get isOpen() {
        return !isPaused && !isTimeUp;
      },
      opens$: paused$.pipe(filter((now) => !now)),
    };
    const timeUp$ = clock.until(timeLimit * 1000).pipe(tap(() => (isTimeUp = true)));
    const pauses$ = paused$.pipe(
      tap((now) => (isPaused = now)),
      map(() => [isPaused ? paused : playing(null)]),
    );
    // no tick comes behind the time's end, but a step that is under way is taken
    const inTime$ = withGate(ticks$.pipe(pauseWhen(paused$), takeUntil(timeUp$)), gate);
    const steps$ = play(inTime$).pipe(
      map((step) => {
        last = step;
        const end = endOf(step, maxSteps);
        if (end) return [playing(step), over(end)];
        return isPaused ? [playing(step), paused] : [playing(step)];
      }),
    );
    const ended$ = defer(() => of([over(isTimeUp ? 'time-limit' : 'stopped')]));
    return merge(pauses$, concat(steps$, ended$)).pipe(
      concatMap(identity),
      takeWhile(({ type }) => type !== 'over', true),
    );
  });
}

const overBy = <S extends AnyStep>(end: RoundEnd, at: InRound<S>, last: S | null): Over<S> => ({
  type: 'over',
  ...at,
  end,
  steps: last?.index ?? 0,
  return: last?.return ?? null,
});

/** Why a round ends with that step; undefined where it goes on. */
function endOf({ done, terminated, index }: AnyStep, maxSteps = Infinity): RoundEnd | undefined {
  if (done) return episodeEnd(terminated);
  return index >= maxSteps ? 'max-steps' : undefined;
}
