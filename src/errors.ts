/** The stages of a boot, in their order. */
export type BootStage = 'spawn' | 'download' | 'boot' | 'packages' | 'env' | 'ready';

/**
 * Every error that rxgym raises is one of the classes below; `instanceof RxgymError` tells them from all others.
 */
export abstract class RxgymError extends Error {
  protected constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** What Python said of an exception. */
export interface PythonErrorFacts {
  /** The exception's class name, for instance `'ValueError'`. */
  readonly type: string;
  /** `str(exception)`. */
  readonly message: string;
  /** The whole traceback as Python prints it. */
  readonly traceback: string;
}

/** The user's Python raised. The interpreter is well and goes on. */
export class PythonError extends RxgymError {
  override readonly name = 'PythonError';
  /** The exception's class name, for instance `'ValueError'`. */
  readonly type: string;
  /** The whole traceback as Python prints it. */
  readonly traceback: string;
  /** The command that raised, for instance `'step'`. */
  readonly command: string;

  constructor(command: string, facts: PythonErrorFacts) {
    super(`${facts.type} in ${command}: ${facts.message} (see .traceback for the Python lines)`);
    this.command = command;
    this.type = facts.type;
    this.traceback = facts.traceback;
  }
}

/** A command ran longer than its deadline. */
export class DeadlineError extends RxgymError {
  override readonly name = 'DeadlineError';
  constructor(
    /** The command that ran too long. */
    readonly command: string,
    /** The deadline, in ms, counted from the command's start in the worker. */
    readonly deadline: number,
    /** How long the command had run when it was given up, in ms. */
    readonly elapsed: number,
    /** What was done about it: Python was interrupted and goes on, or its worker was replaced. */
    readonly outcome: 'interrupted' | 'replaced',
  ) {
    super(
      `${command} ran ${Math.round(elapsed)} ms, its deadline is ${deadline} ms; ` +
        (outcome === 'replaced' ? 'its worker was replaced' : 'Python was interrupted') +
        ', and a step counts as if it had not been. Make the Python faster, or raise the deadline.',
    );
  }
}

/** Why an interpreter can no longer be used. */
export interface CrashCause {
  readonly kind:
    | 'fatal' // a wasm error after which Pyodide refuses to go on
    | 'exit' // os._exit
    | 'memory' // the wasm heap is full, and never shrinks
    | 'stack' // calls nested deeper than the wasm stack
    | 'worker-error' // an error that the worker did not catch
    | 'closed' // the worker ended, by itself or from outside
    | 'deadline' // a command that did not end in time
    | 'cancelled' // a command that was unsubscribed and did not end
    | 'protocol' // an answer that does not decode
    | 'boot'; // the interpreter did not come up again
  readonly message: string;
}

/** The interpreter died. What was pending ends with this error; the runtime restarts within `restart.limit`. */
export class CrashError extends RxgymError {
  override readonly name = 'CrashError';
  override readonly cause: CrashCause;
  constructor(
    cause: CrashCause,
    /** What ran when it died: a command's name, or `'idle'`. */
    readonly phase: string,
    /** Which of the runtime's interpreters it was, from 1. */
    readonly attempt: number,
  ) {
    super(
      `the Python worker died during ${phase} (${cause.kind}: ${cause.message}). ` +
        'Another takes over, and recovers the envs to their last acknowledged step: send again what you want done. ' +
        "Where restart.limit was reached, status$ says 'failed', and runtime.boot() tries again.",
    );
    this.cause = cause;
  }
}

/** The interpreter did not come up. */
export class BootError extends RxgymError {
  override readonly name = 'BootError';
  constructor(
    /** How far the boot had come. */
    readonly stage: BootStage,
    /** What was being loaded. */
    readonly url: string,
    /** What went wrong, and what to check. */
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`Python did not boot (stage ${stage}, ${url}): ${problem}`, options);
  }
}

/** A file of an env (`spec.files`) could not be had. The set-up ends with it; the next command tries again. */
export class FileError extends RxgymError {
  override readonly name = 'FileError';
  constructor(
    /** Where it was to lie, for instance `'levels/one.txt'`. */
    readonly path: string,
    /** Its address; null where it has none. */
    readonly url: string | null,
    /** The HTTP status of the server's answer; null where none came. */
    readonly status: number | null,
    /** What went wrong. */
    problem: string,
  ) {
    const place = url === null ? '' : ` (${url})`;
    super(
      `the file ${path}${place} could not be had: ${problem}; check \`files\`, whose addresses are relative to the page`,
    );
  }
}

/**
 * A recovery replayed what the env had done, and a result differed: the env draws on more than its state and its seeds
 * (the clock, a network, a module's globals). It is set up afresh.
 */
export class ReplayDivergedError extends RxgymError {
  override readonly name = 'ReplayDivergedError';
  constructor(
    /** Which of the logged operations had another result, from 0. */
    readonly at: number,
    /** What differed. */
    problem: string,
  ) {
    super(
      `the replay differs at operation ${at}: ${problem}. The env is not deterministic, so it was set up afresh: ` +
        'reset it and go on. Give it get_state() and set_state(state) that hold all that it depends on',
    );
  }
}

/** The env's state cannot be captured, or cannot be restored. */
export class StateError extends RxgymError {
  override readonly name = 'StateError';
  constructor(
    /** The command, for instance `'getState'`. */
    readonly command: string,
    /** Why, and what to do. */
    problem: string,
  ) {
    super(problem);
  }
}

/** A command of a pool's env failed in some of its members. In the others it was done. */
export class PoolError extends RxgymError {
  override readonly name = 'PoolError';
  constructor(
    /** The first member that has an error, from 0. */
    readonly member: number,
    /** Its error. */
    override readonly cause: Error,
    /** Each member's error; undefined where the command was done. */
    readonly errors: readonly (Error | undefined)[],
    /** The command's result, by member; undefined where it failed. */
    readonly results: readonly unknown[],
  ) {
    super(
      `member ${member} of ${errors.length}: ${cause.message} (The command was done in each member that has no error, ` +
        'see .results. Send it again to the others by members[i], or reset them all.)',
    );
  }
}

/** A file of an image could not be loaded. */
export class ImageError extends RxgymError {
  override readonly name = 'ImageError';
  constructor(
    /** For which image it is, by its name among the assets. */
    readonly image: string,
    /** The file's address. */
    readonly url: string,
    /** Nothing came, an HTTP status that is none of success, no JSON, JSON that is no atlas, or no image. */
    readonly reason: 'network' | 'status' | 'json' | 'atlas' | 'decode',
    /** What happened, and what to check. */
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`image '${image}' was not loaded (${url}): ${problem}`, options);
  }
}

/** What became of records: `reason` of a {@link RecordError}. */
export type RecordTrouble =
  | 'unavailable' // there is no IndexedDB, or it does not open (private windows of some browsers, storage switched off)
  | 'full' // the browser gives no more room
  | 'storage' // the browser's storage failed otherwise
  | 'slow' // storage is slower than the game; nothing is lost yet
  | 'lost' // more waited for storage than `limit`; what came then is not kept
  | 'session' // another tab or recorder writes into the same session
  | 'data' // a record held what is no data, and was kept without it
  | 'refused' // a server refused a batch for good
  | 'unreachable'; // a batch was not acknowledged yet

/** Something went wrong with the records of a study. Told as a problem where the game can go on. */
export class RecordError extends RxgymError {
  override readonly name = 'RecordError';
  constructor(
    readonly reason: RecordTrouble,
    /** The study's name. */
    readonly study: string,
    /** The session, where it is one session's. */
    readonly session: string | null,
    /** How many records are concerned: those that wait, were lost or refused; 0 where that is not known. */
    readonly count: number,
    /** What happened, and what to do. */
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(`records of study '${study}': ${problem}`, options);
  }
}

/** Why a recording cannot be verified: `reason` of a {@link VerifyError}. */
export type VerifyTrouble =
  | 'no-env' // nothing says how the env was made: it was recorded without `env`
  | 'no-digest' // nothing says what a step came to
  | 'no-reset' // it is not known how a round began, as after `setState`
  | 'no-seed' // a reset had no seed, and what was before it is not all there
  | 'gap' // steps are missing
  | 'lost' // records were lost when they were made
  | 'order' // the records are not in their order
  | 'format'; // another version of rxgym made them

/** A recording lacks what a replay needs. */
export class VerifyError extends RxgymError {
  override readonly name = 'VerifyError';
  constructor(
    readonly reason: VerifyTrouble,
    readonly session: string,
    /** The `seq` of the record that could not be played. */
    readonly seq: number,
    /** What is missing, and what to do. */
    readonly problem: string,
  ) {
    super(`session '${session}' cannot be verified at record ${seq}: ${problem}`);
  }
}

/** What became of a game that is persisted: `reason` of a {@link PersistError}. */
export type PersistTrouble =
  | 'unavailable' // there is no IndexedDB, or it does not open: the game goes on, and a reload begins it anew
  | 'full' // the browser gives no more room; tried again
  | 'storage' // the browser's storage failed otherwise; tried again
  | 'tab' // another tab plays the game; this one's is not persisted
  | 'changed' // what was stored is of another env, version or format: it was forgotten, and the game begins anew
  | 'state' // the env's state cannot be had, and its operations cannot be replayed: a reload begins the round anew
  | 'replay' // what was stored did not bring the env back: the round begins anew
  | 'policy'; // a policy's state could not be taken or set

/** Something went wrong with a game that is persisted. Told as a problem: the game goes on. */
export class PersistError extends RxgymError {
  override readonly name = 'PersistError';
  constructor(
    readonly reason: PersistTrouble,
    /** The game's key. */
    readonly key: string,
    /** What happened, and what to do. */
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(`game '${key}': ${problem}`, options);
  }
}

/** More was asked for than a bounded queue holds. */
export class QueueOverflowError extends RxgymError {
  override readonly name = 'QueueOverflowError';
  constructor(
    /** Which queue. */
    readonly queue: string,
    /** How many may wait in it. */
    readonly limit: number,
  ) {
    super(
      `${queue} holds ${limit} already; wait for answers before you send more, raise the limit, or choose another busy policy`,
    );
  }
}

/** A message that is not of the protocol: page and worker are of different versions, or something wrote on the port. */
export class ProtocolError extends RxgymError {
  override readonly name = 'ProtocolError';
  constructor(
    /** What a message of that place looks like. */
    readonly expected: string,
    /** What arrived. */
    readonly got: string,
  ) {
    super(`expected ${expected}, got ${got}; check that page and worker are of the same version of rxgym`);
  }
}

/** An option or argument that cannot be right. */
export class UsageError extends RxgymError {
  override readonly name = 'UsageError';
  constructor(
    /** The option or argument, for instance `'restart.limit'`. */
    readonly option: string,
    /** What it takes. */
    readonly expected: string,
    /** What was given, shortened. */
    readonly got: string,
  ) {
    super(`${option}: expected ${expected}, got ${got}`);
  }
}

/** The runtime or env was disposed of; create a new one. */
export class DisposedError extends RxgymError {
  override readonly name = 'DisposedError';
  constructor(/** What was disposed of. */ readonly what: string) {
    super(`${what} was disposed of; create a new one`);
  }
}
