import { concatMap, map, of, switchMap, type Observable } from 'rxjs';
import type { Rule } from '../check.js';
import type { AnyStep, Reset } from '../env/step.js';
import { isNdArray, ndArray } from '../protocol/ndarray.js';

/**
 * What a step does where the episode is over, with Gymnasium's names
 * (https://farama.org/Vector-Autoreset-Mode).
 * - `'next-step'`: the next `step` resets it instead and ignores its action: a step of `index` 0 and reward 0, with the
 *   first observation of the new episode.
 * - `'same-step'`: it is reset at once. The step has the first observation of the new episode; the last observation and
 *   info of the old one are in `info.final_obs` and `info.final_info`.
 * - `'disabled'`: it is refused: reset the env first.
 */
export type Autoreset = 'next-step' | 'same-step' | 'disabled';

export const autoresetRule: Rule = { words: ['next-step', 'same-step', 'disabled'] };

/**
 * One step by that mode. `ended`: the step that ended the episode, null while it goes on. In `'same-step'` an episode that
 * ended before is reset first, since an earlier reset failed.
 */
export function stepOrReset<S extends AnyStep>(
  mode: Autoreset,
  ended: S | null,
  step$: Observable<S>,
  reset$: Observable<Reset>,
): Observable<S> {
  if (mode === 'disabled') return step$;
  if (mode === 'next-step') return ended ? reset$.pipe(map((reset) => stepOfReset(ended, reset))) : step$;
  return (ended ? reset$.pipe(switchMap(() => step$)) : step$).pipe(
    concatMap((step) => (step.done ? reset$.pipe(map((reset) => stepAndReset(step, reset))) : of(step))),
  );
}

/** A reset in the form of a step; `last` ended the episode before. */
export function stepOfReset<S extends AnyStep>(last: S, { observation, info, episode, agent }: Reset): S {
  const blank = (zero: unknown, like: unknown): unknown => {
    if (isNdArray(like)) return ndArray(new ArrayBuffer(like.data.byteLength), like.shape, like.dtype);
    return like instanceof Map ? byAgent(agent === undefined ? observation : total, () => zero) : zero;
  };
  const { reward, terminated, truncated, return: total } = last;
  return {
    ...last,
    ...(agent !== undefined && { agent }),
    action: null,
    observation,
    reward: blank(0, reward),
    terminated: blank(false, terminated),
    truncated: blank(false, truncated),
    info,
    done: false,
    index: 0,
    episode,
    return: blank(0, total),
  };
}

/** A step that ended an episode, merged with the reset that followed it. */
export function stepAndReset<S extends AnyStep>(last: S, { observation, info, agent }: Reset): S {
  const both = (info: unknown, final_obs: unknown, final_info: unknown): object => {
    return { ...(info as object), final_obs, final_info };
  };
  const of = (values: unknown, agent: unknown): unknown =>
    values instanceof Map ? (values.get(agent) as unknown) : values;
  const isParallel = last.reward instanceof Map && agent === undefined;
  return {
    ...last,
    ...(agent !== undefined && { agent }),
    observation,
    info: isParallel
      ? byAgent(observation, (agent) => both(of(info, agent), of(last.observation, agent), of(last.info, agent)))
      : both(info, last.observation, last.info),
  };
}

function byAgent<T>(observation: unknown, of: (agent: unknown) => T): ReadonlyMap<unknown, T> {
  const agents = observation instanceof Map ? [...observation.keys()] : [];
  return new Map(agents.map((agent: unknown) => [agent, of(agent)]));
}
