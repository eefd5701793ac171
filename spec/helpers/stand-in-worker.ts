import { decodeCommand, decodeConnect } from '../../src/protocol/decode-command';
import type { Endpoint } from '../../src/protocol/endpoint';
import type { Command } from '../../src/protocol/commands';
import type { FromWorker, RemoteError } from '../../src/protocol/messages';
import type { EnvOperation } from '../../src/protocol/operations';
import { pack, unpack, type Packed } from '../../src/protocol/pack';
import type { Data } from '../../src/protocol/values';

/** What a stand-in can be told to do wrong. */
export interface Faults {
  /** Commands of this type are never answered. */
  silentOn?: Command['type'];
  /** The boot is refused. */
  refuseBoot?: string;
  /** Set-ups raise. */
  refuseSetUp?: string;
  /** Globals cannot be set. */
  refuseGlobals?: string;
  /** Told of each set-up before it is done: how many there were in this worker, with it. */
  onSetUp?: (count: number) => void;
  /** It boots cold, whatever it is given to start from. */
  bootsCold?: boolean;
  /** How long a step takes, in ms. */
  stepMs?: number;
  /** How many steps an episode has; counting-env.py's have 5. */
  episode?: number;
  /** Replays come to something else. */
  diverge?: boolean;
  /** Answers a step with this message instead. */
  forge?: (id: number) => unknown;
  /** Told of every command that arrives. */
  onCommand?: (command: Command) => void;
  /** Told when the page terminates it. */
  onTerminate?: () => void;
}

interface Episode {
  count: number;
  total: number;
  episodes: number;
  isReset: boolean;
  /** The episode in which it was told that there is nothing to see, and how often that came up since. */
  hidden?: { in: number; times: number };
}

const begin = (env: Episode): void => {
  Object.assign(env, { count: 0, total: 0, episodes: env.episodes + 1, isReset: true });
};

class Raised extends Error {
  constructor(readonly remote: RemoteError) {
    super(remote.kind);
  }
}

/**
 * A worker without Python, for virtual time and injected faults: it speaks the protocol over a real MessageChannel and
 * behaves as counting-env.py does. The contract suite checks it against the real one.
 */
export function standInWorker(faults: Faults = {}): Endpoint & { dispatchEvent(event: Event): boolean } {
  const events = new EventTarget();
  let port: MessagePort | undefined;
  let underWay: ReturnType<typeof setTimeout> | undefined;
  const envs = new Map<number, Episode>();
  let setUps = 0;

  const send = (message: FromWorker | object): void => port?.postMessage(message);

  function answer(command: Command): Packed | 'silence' {
    switch (command.type) {
      case 'boot':
        if (faults.refuseBoot) {
          throw new Raised({ kind: 'boot', stage: 'boot', url: command.indexURL, message: faults.refuseBoot });
        }
        send({ type: 'progress', stage: 'download', label: 'Downloading Python', loaded: 1, total: 2 });
        if (command.makeSnapshot)
          return packed({ python: '3.0.0', pyodide: 'stand-in', how: 'cold', snapshot: new Uint8Array(8) });
        return packed({
          python: '3.0.0',
          pyodide: 'stand-in',
          how: command.snapshot && !faults.bootsCold ? 'snapshot' : 'cold',
        });
      case 'setUp':
        setUps += 1;
        faults.onSetUp?.(setUps);
        if (faults.refuseSetUp) {
          throw new Raised({ kind: 'python', type: 'ValueError', message: faults.refuseSetUp, traceback: '' });
        }
        envs.set(command.env, {
          count: 0,
          total: 0,
          isReset: false,
          ...(unpack(command.spec) as { episodes: number }),
        });
        return packed([null, null, null, {}, null, 'single']);
      case 'writeFiles':
        return packed(command.files.flatMap(({ url }) => (url === null ? [] : [new TextEncoder().encode(url)])));
      case 'setGlobals':
        if (faults.refuseGlobals) {
          throw new Raised({ kind: 'python', type: 'TypeError', message: faults.refuseGlobals, traceback: '' });
        }
        return packed(null);
      case 'reset': {
        const env = envs.get(command.env)!;
        begin(env);
        const { seed } = unpack(command.options) as { seed: number | null };
        return packed([0, env.episodes, { seed }, env.episodes, command.render ? frame(0) : null]);
      }
      case 'step':
        return step(command.env, unpack(command.action) as Data, command.render);
      case 'getState':
        return packed([new TextEncoder().encode(JSON.stringify(envs.get(command.env))), true, 0]);
      case 'setState': {
        const { data } = unpack(command.state) as { data: Uint8Array };
        envs.set(command.env, JSON.parse(new TextDecoder().decode(data)) as Episode);
        return packed(null);
      }
      case 'replay':
        for (const [at, operation] of command.operations.entries()) {
          if (operation.kind !== 'step' && operation.kind !== 'reset') continue; // nothing else has an effect here
          if (faults.diverge || operation.result !== again(command.env, operation)) {
            throw new Raised({ kind: 'diverged', at, message: 'told to' });
          }
        }
        return packed(null);
      case 'render':
        return packed(frame(envs.get(command.env)!.count));
      default:
        return packed(null);
    }
  }

  function again(key: number, { kind, data }: EnvOperation): number | string {
    const env = envs.get(key)!;
    if (kind === 'reset') {
      begin(env);
      return env.episodes;
    }
    try {
      step(key, unpack(data) as Data, false);
      return env.count;
    } catch (error) {
      return ((error as Raised).remote as { type: string }).type;
    }
  }

  function step(key: number, action: Data, render: boolean): Packed | 'silence' {
    const env = envs.get(key)!;
    const { episode = 5 } = faults;
    if (env.count >= episode) {
      const message = 'told to reset';
      throw new Raised({ kind: 'python', type: 'ResetNeeded', message, traceback: `ResetNeeded: ${message}` });
    }
    if (action === 'raise') {
      throw new Raised({ kind: 'python', type: 'ValueError', message: 'told to', traceback: 'ValueError: told to' });
    }
    if (action === 'loop') return 'silence';
    if (action === 'fatal') throw new Raised({ kind: 'crash', cause: 'fatal', message: 'told to' });
    if (!env.isReset) begin(env);
    env.count += 1;
    env.total += 0.5;
    const done = env.count >= episode;
    const shown = render && action !== 'hide' ? frame(env.count) : null;
    if (render && action === 'hide') hide(key, env);
    const core = [env.count, 0.5, done, false, done, env.count, env.episodes];
    return packed([...core, { action }, env.total, env.count, shown]);
  }

  function hide(key: number, env: Episode): void {
    const { hidden, episodes: episode } = env;
    if (hidden?.in === episode) {
      hidden.times += 1;
      return;
    }
    const count = (hidden?.times ?? 0) + 1;
    env.hidden = { in: episode, times: 0 };
    send({ type: 'problem', env: key, kind: 'render', message: 'ValueError: told to', hint: null, episode, count });
  }

  function take(command: Command): void {
    faults.onCommand?.(command);
    if (command.type === faults.silentOn) return;
    if (command.type === 'step' && faults.forge) {
      send(faults.forge(command.id) as object);
      return;
    }
    if (command.type === 'step' && faults.stepMs) underWay = setTimeout(() => reply(command), faults.stepMs);
    else reply(command);
  }

  function reply(command: Command): void {
    try {
      const value = answer(command);
      const times = 'timed' in command && command.timed && { times: { python: 0.25, worker: 1 } };
      if (value !== 'silence') send({ type: 'answer', id: command.id, value, ...times });
    } catch (error) {
      send({ type: 'failure', id: command.id, error: (error as Raised).remote });
    }
  }

  return {
    postMessage(message, transfer) {
      // through a channel of its own, so that the port is really moved
      const { port1, port2 } = new MessageChannel();
      port2.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        port = decodeConnect(data)!.port;
        port.addEventListener('message', (event: MessageEvent<unknown>) => take(decodeCommand(event.data)));
        port.start();
        port2.close();
      });
      port2.start();
      port1.postMessage(message, transfer as unknown as MessagePort[]);
    },
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
    dispatchEvent: events.dispatchEvent.bind(events),
    terminate() {
      clearTimeout(underWay);
      port?.close();
      port = undefined;
      faults.onTerminate?.();
    },
  };
}

const packed = (data: Data): Packed => pack(data, 'answer');

function frame(count: number): Data {
  return {
    kind: 'pixels',
    width: 2,
    height: 1,
    channels: 4,
    data: new Uint8Array(8).fill(count).fill(255, 3, 4).fill(255, 7),
  };
}
