import type { Subscription } from 'rxjs';
import { traitsOf } from '../protocol/traits.js';
import type { CrashCause } from '../errors.js';
import { DeadlineTimer } from './deadline-timer.js';
import type { Connection } from './connection.js';
import { nobody, replyTo } from './input.js';
import type { Pending } from './pending.js';

/**
 * The one command that the worker has. A command that is late or cancelled is interrupted, where that can be; where it
 * does not end within the grace period, the worker is stuck and has to go.
 */
export class InFlight {
  readonly #clock = new DeadlineTimer();
  #pending: Pending | undefined;
  #connection: Connection | undefined;
  #question: Subscription | undefined;

  constructor(
    /** How long an interrupted command may go on, in ms. */
    private readonly grace: number,
    private readonly onStuck: (cause: CrashCause) => void,
  ) {}

  get pending(): Pending | undefined {
    return this.#pending;
  }

  /** Sends the command; throws where its data cannot be cloned. Its deadline begins now. */
  begin(pending: Pending, connection: Connection, recycled: readonly ArrayBuffer[]): void {
    const { body, deadline } = pending.request;
    this.#pending = pending;
    this.#connection = connection;
    pending.startedAt = performance.now();
    pending.tries += 1;
    this.#clock.set(deadline, () => {
      this.#expire(pending);
    });
    try {
      connection.send({ ...body, id: pending.id, ...(recycled.length && { recycled }) });
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** Python asks the page, and waits for the reply. Whatever ends the command ends the question, too. */
  ask(prompt: string): void {
    const { subscriber, isLate, request } = this.#pending ?? {};
    this.#question?.unsubscribe();
    if (!subscriber || isLate || !request?.input) {
      this.#connection?.reply(nobody);
      return;
    }
    this.#question = replyTo(request.input, prompt).subscribe({
      next: (text) => this.#connection?.reply({ text }),
      error: (error: unknown) => this.#connection?.reply({ problem: String(error) }),
    });
  }

  /** It was answered. */
  end(): void {
    this.#question?.unsubscribe();
    this.#pending = undefined;
    this.#clock.clear();
  }

  /** The worker is gone. */
  stop(): void {
    this.#question?.unsubscribe();
    this.#pending = undefined;
    this.#clock.stop();
  }

  /** Nobody waits for its answer any more. */
  cancel(pending: Pending): void {
    const { type } = pending.request.body;
    this.#question?.unsubscribe();
    if (!traitsOf(type).interruptible) return; // it runs to its end, and its answer is dropped
    this.#connection?.interrupt();
    this.#stuckAfterGrace('cancelled', `${type} did not end within ${this.grace} ms after it was unsubscribed`);
  }

  #expire(pending: Pending): void {
    const { body, deadline } = pending.request;
    pending.isLate = true;
    this.#question?.unsubscribe();
    const message = `${body.type} ran longer than ${deadline} ms`;
    if (traitsOf(body.type).interruptible && this.#connection?.interrupt()) {
      this.#stuckAfterGrace('deadline', `${message} and could not be interrupted`);
    } else {
      this.onStuck({ kind: 'deadline', message });
    }
  }

  #stuckAfterGrace(kind: CrashCause['kind'], message: string): void {
    this.#clock.set(this.grace, () => {
      this.onStuck({ kind, message });
    });
  }
}
