import { ReplaySubject, Subject, defer, finalize, map, of, takeUntil, tap, type Observable } from 'rxjs';
import type { CommandBody } from '../protocol/messages.js';
import { pack } from '../protocol/pack.js';
import type { Value } from '../protocol/values.js';
import { check, checkDeadline, type Settings } from '../runtime/options.js';
import type { Progress } from '../runtime/progress.js';
import type { EnvHost } from '../runtime/runtime.js';
import { decodeFrame, decodeReset, decodeStep, type Outcome } from './decode.js';
import { EnvLife } from './life.js';
import type { EnvReady } from './spaces.js';
import { checkSpec, imageOf, type EnvSpec } from './spec.js';
import { decodeState, packState, type EnvState } from './state.js';
import type { Action, AnyStep, CrashPolicy, Frame, Reset, ResetOptions, Step, StepOptions } from './step.js';

/**
 * One Gymnasium or PettingZoo-parallel env in a runtime. It is set up by its first command, or by subscribing `ready$`
 * or `progress$`, and brought back to its last acknowledged operation after a restart.
 *
 * Commands are cold observables of one value, as the runtime's. Give `S` as `ParallelStep` for a PettingZoo env.
 */
export class GymEnv<S extends AnyStep = Step> {
  /** The way to readiness, the runtime's boot included. Subscribing sets the env up. Replays the latest. */
  readonly progress$: Observable<Progress>;
  /**
   * Emits each time the env is set up, and at once to a late subscriber if it is. Subscribing sets the env up. Errors
   * when the set-up does; the next command or subscriber tries again.
   */
  readonly ready$: Observable<EnvReady>;
  /** Every acknowledged step, in order. Only observes. */
  readonly steps$: Observable<S>;
  /** What there is to see after each reset and step. Only observes; while nobody does, nothing is rendered. */
  readonly frames$: Observable<Frame>;

  readonly #host: EnvHost;
  readonly #id: number;
  readonly #life: EnvLife;
  readonly #renderEvery: number;
  readonly #steps$ = new Subject<S>();
  readonly #frames$ = new Subject<Frame>();
  #sinceReset = 0;
  #closing$: Observable<null> | undefined;

  /** @internal Made by `runtime.env(spec)`. */
  constructor(host: EnvHost, id: number, spec: EnvSpec) {
    checkSpec(spec);
    const image = imageOf(spec);
    if (image !== null) host.startFrom(image);
    this.#host = host;
    this.#id = id;
    this.#life = new EnvLife(host, id, spec);
    this.#renderEvery = spec.render?.every ?? 1;
    const { progress$, ready$, ended$ } = this.#life;
    this.progress$ = progress$;
    this.ready$ = ready$;
    this.steps$ = this.#steps$.pipe(takeUntil(ended$));
    this.frames$ = this.#frames$.asObservable();
    ended$
      .pipe(
        finalize(() => {
          this.#steps$.complete();
          this.#frames$.complete();
        }),
      )
      .subscribe();
  }

  /**
   * Begins an episode. `seed` 0 is a seed; `options` goes to the env as it is. The very first reset without a seed is
   * given one that was drawn on the page, so that it can be done again after a crash.
   */
  reset({ seed, options, deadline, onCrash }: ResetOptions = {}): Observable<Reset> {
    return defer(() => {
      checkSeed(seed);
      this.#sinceReset = 0;
      const data = pack({ seed, options }, 'options');
      const body = { type: 'reset', env: this.#id, options: data, render: this.#frames$.observed } as const;
      return this.#send(body, deadline ?? this.#deadlines.reset, onCrash).pipe(
        map((value) => {
          const outcome = decodeReset(value);
          this.#life.note({ kind: 'reset', data, digest: outcome.digest });
          return this.#see(outcome);
        }),
      );
    });
  }

  /** Takes one step. An env that was never reset is reset first, without a seed. */
  step(action: Action, { deadline, onCrash }: StepOptions = {}): Observable<S> {
    return defer(() => {
      const data = pack(action, 'action');
      const body = { type: 'step', env: this.#id, action: data, render: this.#isFrameDue() } as const;
      return this.#send(body, deadline ?? this.#deadlines.step, onCrash).pipe(
        map((value) => {
          const outcome = decodeStep(value);
          this.#life.note({ kind: 'step', data, digest: outcome.digest });
          const step = this.#see(outcome) as S;
          this.#steps$.next(step);
          return step;
        }),
      );
    });
  }

  /** Renders now, whether or not `frames$` is watched; null where the env shows nothing. */
  render(): Observable<Frame | null> {
    return this.#send({ type: 'render', env: this.#id }).pipe(
      map((value) => decodeFrame(value)),
      tap((frame) => {
        if (frame) this.#frames$.next(frame);
      }),
    );
  }

  /**
   * The env's state, by its own `get_state()` (also of what it wraps) or else pickled, with the counters and the states
   * of Python's and NumPy's global generators. Errors with a `StateError` that names why it cannot be had.
   */
  getState(): Observable<EnvState> {
    return this.#send({ type: 'getState', env: this.#id }).pipe(
      map((value) => decodeState(value)),
      tap((state) => this.#life.standsAt(state)),
    );
  }

  /** Puts the env into a state that `getState` answered, of this env or of another of the same spec. */
  setState(state: EnvState): Observable<null> {
    return defer(() => this.#send({ type: 'setState', env: this.#id, state: packState(state) })).pipe(
      tap(() => this.#life.standsAt(state)),
      map(() => null),
    );
  }

  /**
   * SHA-256, in hexadecimal, of the env's own state: the same for equal states in every worker and on every machine.
   * Counters and global generators are not in it.
   */
  stateHash(): Observable<string> {
    return this.#send({ type: 'stateHash', env: this.#id }).pipe(map((value) => value as string));
  }

  /** Seeds the env's generator, Python's `random`, and NumPy's where it is imported; begins no episode. */
  seed(seed: number): Observable<null> {
    return defer(() => {
      checkSeed(seed);
      return this.#send({ type: 'seed', env: this.#id, seed });
    }).pipe(
      tap(() => this.#life.note({ kind: 'seed', seed })),
      map(() => null),
    );
  }

  /**
   * Closes the Python env and completes the streams, once; unsubscribing does not take it back. What is sent afterwards
   * errors with `DisposedError`.
   */
  close(): Observable<null> {
    return defer(() => (this.#closing$ ??= this.#close()));
  }

  #close(): Observable<null> {
    const closed$ = new ReplaySubject<null>(1);
    const answer$ = this.#life.isThere ? this.#send({ type: 'close', env: this.#id }) : of(null);
    answer$
      .pipe(
        map(() => null),
        finalize(() => this.#life.end()),
      )
      .subscribe(closed$);
    this.#life.refuse();
    return closed$;
  }

  get #deadlines(): Settings['deadlines'] {
    return this.#host.settings().deadlines;
  }

  #send(body: CommandBody, deadline = this.#deadlines.step, onCrash: CrashPolicy = 'error'): Observable<Value> {
    checkDeadline('deadline', deadline);
    const survives = onCrash === 'resume' ? ({ survives: 'anything' } as const) : {};
    return this.#life.command({ type: body.type, body: () => body, deadline, ...survives });
  }

  #isFrameDue(): boolean {
    this.#sinceReset += 1;
    return this.#frames$.observed && this.#sinceReset % this.#renderEvery === 0;
  }

  /** The frame goes out before the step that it shows, so that who sees the step has seen the picture. */
  #see<T extends AnyStep | Reset>({ result, frame }: Outcome<T>): T {
    this.#life.episodes = result.episode;
    if (frame) this.#frames$.next(frame);
    return result;
  }
}

function checkSeed(seed: number | undefined): void {
  const fits = seed === undefined || (Number.isSafeInteger(seed) && seed >= 0);
  check('seed', seed, 'a whole number from 0', fits);
}
