import { distinctUntilChanged, filter, map, scan, type Observable } from 'rxjs';
import type { AnyStep, Step } from '../env/step.js';
import { isNdArray, type NdArray } from '../protocol/ndarray.js';
import type { InRound, Round } from './round.js';

/** A return: a number, one for each objective, or by agent. */
export type Score = number | NdArray | ReadonlyMap<string | number, number | NdArray>;

/** Where a game of several rounds stands. Numbers only: the page puts them into words. */
export interface Scoreboard {
  /** Which round it is, from 0. */
  readonly round: number;
  readonly rounds: number;
  /** The round's return so far; by agent where the env has several. 0 before the first step. */
  readonly score: Score;
  /** The returns of all rounds so far, this one's with them. */
  readonly total: Score;
  /** Seconds of play left; null where the round has no limit, and before it is played. */
  readonly timeLeft: number | null;
}

interface Sum extends Scoreboard {
  readonly episode: number;
  /** Of the rounds before. */
  readonly before: Score;
}

/**
 * The scores of a game, from the events of {@link rounds}.
 *
 * @example
 * scoreboard$(game$).subscribe(({ round, rounds, score }) => (hud.textContent = `Round ${round + 1}/${rounds} · ${score}`))
 */
export function scoreboard$<S extends AnyStep = Step>(game$: Observable<Round<S>>): Observable<Scoreboard> {
  return game$.pipe(
    filter(
      (event): event is Exclude<Round<S>, { readonly type: 'loading' | 'finished' | 'failed' }> => 'round' in event,
    ),
    scan<Round<S> & InRound, Sum | undefined>((sum, event) => next(sum, event), undefined),
    filter((sum) => sum !== undefined),
    distinctUntilChanged(),
    map(({ round, rounds, score, total, timeLeft }) => ({ round, rounds, score, total, timeLeft })),
  );
}

function next<S extends AnyStep>(sum: Sum | undefined, event: Round<S> & InRound): Sum {
  const { round, rounds, episode, type } = event;
  if (type === 'resumed') {
    const before = event.results.reduce<Score>((total, result) => added(total, result.return ?? 0), 0);
    const score: Score = event.begun && 'return' in event.begun ? event.begun.return : 0;
    return { round, rounds, episode, score, timeLeft: null, before, total: added(before, score) };
  }
  // a round that is begun anew, after a failure, counts once
  const isSame = sum?.round === round;
  const isBegun = isSame && sum.episode === episode;
  const before = (isSame ? sum.before : sum?.total) ?? 0;
  const start = isBegun ? sum : { score: 0, timeLeft: null };
  const said = type === 'over' ? event.return : type === 'playing' ? event.step?.return : undefined;
  const score = withThoseBefore(start.score, said ?? start.score);
  const none = start.timeLeft === null ? null : 0; // where there is no limit, none ran out
  const timeLeft = type === 'playing' ? event.timeLeft : type === 'over' ? none : start.timeLeft;
  return { round, rounds, episode, score, timeLeft, before, total: added(before, score) };
}

/** An agent that is out keeps its return. */
const withThoseBefore = (before: Score, score: Score): Score =>
  before instanceof Map && score instanceof Map ? new Map<string | number, number>([...before, ...score]) : score;

function added(a: Score, b: Score): Score {
  if (a === 0) return b;
  if (b === 0) return a;
  if (a instanceof Map && b instanceof Map) {
    const [one, other] = [a, b] as readonly ReadonlyMap<string | number, number | NdArray>[];
    const agents = new Set([...(one?.keys() ?? []), ...(other?.keys() ?? [])]);
    return new Map([...agents].map((agent) => [agent, added(one?.get(agent) ?? 0, other?.get(agent) ?? 0) as number]));
  }
  if (isNdArray(a) && isNdArray(b)) {
    const more = Array.from(b.data as Iterable<number>);
    return {
      ...a,
      data: Float64Array.from(a.data as Iterable<number>, (value, i) => value + (more[i] ?? 0)),
      dtype: 'float64',
    };
  }
  return Number(a) + Number(b);
}
