import type { Observable } from 'rxjs';
import type { AgentId, Origin } from '../env/step.js';

/** An action, and where it comes from. */
export interface Chosen<A> {
  readonly action: A;
  readonly origin: Origin | ReadonlyMap<AgentId, Origin>;
}

/**
 * An action that is yet to be chosen. `stepWith` chooses it when its step is due, after the step before is known: so an
 * agent never acts on what is over. `choose` is a cold observable of one value, or of none where there is no action yet.
 */
export class Choice<A> {
  constructor(readonly choose: () => Observable<Chosen<A>>) {}
}
