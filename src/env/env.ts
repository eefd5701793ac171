import {
  EMPTY,
  ReplaySubject,
  Subject,
  defer,
  finalize,
  map,
  merge,
  of,
  take,
  takeUntil,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import { check, checkOptions, checkValue, longestTimer } from '../check.js';
import { DisposedError } from '../errors.js';
import { pack, type Packed } from '../protocol/pack.js';
import type { EnvCommand } from '../recovery/env-command.js';
import type { EnvState } from '../recovery/env-state.js';
import type { Lifecycle } from '../recovery/lifecycle.js';
import type { RecoverableHost } from '../recovery/recoverable-host.js';
import { withAddresses } from '../runtime/address.js';
import type { Input } from '../runtime/input.js';
import type { Host } from '../runtime/host.js';
import type { Progress } from '../runtime/progress.js';
import { resetRules, seedRule, stepRules } from './command-rules.js';
import { decodeReady, type Outcome } from './decode.js';
import {
  closeCommand,
  getStateCommand,
  renderCommand,
  resetCommand,
  rolloutCommand,
  seedCommand,
  setStateCommand,
  stateHashCommand,
  stepCommand,
  stepManyCommand,
} from './env-commands.js';
import { FrameStream, type Shown } from './frame-stream.js';
import { ProblemStream, type Problem } from './problem-stream.js';
import type { Begun, Provenance } from './provenance.js';
import { firstPace, rollout, type RolloutOf, type RolloutOptions } from './rollout.js';
import type { EnvReady } from './spaces.js';
import { checkSpec, filesOf, expectedOf, imageOf, setUpMessage, type EnvSpec } from './spec.js';
import { stepMany } from './step-many.js';
import { StepTimer, type Measurement } from './step-timer.js';
import type { Action, AnyStep, Frame, Reset, ResetOptions, Step, StepOptions } from './step.js';
import type { StepTimings } from './timings.js';

/**
 * One Gymnasium or PettingZoo env in a runtime. It is set up by its first command, or by subscribing `ready$`
 * or `progress$`, and recovered to its last acknowledged operation after a restart.
 *
 * Commands are cold observables of one value, as the runtime's. Give `S` as `ParallelStep` for a PettingZoo parallel
 * env, as `TurnStep` for a turn-based (AEC) one, and as `VectorStep` for a Gymnasium vector env.
 */
export class GymEnv<S extends AnyStep = Step> {
  /** The way to readiness, the runtime's boot included. Subscribing sets the env up. Replays the latest. */
  readonly progress$: Observable<Progress>;
  /**
   * Emits each time the env is set up or recovered, before a reset that changed its spaces answers, and at once to a late
   * subscriber. Subscribing sets the env up. Errors when the set-up does; the next subscriber or command tries again.
   */
  readonly ready$: Observable<EnvReady>;
  /** Every acknowledged step of `step` and `stepMany`, in order; none of `rollout`. Only observes. */
  readonly steps$: Observable<S>;
  /** What there is to see after each reset and step. Only observes; while nobody does, nothing is rendered. */
  readonly frames$: Observable<Frame>;
  /** Where each step's time went. Only observes; while nobody does, nothing is measured. */
  readonly timings$: Observable<StepTimings>;
  /** How it was made and how its episode began: what another needs to come to the same. Null before its first set-up. */
  readonly provenance: Provenance | null = null;
  /** What went wrong and ended nothing, each once an episode. While nobody subscribes, `console.warn` says each once. */
  readonly problems$: Observable<Problem>;

  /** @internal What it is made from. */
  readonly spec: EnvSpec;

  readonly #host: Pick<Host, 'settings' | 'boot'>;
  readonly #lifecycle: Lifecycle<EnvReady>;
  readonly #id: number;
  readonly #frames: FrameStream;
  readonly #input: Input | undefined;
  readonly #timer: StepTimer;
  readonly #steps$ = new Subject<S>();
  readonly #pace = firstPace();
  /** How many episodes there were, in all interpreters, so that an episode's number never comes twice. */
  #episodes = 0;
  #latest: Reset | S | null = null;
  #closing$: Observable<null> | undefined;

  /** @internal Made by `runtime.env(spec)`. */
  constructor(recovery: RecoverableHost, spec: EnvSpec) {
    checkSpec(spec);
    this.spec = spec;
    const { host } = recovery;
    const packages = withAddresses(spec.packages ?? []);
    const files = filesOf(spec);
    host.expect(imageOf(spec), packages, expectedOf(spec));
    this.#host = host;
    this.#lifecycle = recovery.env(
      (id) => ({
        packages,
        files,
        input: spec.input,
        begin: (drawn) => {
          this.#latest = null;
          const made = { spec, episodes: this.#episodes, entropy: spec.entropy ?? drawn, runtime: host };
          (this as { provenance: unknown }).provenance = made;
          return () => setUpMessage(id, spec, made);
        },
        decode: decodeReady,
      }),
      spec.recovery,
    );
    this.#id = this.#lifecycle.id;
    this.#input = spec.input;
    this.#frames = new FrameStream(spec.render, spec.frames, (buffer) => {
      host.recycle(buffer);
    });
    this.#timer = new StepTimer(() => this.#frames.takePaintMs());
    const { progress$, ready$, problems$, ended$ } = this.#lifecycle;
    this.progress$ = progress$;
    this.ready$ = ready$;
    this.steps$ = this.#steps$.pipe(takeUntil(ended$));
    this.frames$ = this.#frames.frames$;
    this.timings$ = this.#timer.timings$;
    this.problems$ = new ProblemStream(merge(host.ofEnvs$, problems$), this.#id, ended$).problems$;
    const complete = (): void => {
      for (const each of [this.#steps$, this.#frames, this.#timer]) each.complete();
    };
    ended$.pipe(finalize(complete)).subscribe();
  }

  /**
   * What the env said last: its latest step, or its reset where none was taken since. Null where that is not known: before
   * the first reset, after a rollout, after a `setState` of a state that has none, and when it was set up afresh.
   */
  get latest(): Reset | S | null {
    return this.#latest;
  }

  /** Boots its runtime, also one that has failed, and sets the env up. Emits once. Errors when the one or the other does. */
  boot(): Observable<EnvReady> {
    return defer(() => {
      this.#host.boot();
      return this.ready$.pipe(take(1));
    });
  }

  /** Begins an episode. `seed` 0 is a seed; `options` goes to the env as it is. */
  reset(given: ResetOptions = {}): Observable<Reset> {
    return defer(() => {
      checkOptions('', given, resetRules);
      const { seed, options, ...more } = given;
      this.#frames.onReset();
      const command = resetCommand(this.#id, pack({ seed, options }, 'options'), this.#frames.isWatched);
      return this.#send(command, more).pipe(
        map((outcome) => {
          const before = this.#latest ?? this.provenance?.begun;
          const reset = this.#see(outcome);
          this.#begin({ reset, seed, options, before });
          return reset;
        }),
      );
    });
  }

  /**
   * Takes one step. An env that was never reset is reset first, without a seed. A parallel env takes the actions by agent,
   * as an object or a Map, or as an array where its own are a list; a turn-based one takes the action of `agent`.
   */
  step(action: Action, options: StepOptions = {}): Observable<S> {
    return defer(() => {
      checkOptions('', options, stepRules);
      const data = pack(action, 'action');
      const measurement = this.#timer.start();
      const wanted = { render: this.#frames.isDue(), timed: !!measurement };
      return this.#send(stepCommand(this.#id, data, wanted), options, measurement).pipe(
        map((outcome) => {
          const step = this.#seeStep(outcome, action);
          this.#steps$.next(step);
          measurement?.tell([step]);
          return step;
        }),
      );
    });
  }

  /**
   * Takes steps in one message, which costs less than one message a step, and emits them in their order. One frame is
   * rendered, of the last step. A step that raises ends it, behind the steps before; so does one past the end of the episode.
   * `deadline` is each step's share: a message may run that long for each of its steps.
   */
  stepMany(actions: readonly Action[], options: StepOptions = {}): Observable<S> {
    return defer(() => {
      check('actions', actions, 'an array of actions', Array.isArray(actions));
      checkOptions('', options, stepRules);
      if (!actions.length) return EMPTY;
      const share = options.deadline ?? this.#host.settings.deadlines.step;
      // now, whatever becomes of the array until the last message is sent
      const given = [...actions];
      const packed = given.map((action) => pack(action, 'action'));
      return stepMany(packed, (left) => {
        const measurement = this.#timer.start();
        const wanted = { render: this.#frames.isDue(left.length), timed: !!measurement };
        const ofMessage = { ...options, deadline: Math.min(share * left.length, longestTimer) };
        return this.#send(stepManyCommand(this.#id, left, wanted), ofMessage, measurement).pipe(
          tap(({ outcomes }) => {
            const from = given.length - left.length;
            const steps = outcomes.map((outcome, i) => this.#seeStep(outcome, given[from + i]));
            this.#frames.notTaken(left.length - steps.length);
            for (const step of steps) this.#steps$.next(step);
            measurement?.tell(steps);
          }),
        );
      }) as Observable<S>;
    });
  }

  /**
   * Takes many steps in the worker and emits them in columns, chunk by chunk, with `from`, `count` and `total` as its
   * progress; an episode that is over is followed by the next. Of a parallel or turn-based env the columns are by agent.
   * Vector envs have none. `steps$` and `frames$` do not emit. Unsubscribing ends it before the chunk that is under way.
   * What raises in a chunk ends the rollout with a
   * `PythonError`; the env then stands where it raised.
   */
  rollout(options: RolloutOptions): Observable<RolloutOf<S>> {
    const chunk = (packed: Packed) =>
      this.#send(rolloutCommand(this.#id, packed), options).pipe(
        map(({ chunk }) => {
          this.#episodes = chunk.episode;
          this.#frames.onEpisode(chunk.episode);
          this.#latest = null;
          this.#begin(null);
          return chunk;
        }),
      );
    return rollout(options, chunk, this.#pace) as Observable<RolloutOf<S>>;
  }

  /**
   * Renders now, whether or not `frames$` is watched; null where the env shows nothing. Errors with a `PythonError` that
   * says why a picture cannot be had, and what to do.
   */
  render(): Observable<Frame | null> {
    return defer(() => this.#send(renderCommand(this.#id))).pipe(
      // whoever asked for it has it, too
      map((frame) => frame && this.#frames.show(frame, 1)),
    );
  }

  /**
   * The env's state, by its own `get_state()` (also of what it wraps) or else pickled, with the counters and the states
   * of Python's and NumPy's global generators. Errors with a `StateError` that names why it cannot be had.
   */
  getState(): Observable<EnvState> {
    return defer(() => this.#send(getStateCommand(this.#id))).pipe(
      map((state) => ({ ...state, latest: this.#latest, shown: this.#frames.shown })),
    );
  }

  /** Puts the env into a state that `getState` emitted, of this env or of another of the same spec. */
  setState(state: EnvState): Observable<null> {
    return defer(() => this.#send(setStateCommand(this.#id, state))).pipe(
      tap(() => {
        this.#latest = (state.latest ?? null) as Reset | S | null;
        this.#frames.shown = (state.shown as Shown | undefined) ?? { episode: NaN, objects: [] };
        this.#begin(null);
      }),
    );
  }

  /**
   * SHA-256, in hexadecimal, of the env's own state: the same for equal states in every worker and on every machine.
   * Counters and global generators are not in it.
   */
  stateHash(): Observable<string> {
    return defer(() => this.#send(stateHashCommand(this.#id)));
  }

  /**
   * Seeds the env's generator, Python's `random`, NumPy's where it is imported, and what the env gets for the system's
   * entropy; begins no episode.
   */
  seed(seed: number): Observable<null> {
    return defer(() => {
      checkValue('seed', seed, seedRule);
      return this.#send(seedCommand(this.#id, seed));
    });
  }

  /**
   * Closes the Python env and completes the streams, once; unsubscribing does not take it back. What is sent afterwards
   * errors with `DisposedError`.
   */
  close(): Observable<null> {
    return defer(() => (this.#closing$ ??= this.#close()));
  }

  /** @internal So many actions were dropped before the next step: `timings$` says so. */
  countDrops(count: number): void {
    this.#timer.countDrops(count);
  }

  #begin(begun: Begun | null): void {
    (this as { provenance: unknown }).provenance = { ...this.provenance, begun };
  }

  #close(): Observable<null> {
    const closed$ = new ReplaySubject<null>(1);
    const answer$ = this.#lifecycle.isThere ? this.#send(closeCommand(this.#id)) : of(null);
    answer$
      .pipe(
        finalize(() => {
          this.#lifecycle.close();
        }),
      )
      .subscribe(closed$);
    return closed$;
  }

  /** Begins the set-up at the call, so it is called only in a `defer`. */
  #send<T>(
    command: EnvCommand<T>,
    { deadline, onCrash }: StepOptions = {},
    measurement?: Pick<Measurement, 'onTimes'>,
  ): Observable<T> {
    if (this.#closing$) return throwError(() => new DisposedError('the env'));
    return this.#lifecycle.command(command, {
      ...(deadline !== undefined && { deadline }),
      ...(onCrash === 'resume' && { survives: 'anything' }),
      ...(measurement && { onTimes: measurement.onTimes }),
      ...(this.#input && { input: this.#input }),
    });
  }

  /** The frame is emitted before the step that it shows: who sees the step has seen the frame. */
  #see<T extends AnyStep | Reset>({ result, frame }: Outcome<T>): T {
    this.#episodes = result.episode;
    this.#latest = result;
    this.#frames.onEpisode(result.episode);
    if (frame) this.#frames.show(frame);
    return result;
  }

  #seeStep(outcome: Outcome<AnyStep>, action: Action): S {
    (outcome.result as { action: Action }).action = action;
    return this.#see(outcome) as S;
  }
}
