import type { RemoteError } from '../src/protocol/messages.js';

/** An error that is sent to the page as it is. */
export class Refusal extends Error {
  constructor(readonly remote: RemoteError) {
    super(remote.kind);
  }
}
