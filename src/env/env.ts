import {
  EMPTY,
  ReplaySubject,
  Subject,
  concat,
  defer,
  finalize,
  map,
  mergeMap,
  of,
  repeat,
  takeUntil,
  tap,
  throwError,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { check, checkOptions, checkValue, longestTimer } from '../check.js';
import { PythonError, StateError } from '../errors.js';
import type { CommandBody, Deed } from '../protocol/messages.js';
import { nothing, pack, packedList, type Packed } from '../protocol/pack.js';
import type { Value } from '../protocol/values.js';
import type { Settings } from '../runtime/options.js';
import type { Progress } from '../runtime/progress.js';
import type { CommandTimes, Request } from '../runtime/requests.js';
import type { EnvHost } from '../runtime/runtime.js';
import { resetRules, seedRule, stepRules } from './command-rules.js';
import { decodeFrame, decodeReset, decodeStep, decodeSteps, type Outcome } from './decode.js';
import { lend } from './frames.js';
import { EnvLife } from './life.js';
import { decodeRollout, firstPace, rollout, type Rollout, type RolloutOptions } from './rollout.js';
import type { EnvReady } from './spaces.js';
import { checkSpec, imageOf, type EnvSpec } from './spec.js';
import { decodeState, packState, type EnvState } from './state.js';
import type { Action, AnyStep, CrashPolicy, Frame, Reset, ResetOptions, Step, StepOptions } from './step.js';
import { timingsOf, type StepTimings } from './timings.js';

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
  /** Where each step's time went. Only observes; while nobody does, nothing is measured. */
  readonly timings$: Observable<StepTimings>;

  readonly #host: EnvHost;
  readonly #id: number;
  readonly #life: EnvLife;
  readonly #rendering: { readonly every: number; readonly pause: number; readonly inFlight: number };
  readonly #steps$ = new Subject<S>();
  readonly #frames$ = new Subject<Frame>();
  readonly #timings$ = new Subject<StepTimings>();
  readonly #pace = firstPace();
  #sinceReset = 0;
  #renderedAt = -Infinity;
  /** How many watch `frames$`, and how many frames they hold. */
  #watchers = 0;
  #held = 0;
  /** How long those who watch took for frames since the latest timings, in ms; null where there was none. */
  #paint: number | null = null;
  /** How many actions `stepWith` has dropped since the latest step. */
  #drops = 0;
  #closing$: Observable<null> | undefined;

  /** @internal Made by `runtime.env(spec)`. */
  constructor(host: EnvHost, id: number, spec: EnvSpec) {
    checkSpec(spec);
    host.foresee(imageOf(spec), spec.packages ?? []);
    this.#host = host;
    this.#id = id;
    this.#life = new EnvLife(host, id, spec);
    const { every = 1, fps = Infinity } = spec.render ?? {};
    this.#rendering = { every, pause: 1000 / fps, inFlight: spec.frames?.inFlight ?? 2 };
    const { progress$, ready$, ended$ } = this.#life;
    this.progress$ = progress$;
    this.ready$ = ready$;
    this.steps$ = this.#steps$.pipe(takeUntil(ended$));
    this.frames$ = defer(() => {
      this.#watchers += 1;
      return this.#frames$.pipe(finalize(() => (this.#watchers -= 1)));
    });
    this.timings$ = this.#timings$.asObservable();
    ended$
      .pipe(
        finalize(() => {
          this.#steps$.complete();
          this.#frames$.complete();
          this.#timings$.complete();
        }),
      )
      .subscribe();
  }

  /** Begins an episode. `seed` 0 is a seed; `options` goes to the env as it is. */
  reset(given: ResetOptions = {}): Observable<Reset> {
    return defer(() => {
      checkOptions('', given, resetRules);
      const { seed, options, deadline, onCrash } = given;
      this.#sinceReset = 0;
      const data = pack({ seed, options }, 'options');
      const body = { type: 'reset', env: this.#id, options: data, render: this.#watchers > 0 } as const;
      return this.#send(body, deadline ?? this.#deadlines.reset, onCrash).pipe(
        this.#done({ kind: 'reset', data }, decodeReset, (outcome) => this.#see(outcome)),
      );
    });
  }

  /** Takes one step. An env that was never reset is reset first, without a seed. */
  step(action: Action, options: StepOptions = {}): Observable<S> {
    return defer(() => {
      checkOptions('', options, stepRules);
      const { deadline, onCrash } = options;
      const data = pack(action, 'action');
      const timer = this.#timer();
      const body = { type: 'step', env: this.#id, action: data, render: this.#isFrameDue(), timed: !!timer } as const;
      return this.#send(body, deadline ?? this.#deadlines.step, onCrash, timer?.onTimes).pipe(
        this.#done({ kind: 'step', data }, decodeStep, (outcome) => {
          const step = this.#see(outcome) as S;
          this.#steps$.next(step);
          timer?.tell([step]);
          return step;
        }),
      );
    });
  }

  /**
   * Takes steps in one message, which costs less than one message a step, and emits them in their order. The worker
   * stops at a step that ends an episode; the actions after it go in the next message, if anybody still listens. One
   * picture is rendered a message, of its last step. A step that raises ends it, behind the steps before.
   * `deadline` is each step's share: a message may run that long for each of its steps.
   */
  stepMany(actions: readonly Action[], options: StepOptions = {}): Observable<S> {
    return defer(() => {
      check('actions', actions, 'an array of actions', Array.isArray(actions));
      checkOptions('', options, stepRules);
      if (!actions.length) return EMPTY;
      // now, whatever becomes of the array until the last message is sent
      const each = actions.map((action) => pack(action, 'action'));
      let taken = 0;
      const message$ = defer(() => {
        const left = each.slice(taken);
        const all = packedList(left);
        const render = this.#isFrameDue(left.length);
        const deadline = (options.deadline ?? this.#deadlines.step) * left.length;
        const timer = this.#timer();
        const body = { type: 'stepMany', env: this.#id, actions: all, render, timed: !!timer } as const;
        return this.#send(body, Math.min(deadline, longestTimer), options.onCrash, timer?.onTimes).pipe(
          mergeMap((value) => {
            const { outcomes, raised } = decodeSteps(value);
            const data = (i: number): Packed => left[i] ?? nothing;
            outcomes.forEach(({ digest }, i) => {
              this.#life.note({ kind: 'step', data: data(i), came: digest });
            });
            if (raised) this.#life.note({ kind: 'step', data: data(outcomes.length), came: raised.type });
            const steps = outcomes.map((outcome) => this.#see(outcome) as S);
            taken += steps.length;
            this.#sinceReset = Math.max(0, this.#sinceReset - left.length + steps.length);
            for (const step of steps) this.#steps$.next(step);
            timer?.tell(steps);
            return concat(steps, raised ? throwError(() => new PythonError('step', raised)) : EMPTY);
          }),
        );
      });
      return message$.pipe(repeat({ delay: () => (taken < each.length ? of(true) : EMPTY) }));
    });
  }

  /**
   * Takes many steps in the worker and emits them in columns, chunk by chunk, with `from`, `count` and `total` as its
   * progress; an episode that is over is followed by the next. Single-agent envs only. `steps$` and `frames$` do not
   * emit. Unsubscribing ends it before the chunk that is under way. What raises in a chunk ends the rollout with a
   * `PythonError`; the env then stands where it raised.
   */
  rollout(options: RolloutOptions): Observable<Rollout> {
    return rollout(
      options,
      (data) => {
        const { deadline = this.#deadlines.run, onCrash } = options;
        return this.#send({ type: 'rollout', env: this.#id, options: data }, deadline, onCrash).pipe(
          this.#done({ kind: 'rollout', data }, decodeRollout, ({ chunk }) => {
            this.#life.episodes = chunk.episode;
            return chunk;
          }),
        );
      },
      this.#pace,
    );
  }

  /** Renders now, whether or not `frames$` is watched; null where the env shows nothing. */
  render(): Observable<Frame | null> {
    return defer(() => this.#send({ type: 'render', env: this.#id })).pipe(
      map((value) => decodeFrame(value)),
      tap((frame) => {
        // whoever asked for it has it, too
        if (frame) this.#show(frame, this.#watchers + 1);
      }),
    );
  }

  /**
   * The env's state, by its own `get_state()` (also of what it wraps) or else pickled, with the counters and the states
   * of Python's and NumPy's global generators. Errors with a `StateError` that names why it cannot be had.
   */
  getState(): Observable<EnvState> {
    return defer(() => this.#send({ type: 'getState', env: this.#id })).pipe(
      map((value) => decodeState(value)),
      tap((state) => this.#life.standsAt(state)),
    );
  }

  /** Puts the env into a state that `getState` answered, of this env or of another of the same spec. */
  setState(state: EnvState): Observable<null> {
    return defer(() => {
      const data = packState(state);
      return this.#send({ type: 'setState', env: this.#id, state: data, main: false }).pipe(
        tap({
          next: () => {
            this.#life.note({ kind: 'setState', data, came: null });
            // with `__main__` as it is now
            this.#life.keep();
          },
          // it may have been put there by half
          error: (error: unknown) => {
            if (error instanceof StateError) this.#life.keep();
          },
        }),
        map(() => null),
      );
    });
  }

  /**
   * SHA-256, in hexadecimal, of the env's own state: the same for equal states in every worker and on every machine.
   * Counters and global generators are not in it.
   */
  stateHash(): Observable<string> {
    return defer(() => this.#send({ type: 'stateHash', env: this.#id })).pipe(map((value) => value as string));
  }

  /**
   * Seeds the env's generator, Python's `random`, NumPy's where it is imported, and what the env gets for the system's
   * entropy; begins no episode.
   */
  seed(seed: number): Observable<null> {
    return defer(() => {
      checkValue('seed', seed, seedRule);
      return this.#send({ type: 'seed', env: this.#id, seed }).pipe(
        this.#done(
          { kind: 'seed', seed },
          () => ({ digest: null }),
          () => null,
        ),
      );
    });
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

  /** At once, hence only when its command is subscribed. */
  #send(
    body: CommandBody,
    deadline = this.#deadlines.step,
    onCrash: CrashPolicy = 'error',
    onTimes?: Request['onTimes'],
  ): Observable<Value> {
    const survives = onCrash === 'resume' ? ({ survives: 'anything' } as const) : {};
    return this.#life.command({
      type: body.type,
      body: () => body,
      deadline,
      ...survives,
      ...(onTimes && { onTimes }),
    });
  }

  /** @internal For `stepWith`: so many actions were dropped before the next step. */
  countDrops(count: number): void {
    this.#drops += count;
  }

  /** Of a command, where somebody wants to know. */
  #timer() {
    const drops = this.#drops;
    this.#drops = 0;
    if (!this.#timings$.observed) {
      this.#paint = null;
      return undefined;
    }
    let times: CommandTimes | undefined;
    return {
      onTimes: (measured: CommandTimes) => (times = measured),
      /** The drops were before the first, the frame is of the last. */
      tell: (steps: readonly S[]) => {
        const share = 1 / steps.length;
        for (const [i, step] of steps.entries()) {
          const paint = i === steps.length - 1 ? this.#paint : null;
          if (paint !== null) this.#paint = null;
          if (times) this.#timings$.next(timingsOf(step, times, { paint, drops: i ? 0 : drops, share }));
        }
      },
    };
  }

  /** Decodes what came, and notes what is done with what a replay has to come to: a digest, or the type of what was raised. */
  #done<T extends { readonly digest: number | null }, R>(
    deed: Deed,
    decode: (value: Value) => T,
    result: (outcome: T) => R,
  ): OperatorFunction<Value, R> {
    // two operators, not one for each thing to do: a step is taken thousands of times a second
    return (value$) =>
      value$.pipe(
        tap({
          // what it did before it raised stays
          error: (error: unknown) => {
            const isIts = error instanceof PythonError && error.command === deed.kind;
            if (isIts) this.#life.note({ ...deed, came: error.type });
          },
        }),
        map((value) => {
          const outcome = decode(value);
          this.#life.note({ ...deed, came: outcome.digest });
          return result(outcome);
        }),
      );
  }

  /** Whether one of the steps that come is to be seen. */
  #isFrameDue(steps = 1): boolean {
    const { every, pause, inFlight } = this.#rendering;
    const sinceFrame = this.#sinceReset % every;
    this.#sinceReset += steps;
    if (this.#watchers === 0 || sinceFrame + steps < every || this.#held >= inFlight) return false;
    if (pause === 0) return true;
    const now = performance.now();
    const since = now - this.#renderedAt;
    // ticks come a little early and a little late: a tenth of a pause is near enough
    if (since < 0.9 * pause) return false;
    // in step with the one before, unless there was a break
    this.#renderedAt = since < 2 * pause ? this.#renderedAt + pause : now;
    return true;
  }

  /** The frame goes out before the step that it shows, so that who sees the step has seen the picture. */
  #see<T extends AnyStep | Reset>({ result, frame }: Outcome<T>): T {
    this.#life.episodes = result.episode;
    if (frame) this.#show(frame, this.#watchers);
    return result;
  }

  #show(frame: Frame, watchers: number): void {
    const painted = this.#paint ?? 0;
    const begun = performance.now();
    lend(frame, {
      watchers,
      onHold: () => (this.#held += 1),
      onFree: (ms) => {
        this.#held -= 1;
        this.#paint = (this.#paint ?? 0) + ms;
      },
      onEnd: () => {
        if (frame.kind === 'pixels') this.#host.reuse(frame.data.buffer as ArrayBuffer);
      },
    });
    this.#frames$.next(frame);
    // what was painted at once is in this
    this.#paint = painted + performance.now() - begun;
  }
}
