import type { BootStage } from '../src/errors.js';
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
