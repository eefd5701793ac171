import { EMPTY, catchError, concat, defer, forkJoin, map, of, throwError, type Observable } from 'rxjs';
import { ReplayDivergedError, StateError } from '../errors.js';
import type { CommandOf, CommandType } from '../protocol/commands.js';
import type { Value } from '../protocol/values.js';
import type { FileSet } from '../runtime/files.js';
import { filesRequest, installRequest } from '../runtime/interpreter-requests.js';
import type { Host } from '../runtime/host.js';
import { recording, replaying, type Input } from '../runtime/input.js';
import { requestFor, type Lane, type Request } from '../runtime/request.js';
import type { Requests } from '../runtime/requests.js';
import { ReplayDeadlines } from './replay-deadlines.js';
import type { EnvLog } from './env-log.js';
import type { History } from './history.js';
import { recoveryPlan, startPlan, warmUpPlan, type PlanContext, type PlanStep } from './plan.js';

/** How an env is set up, and what it answers then. */
export interface SetUp<Ready> {
  readonly packages: readonly string[];
  readonly files: FileSet;
  /** Answers what the set-up asks; default: the runtime's. */
  readonly input: Input | undefined;
  /**
   * Called for each fresh set-up. The function that it returns makes the `setUp` message, also for later recoveries.
   * `entropy` seeds what the env draws from `os.urandom`, so that a replay draws the same.
   */
  readonly begin: (entropy: string) => () => CommandOf<'setUp'>;
  readonly decode: (value: Value, attempt: number) => Ready;
}

export interface Recovery<Ready> {
  readonly ready: Ready | undefined;
  readonly history: History;
}

/** Sends the plans that set an env up or recover it. */
export class PlanRunner<Ready> {
  readonly #deadlines: ReplayDeadlines;
  /** What was answered when the env was first set up. */
  #answers: readonly string[] = [];
  #message: (() => CommandOf<'setUp'>) | undefined;

  constructor(
    private readonly host: Host,
    private readonly log: EnvLog,
    private readonly id: number,
    private readonly setUp: SetUp<Ready>,
    private readonly isShared: () => boolean,
    /** Called when a set-up's turn comes. */
    private readonly onSetUp: () => void,
  ) {
    this.#deadlines = new ReplayDeadlines(host);
  }

  /** An operation may take so long, and when it is replayed, too. */
  allow(type: CommandType, deadline: number): void {
    this.#deadlines.allow(type, deadline);
  }

  /** What an env says of itself, as its set-up answers it. */
  decode(value: Value): Ready {
    return this.setUp.decode(value, this.host.attempt);
  }

  /** Sets the env up with no history of its own. Errors, too, where its message cannot be made. */
  start(lane: Lane, isNewInterpreter: boolean): Observable<Ready | undefined> {
    return defer(() => {
      this.#message = this.setUp.begin(crypto.getRandomValues(new Uint32Array(4)).join());
      return this.#run(startPlan(this.log.history, this.#context(this.#message(), isNewInterpreter)), lane, true);
    });
  }

  /**
   * Recovers the env to its last acknowledged operation, and emits by what history. `ready`: undefined where no set-up was
   * needed. Where a checkpoint cannot be restored, or leads elsewhere, the whole log is replayed instead.
   */
  recover(history: History, isNewInterpreter: boolean): Observable<Recovery<Ready>> {
    const message = this.#message;
    if (!message) return EMPTY;
    const by = (past: History, isNew: boolean): Observable<Recovery<Ready>> =>
      defer(() => this.#run(recoveryPlan(past, this.#context(message(), isNew)), 'setup', false)).pipe(
        map((ready) => ({ ready, history: past })),
      );
    return by(history, isNewInterpreter).pipe(
      catchError((error: unknown) => {
        const isOfState = error instanceof StateError || error instanceof ReplayDivergedError;
        if (!history.checkpoint || !history.whole || !isOfState) return throwError(() => error);
        this.log.dropCheckpoint();
        // this interpreter has seen what ran before, but its env has not
        return by({ ...history, checkpoint: undefined, beforeCheckpoint: [], since: history.whole }, false);
      }),
    );
  }

  /** Imports in a spare interpreter what the env will want. What fails here fails there again, and is reported then. */
  warmUp(requests: Requests): Observable<unknown> {
    if (!this.#message) return EMPTY;
    const { settings } = this.host;
    const { packages, files } = this.setUp;
    return concat(
      packages.length ? requests.send(installRequest(settings, packages, 'setup')) : EMPTY,
      files.isEmpty ? EMPTY : requests.send(filesRequest(settings, files, 'setup')),
      ...warmUpPlan(this.log.history, this.#context(this.#message(), true)).map(({ body, deadline }) =>
        requests.send(requestFor(settings, body, { deadline, lane: 'setup', input: replaying(this.#answers) })),
      ),
    ).pipe(catchError(() => EMPTY));
  }

  /** All is queued at once, so that whatever is sent next comes after it. */
  #run(plan: readonly PlanStep[], lane: Lane, isFirst: boolean): Observable<Ready | undefined> {
    const { packages, files } = this.setUp;
    const setUpAt = plan.findIndex(({ body }) => body.type === 'setUp');
    const more = { lane, survives: 'a crash' } as const;
    const installed$ = setUpAt >= 0 && packages.length ? this.host.install(packages, more) : of(null);
    const written$ = setUpAt >= 0 && !files.isEmpty ? this.host.writeFiles(files, more) : of(null);
    const answers = plan.map(({ body, order, deadline }, i) => {
      const ofSetUp = i === setUpAt && this.#onSetUp(isFirst);
      const request = { ...more, order, deadline, env: this.id, ...ofSetUp };
      return this.host.command(requestFor(this.host.settings, body, request));
    });
    return forkJoin([installed$, written$, ...answers]).pipe(
      map(([, , ...values]) => {
        const ready = values[setUpAt];
        return ready === undefined ? undefined : this.decode(ready);
      }),
    );
  }

  /** What a first set-up asks is recorded: later ones get the same answers. */
  #onSetUp(isFirst: boolean): Pick<Request, 'input' | 'onStart'> {
    if (!isFirst) return { input: replaying(this.#answers), onStart: this.onSetUp };
    const input = this.setUp.input ?? this.host.settings.input;
    const asked = input && recording(input);
    this.#answers = asked?.answers ?? [];
    return {
      input: asked?.input,
      onStart: () => {
        asked?.clear();
        this.onSetUp();
      },
    };
  }

  #context(setUp: CommandOf<'setUp'>, isNewInterpreter: boolean): PlanContext {
    return {
      env: this.id,
      setUp,
      isNewInterpreter,
      isShared: this.isShared(),
      deadline: this.host.settings.deadlines.run,
      deadlineOf: (kind) => this.#deadlines.of(kind),
    };
  }
}
