import { Observable } from 'rxjs';

/** An action that a person gave, and when, on the clock of `performance.now()`. */
export interface Given<A> {
  readonly action: A;
  readonly at: number;
}

/**
 * What a person gives, as a step finds it.
 *
 * A source that has a value at the moment of its subscription (`pressedKeys`, `heldButtons`, a `BehaviorSubject`) says what
 * is held: it is read at each step. What was held for less than a step, between two reads, counts for one step.
 * Any other (`keystrokes`, clicks) gives actions one by one: each counts for one step, and the latest replaces one that
 * waits.
 */
export class HeldInput<A> {
  /** Listens while it is subscribed. Emits nothing; errors when the source does. */
  readonly listening$: Observable<never>;

  #isHeld = false;
  #current: Given<A> | undefined;
  #read: A | undefined;
  #brief: Given<A> | undefined;
  #waiting: Given<A> | undefined;

  constructor(source$: Observable<A>) {
    this.listening$ = new Observable((subscriber) => {
      this.#isHeld = false;
      this.#current = this.#brief = this.#waiting = undefined;
      let isSubscribing = true;
      const subscription = source$.subscribe({
        next: (action) => {
          this.#isHeld ||= isSubscribing;
          this.#give({ action, at: performance.now() }, isSubscribing);
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          subscriber.complete();
        },
      });
      isSubscribing = false;
      return subscription;
    });
  }

  get isThere(): boolean {
    return this.#isHeld || this.#waiting !== undefined;
  }

  /** The action of this step; undefined where there is none. */
  take(): Given<A> | undefined {
    if (!this.#isHeld) {
      const given = this.#waiting;
      this.#waiting = undefined;
      return given;
    }
    const current = this.#current;
    const given = current?.action === this.#read ? (this.#brief ?? current) : current;
    this.#brief = undefined;
    this.#read = current?.action;
    return given;
  }

  /** What was given so far does not count, but for what is held. */
  forget(): void {
    this.#waiting = this.#brief = undefined;
  }

  #give(given: Given<A>, isFirst: boolean): void {
    if (!this.#isHeld) this.#waiting = given;
    else if (isFirst) this.#read = given.action;
    else if (given.action !== this.#read) this.#brief = given;
    if (this.#isHeld) this.#current = given;
  }
}
