import type { Observable } from 'rxjs';
import type { Reset, ResetOptions, StepOptions } from '../env/step.js';

/**
 * What the operators need of an env. Its commands are cold observables of one value: subscribing sends,
 * unsubscribing cancels. A `GymEnv` is one, and so is any pair of functions of this shape.
 */
export interface Steppable<A, S> {
  step(action: A, options?: StepOptions): Observable<S>;
  reset(options?: ResetOptions): Observable<Reset>;
  /** Several steps in one go, emitted in their order; for `stepWith`'s `lookahead`. */
  stepMany?(actions: readonly A[], options?: StepOptions): Observable<S>;
}
