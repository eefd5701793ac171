import type { FromWorker } from '../src/protocol/messages.js';

export type Send = (message: FromWorker, transfer?: readonly ArrayBuffer[]) => void;

/** A port that no code of Python's can reach, whatever it puts in the place of the platform's functions. */
export interface GuardedPort {
  readonly send: Send;
  readonly onMessage: (listener: (data: unknown) => void) => void;
}

/** To be called before any Python runs: it takes the functions that it needs later. */
export function guardedPort(port: MessagePort): GuardedPort {
  const post = port.postMessage.bind(port);
  return {
    send(message, transfer = []) {
      if (transfer.length) post(message, transfer as ArrayBuffer[]);
      else post(message); // an empty list costs some microseconds
    },
    onMessage(listener) {
      port.addEventListener('message', (event: MessageEvent<unknown>) => {
        listener(dataOf(event));
      });
      port.start();
    },
  };
}

// A getter that Python put in the place of this one would be called with the event, and find the port there.
const { apply } = Reflect;
const readData = Reflect.get(Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data') ?? {}, 'get') as
  ((this: MessageEvent<unknown>) => unknown) | undefined;

function dataOf(event: MessageEvent<unknown>): unknown {
  return readData ? apply(readData, event, []) : event.data;
}
