import { ProtocolError, type BootStage } from '../src/errors.js';
import type { Death, RemoteError } from '../src/protocol/messages.js';

/** Thrown in the worker to fail a command: the page gets `remote` as it is. */
export class RemoteFailure extends Error {
  constructor(readonly remote: RemoteError) {
    super(remote.kind);
  }
}

export function bootFailure(stage: BootStage, url: string, message: string): RemoteFailure {
  return new RemoteFailure({ kind: 'boot', stage, url, message });
}

export function crashFailure(cause: Death, message: string): RemoteFailure {
  return new RemoteFailure({ kind: 'crash', cause, message });
}

/** What the page gets for an error that failed a command. */
export function remoteErrorOf(error: unknown): RemoteError {
  if (error instanceof RemoteFailure) return error.remote;
  if (error instanceof ProtocolError) return { kind: 'protocol', expected: error.expected, got: error.got };
  const { name, message, stack } = error as Error;
  return { kind: 'python', type: name, message, traceback: stack ?? message };
}
