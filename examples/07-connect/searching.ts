import {
  EMPTY,
  Subject,
  catchError,
  concatMap,
  defer,
  map,
  merge,
  range,
  scan,
  switchMap,
  takeLast,
  tap,
  throwIfEmpty,
  type Observable,
} from 'rxjs';
import type { GymEnv, PoolEnv, PythonPool, TurnStep } from 'rxgym';

/** For each column: how many games went there, and the points that they brought to the bot. */
export type Tally = readonly (readonly [games: number, points: number])[];

/** What the bot thinks so far. */
export interface Thought {
  readonly tally: Tally;
  /** The column that it would take now. */
  readonly best: number;
  readonly isDone: boolean;
}

const slices = 4;
const none: Tally = Array.from({ length: 7 }, () => [0, 0] as const);

/** A policy that plays thousands of games from the game's position on, in all members of a pool at a time. */
export function searching(
  game: GymEnv<TurnStep>,
  pool: PythonPool,
  { members }: PoolEnv<TurnStep>,
  /** How long it may think, in ms. */
  budget: () => number,
) {
  const thoughts = new Subject<Thought>();
  let searches = 0;

  // in slices, so that the page hears of it meanwhile, and whoever leaves waits for one slice at most
  const slice = (member: number, seconds: number): Observable<Tally> => {
    const globals = { seconds, seed: (searches += 1) };
    const games$ = pool.runtimes[member]?.run('think(env, seconds, seed)', {
      globals,
      deadline: 1000 * seconds + 4000,
    });
    return (games$ ?? EMPTY).pipe(map((tally) => tally as unknown as Tally));
  };
  const policy = () =>
    game.getState().pipe(
      switchMap((state) => {
        const seconds = budget() / 1000 / slices;
        const inMember = (env: GymEnv<TurnStep>, member: number) =>
          env.setState(state).pipe(
            switchMap(() => range(0, slices)),
            concatMap(() => slice(member, seconds)),
            // one that dies has no say this time; for the next it is back
            catchError(() => EMPTY),
          );
        return merge(...members.map(inMember));
      }),
      scan(
        (sum, tally) =>
          sum.map(([games, points], i) => [games + (tally[i]?.[0] ?? 0), points + (tally[i]?.[1] ?? 0)] as const),
        none,
      ),
      map((tally) => ({ tally, best: mostPlayed(tally), isDone: false })),
      tap((thought) => thoughts.next(thought)),
      takeLast(1),
      throwIfEmpty(() => new Error('None of the bot’s interpreters has answered.')),
      tap((thought) => thoughts.next({ ...thought, isDone: true })),
      map(({ best }) => best),
    );
  return { policy: () => defer(policy), thoughts$: thoughts.asObservable() };
}

const mostPlayed = (tally: Tally) =>
  tally.reduce((best, [games], column) => (games > (tally[best]?.[0] ?? 0) ? column : best), 3);
