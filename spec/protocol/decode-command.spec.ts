import { decodeCommand, decodeConnect } from '../../src/protocol/decode-command';
import { nothing } from '../../src/protocol/pack';
import { bootCommand } from './boot-command';

describe('decodeCommand', () => {
  it.each<[unknown]>([
    [bootCommand],
    [{ type: 'install', id: 1, packages: ['numpy'], stall: Infinity }],
    [{ type: 'writeFiles', id: 1, files: [{ path: 'a', bytes: new ArrayBuffer(1), url: null }], stall: 1 }],
    [{ type: 'step', id: 1, env: 1, action: nothing, render: true, timed: false }],
  ])('takes %j', (message) => {
    expect(decodeCommand(message)).toBe(message);
  });

  it.each<[unknown]>([
    [{ type: 'boot', id: 1 }],
    [{ type: 'install', id: 1, packages: [1], stall: 1 }],
    [{ type: 'writeFiles', id: 1, files: [{ path: 'a', bytes: 'text', url: null }], stall: 1 }],
    [{ type: 'step', id: 1, env: 1, action: nothing }],
    [{ type: 'step', id: 1, env: 1, action: nothing, render: true }],
    [{ type: 'step', id: 1, action: nothing, render: true, timed: true }],
    [{ type: 'answer', id: 1, value: nothing }],
  ])('refuses %j', (message) => {
    expect(() => decodeCommand(message)).toThrow(expect.objectContaining({ name: 'ProtocolError' }) as Error);
  });
});

describe('decodeConnect', () => {
  const { port1 } = new MessageChannel();
  afterAll(() => {
    port1.close();
  });

  it('takes the one message that brings a port', () => {
    const connect = {
      type: 'connect',
      version: 4,
      port: port1,
      interrupt: null,
      mailbox: null,
      replies: null,
      lock: '',
    };
    expect(decodeConnect(connect)).toBe(connect);
  });

  it.each<[unknown]>([[null], [{ type: 'connect' }], [{ type: 'connect', version: 0, port: {}, interrupt: null }]])(
    'passes %j over',
    (message) => {
      expect(decodeConnect(message)).toBeNull();
    },
  );
});
