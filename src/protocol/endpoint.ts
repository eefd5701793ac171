/**
 * The least that a worker must offer. A DOM `Worker` is one; so is the Node adapter and a stand-in made from a
 * `MessageChannel`.
 */
export interface Endpoint {
  postMessage(message: unknown, transfer: Transferable[]): void;
  /** `error`: the script did not load or threw; `close`: the worker ended. */
  addEventListener(type: 'error' | 'messageerror' | 'close', listener: (event: Event) => void): void;
  removeEventListener(type: 'error' | 'messageerror' | 'close', listener: (event: Event) => void): void;
  /** Ends the worker at once. */
  terminate(): void;
  /** Where its script lies, for errors. */
  readonly script?: string;
}

/** Makes a new worker; called for the first boot and again for every restart. */
export type WorkerFactory = () => Endpoint;
