import { NEVER, defer, distinctUntilChanged, switchMap, tap, timer, type Observable, type SchedulerLike } from 'rxjs';

/** Measures time of play, which stands still during pauses. */
export class PlayClock {
  #played: number;
  #since: number | null = null;

  constructor(
    /** True while play is paused; says so at its subscription. */
    private readonly paused$: Observable<boolean>,
    private readonly scheduler: SchedulerLike,
    /** Time of play before, in ms. */
    private readonly before = 0,
  ) {
    this.#played = before;
  }

  /** Time of play so far, in ms. */
  get played(): number {
    return this.#played + (this.#since === null ? 0 : this.scheduler.now() - this.#since);
  }

  /** Runs while it is subscribed; emits once when so many ms were played. */
  until(ms: number): Observable<unknown> {
    return defer(() => {
      this.#played = this.before;
      this.#since = null;
      return this.paused$.pipe(
        distinctUntilChanged(),
        tap((isPaused) => {
          this.#played = this.played;
          this.#since = isPaused ? null : this.scheduler.now();
        }),
        switchMap((isPaused) => (isPaused || ms === Infinity ? NEVER : timer(ms - this.#played, this.scheduler))),
      );
    });
  }
}
