import { QueueOverflowError } from '../errors.js';
import { traitsOf } from '../protocol/traits.js';
import type { Pending } from './pending.js';
import type { Lane, Request } from './request.js';

/** Where commands wait: two lines, of which `setup` goes first. Each keeps the order of arrival. */
export class Lanes {
  readonly #lanes: Readonly<Record<Lane, Pending[]>> = { setup: [], user: [] };

  /** `limit`: how many commands of users may wait. */
  constructor(private readonly limit: number) {}

  get isEmpty(): boolean {
    return !this.#lanes.setup.length && !this.#lanes.user.length;
  }

  add(pending: Pending): void {
    const { lane, body, order = Infinity } = pending.request;
    const line = this.#lanes[lane];
    if (lane === 'user' && traitsOf(body.type).lane === 'user' && line.length >= this.limit) {
      throw new QueueOverflowError('the queue of commands', this.limit);
    }
    const place = line.findIndex((other) => (other.request.order ?? Infinity) > order);
    line.splice(place < 0 ? line.length : place, 0, pending);
  }

  /** Dequeues the next command; a `user` command only with `users`. */
  next({ users }: { readonly users: boolean }): Pending | undefined {
    return this.#lanes.setup.shift() ?? (users ? this.#lanes.user.shift() : undefined);
  }

  /** Requeues a command that is to be sent again, at the head of the `user` lane. */
  putBack(pending: Pending): void {
    this.#lanes.user.unshift(pending);
  }

  remove(pending: Pending): void {
    const line = this.#lanes[pending.request.lane];
    const place = line.indexOf(pending);
    if (place >= 0) line.splice(place, 1);
  }

  /** Removes what `concerns` says, and returns it. */
  takeOff(lane: Lane, concerns: (request: Request) => boolean = () => true): Pending[] {
    const all = this.#lanes[lane].splice(0);
    this.#lanes[lane].push(...all.filter(({ request }) => !concerns(request)));
    return all.filter(({ request }) => concerns(request));
  }
}
