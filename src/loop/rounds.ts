import {
  EMPTY,
  NEVER,
  ReplaySubject,
  Subject,
  asyncScheduler,
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  finalize,
  from,
  ignoreElements,
  merge,
  of,
  repeat,
  shareReplay,
  startWith,
  take,
  takeUntil,
  tap,
  timer,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { check, checkOptions } from '../check.js';
import type { AnyStep, Step } from '../env/step.js';
import { seedOf } from '../operators/seeds.js';
import { playRound, whileLoading, type PlayableInRounds } from './play-round.js';
import type { Failed, Finished, Over, Round } from './round.js';
import { roundsRules, type RoundsConfig } from './rounds-config.js';
import { ticks } from './ticks.js';

/**
 * A game of several rounds, declared: each is reset, waits until the player is ready, is counted down, played, and over. It
 * emits where the game stands, as a union with the tag `type`, so that a page is one `switch`: `loading`, `waiting`,
 * `countdown`, `playing` (with each step), `paused`, `over`, `finished`, `failed`, and `resumed` where it was given `from`.
 * It completes after `finished`.
 *
 * `play` is an operator from ticks to steps: `pipe(actions(env, …), stepWith(env))`. It is subscribed once a round, and
 * unsubscribed at the round's end. Whatever fails is emitted as `failed`, whose `retry()` boots what has to be booted and
 * begins that round anew.
 *
 * Errors: `UsageError` at the call for a bad option.
 *
 * @example
 * rounds(env, pipe(actions(env, pressedKeys(keys, { idle: 0 })), stepWith(env)), { count: 3, countdown: 3, ready: click$ })
 */
export function rounds<S extends AnyStep = Step>(
  env: PlayableInRounds<S>,
  play: OperatorFunction<unknown, S>,
  config: RoundsConfig = {},
): Observable<Round<S>> {
  checkOptions('rounds', config, roundsRules);
  const { count = 1, seed, fps = 30, between = 0, pauseWhen = NEVER, scheduler = asyncScheduler } = config;
  const expected = 'an operator from ticks to steps, for instance pipe(actions(env, …), stepWith(env))';
  check('rounds.play', play, expected, typeof play === 'function');

  const pauseAfter = (round: number): Observable<unknown> =>
    typeof between === 'function'
      ? from(between(round)).pipe(ignoreElements())
      : timer(between, scheduler).pipe(ignoreElements());

  return defer(() => {
    let round = config.from?.round ?? 0;
    let start = config.from;
    let hasFailed = false;
    // also where the round that went on is begun anew
    const seedIn = (round: number): number | undefined => {
      const { from } = config;
      return from?.seed !== undefined && round === from.round ? (from.seed ?? undefined) : seedOf(seed, round);
    };
    const results = [...((start?.results ?? []) as readonly Over<S>[])];
    const ticks$ = typeof fps === 'number' ? ticks(fps, config.scheduler ? { scheduler } : {}) : fps;
    const paused$ = pauseWhen.pipe(
      startWith(false),
      distinctUntilChanged(),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
    const round$ = defer(() =>
      playRound({
        env,
        play,
        config,
        scheduler,
        ticks$,
        paused$,
        round,
        rounds: count,
        seed: seedIn(round),
        from: start,
        results,
      }),
    ).pipe(
      tap((event) => {
        if (event.type !== 'loading') start = undefined;
        if (event.type === 'over') results.push(event);
      }),
    );
    const next = (): Observable<unknown> => {
      round += 1;
      return round < count ? concat(pauseAfter(round - 1), of(true)) : EMPTY;
    };
    const finished$ = defer(() => of<Finished<S>>({ type: 'finished', results }));
    const game$ = defer(() => {
      const done$ = new Subject<void>();
      const boot$ = hasFailed ? whileLoading(env, env.boot(), () => EMPTY) : EMPTY;
      const rounds$ = round < count ? round$.pipe(repeat({ delay: next })) : EMPTY;
      const all$ = concat(boot$, rounds$, finished$).pipe(finalize(() => done$.next()));
      // listened to all the time: a source may not say again that it is paused
      return merge(paused$.pipe(ignoreElements(), takeUntil(done$)), all$);
    });
    return game$.pipe(
      catchError((error: unknown, again$: Observable<Round<S>>) => {
        hasFailed = true;
        const retry$ = new ReplaySubject<void>(1); // it may be called at once
        const failed: Failed = {
          type: 'failed',
          error: error as Error,
          retry: () => {
            retry$.next();
          },
        };
        return concat(retry$.pipe(take(1), ignoreElements(), startWith(failed)), again$);
      }),
    );
  });
}
