import type { Observable } from 'rxjs';

/** Whether a step that is due may begin: none does while a game is paused, or behind its time's end. */
export interface Gate {
  readonly isOpen: boolean;
  /** Emits whenever it is opened. */
  readonly opens$: Observable<unknown>;
}

/** Gates of ticks. */
const gates = new WeakMap<Observable<unknown>, Gate>();

/** Puts a gate behind ticks: what they began to choose before it closed is dropped. Returns the ticks. */
export function withGate<T>(ticks$: Observable<T>, gate: Gate): Observable<T> {
  gates.set(ticks$, gate);
  return ticks$;
}

export const gateOf = (ticks$: Observable<unknown>): Gate | undefined => gates.get(ticks$);
