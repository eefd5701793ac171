import type { Observable } from 'rxjs';
import type { Reset, ResetOptions, StepOptions } from '../env/step.js';

/**
 * What the operators need of an env. Its commands are cold observables of one value: subscribing sends,
 * unsubscribing cancels. A `GymEnv` is one, a `PoolEnv` is one of lists, and so is any pair of functions of this shape.
 */
export interface Steppable<A, S, R = Reset> {
  step(action: A, options?: StepOptions): Observable<S>;
  reset(options?: ResetOptions): Observable<R>;
  /** Several steps in one go, emitted in their order; for `stepWith`'s `lookahead`. */
  stepMany?(actions: readonly A[], options?: StepOptions): Observable<S>;
}
