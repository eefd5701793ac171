import { BootError } from '../../src/errors';
import type { Endpoint } from '../../src/protocol/endpoint';
import type { Command } from '../../src/protocol/commands';
import type { Connect } from '../../src/protocol/messages';
import { connect, type Connection } from '../../src/runtime/connection';

// The page's side of the mailbox; the worker's is told of in spec/worker, both together in spec/browser.
describe('a connection', () => {
  let hello: Connect;
  let connection: Connection;
  const came: unknown[] = [];

  beforeEach(() => {
    Object.defineProperty(globalThis, 'navigator', { value: { hardwareConcurrency: 4 }, configurable: true });
    came.length = 0;
    connection = connect(
      () => ({
        postMessage: (message: unknown) => {
          hello = message as Connect;
          hello.port.onmessage = ({ data }) => came.push(data);
        },
        addEventListener: () => undefined,
        removeEventListener: () => undefined,
        terminate: () => undefined,
      }),
      1000,
    );
  });
  afterEach(() => {
    connection.close();
    hello.port.close();
    Reflect.deleteProperty(globalThis, 'navigator');
  });

  const none = { json: '1', buffers: [] };
  const step: Command = { type: 'step', id: 1, env: 1, action: none, render: false, timed: false };

  it.each<[string, Command, number]>([
    ['a step', step, 2],
    ['what asks for the state', { type: 'getState', id: 2, env: 1, within: null }, 2],
    ['a step with an array', { ...step, action: { json: '{}', buffers: [new ArrayBuffer(8)] } }, 0],
    ['a step that gives a buffer back', { ...step, recycled: [new ArrayBuffer(8)] }, 0],
    ['an installation', { type: 'install', id: 3, packages: ['a'], stall: 1 }, 0],
    ['a step that is too long', { ...step, action: { json: 'x'.repeat(2000), buffers: [] } }, 0],
  ])('to a worker that looks, %s goes by memory, or else calls it off', async (_, command, left) => {
    const state = new Int32Array(hello.mailbox ?? new SharedArrayBuffer(0), 0, 1);
    state[0] = 1;
    connection.send(command);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(state[0]).toBe(left);
    expect(came).toHaveLength(left === 2 ? 0 : 1);
  });
});

describe('a worker that cannot be used', () => {
  const endpoint = {
    postMessage: () => undefined,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    terminate: () => undefined,
  };

  it.each<[string, () => unknown]>([
    [
      'whose factory throws',
      () => {
        throw new DOMException('not from this origin', 'SecurityError');
      },
    ],
    ['that is none', () => undefined],
    ['that is only half of one', () => ({ postMessage: () => undefined })],
    [
      'that takes no port',
      () => ({
        ...endpoint,
        postMessage: () => {
          throw new DOMException('it cannot be cloned', 'DataCloneError');
        },
      }),
    ],
  ])('ends in a BootError: one %s', (_, spawn) => {
    expect(() => connect(spawn as () => Endpoint, 1000)).toThrow(BootError);
  });

  it('is ended, if there is one', () => {
    const terminate = jest.fn();
    const postMessage = (): void => {
      throw new Error('no');
    };
    expect(() => connect(() => ({ ...endpoint, postMessage, terminate }), 1000)).toThrow('no');
    expect(terminate).toHaveBeenCalledTimes(1);
  });
});
