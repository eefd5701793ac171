import type { Subscriber } from 'rxjs';
import { DeadlineError } from '../errors.js';
import type { Value } from '../protocol/values.js';
import type { Request } from './request.js';

/** A request on its way: it waits in a lane, or is in flight. */
export interface Pending {
  readonly id: number;
  readonly request: Request;
  /** Undefined once it was cancelled in flight: its answer is awaited, and dropped. */
  subscriber: Subscriber<Value> | undefined;
  readonly sentAt: number;
  startedAt: number;
  /** How often it was begun. */
  tries: number;
  isLate: boolean;
}

export function end(pending: Pending, error: Error): void {
  const { subscriber } = pending;
  pending.subscriber = undefined;
  subscriber?.error(error);
}

export function late({ request, startedAt }: Pending, outcome: DeadlineError['outcome']): DeadlineError {
  const { body, deadline } = request;
  return new DeadlineError(body.type, deadline, performance.now() - startedAt, outcome);
}
