import type { Observable } from 'rxjs';
import type { Reset, ResetOptions, StepOptions } from '../env/step.js';

/**
 * What the operators need of an env. Its commands are cold observables of one value: subscribing sends, unsubscribing
 * cancels. A `GymEnv` is one, a `PoolEnv` is one of lists, and so is any object of this shape.
 */
export interface Steppable<A, S, R = Reset> {
  /** Takes one step. */
  step(action: A, options?: StepOptions): Observable<S>;
  /** Begins an episode. */
  reset(options?: ResetOptions): Observable<R>;
  /** What the env said last; for `autoreset`, where an episode is over before the first step. */
  readonly latest?: unknown;
  /** Takes several steps in one message and emits them in their order; for `stepWith`'s `lookahead`. */
  stepMany?(actions: readonly A[], options?: StepOptions): Observable<S>;
  /** @internal Called before a step: how many actions were dropped since the step before. For `timings$`. */
  countDrops?(count: number): void;
}
