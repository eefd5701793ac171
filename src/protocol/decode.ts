// The one place where what comes over the port is looked at as `unknown`.

import { describe } from '../describe.js';
import { ProtocolError, type BootStage } from '../errors.js';
import {
  protocolVersion,
  type Command,
  type CommandType,
  type Connect,
  type Death,
  type FromWorker,
  type RemoteError,
  type ReplayEntry,
  type WorkerTimes,
} from './messages.js';
import type { Packed } from './pack.js';

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, Check>>;

const text: Check = (value) => typeof value === 'string';
const whole: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const flag: Check = (value) => typeof value === 'boolean';
const time: Check = (value) => typeof value === 'number' && value >= 0;
const bytes: Check = (value) => value === null || time(value);
const address: Check = (value) => value === null || text(value);
const texts: Check = (value) => Array.isArray(value) && value.every(text);
const oneOf =
  (...words: readonly unknown[]): Check =>
  (value) =>
    words.includes(value);

const isBuffer: Check = (value) => value instanceof ArrayBuffer;
const areBuffers: Check = (list) => Array.isArray(list) && list.every(isBuffer);
const spare: Fields = { spare: (list) => list === undefined || areBuffers(list) };
const packed: Check = (value) =>
  hasFields(value, { json: text, buffers: areBuffers } satisfies Record<keyof Packed, Check>);

const deaths: readonly Death[] = ['fatal', 'exit', 'memory', 'stack'];
const stages: readonly BootStage[] = ['spawn', 'download', 'boot', 'packages', 'env', 'ready'];
const stage = oneOf(...stages);

const came: Check = (value) => value === null || whole(value) || text(value);
const entries: Readonly<Record<ReplayEntry['kind'], Fields>> = {
  step: { number: whole, data: packed, came },
  rollout: { number: whole, data: packed, came },
  reset: { number: whole, data: packed, came },
  setState: { number: whole, data: packed, came },
  run: { number: whole, code: text, globals: packed },
  setGlobals: { number: whole, globals: packed },
  seed: { number: whole, seed: whole, came },
};
const isEntry: Check = (value) => hasVariant(value, 'kind', entries);

const remoteErrors: Readonly<Record<RemoteError['kind'], Fields>> = {
  python: { type: text, message: text, traceback: text },
  boot: { stage, url: text, message: text },
  crash: { cause: oneOf(...deaths), message: text },
  state: { message: text },
  diverged: { at: whole, message: text },
  protocol: { expected: text, got: text },
};
const remoteError: Check = (value) => hasVariant(value, 'kind', remoteErrors);

const times: Readonly<Record<keyof WorkerTimes, Check>> = { python: time, worker: time };

const fromWorker: Readonly<Record<FromWorker['type'], Fields>> = {
  progress: { stage, label: text, loaded: bytes, total: bytes },
  output: { stream: oneOf('stdout', 'stderr'), line: text },
  alive: {},
  fault: { cause: oneOf(...deaths, 'worker-error'), message: text },
  answer: { id: whole, value: packed, times: (value) => value === undefined || hasFields(value, times) },
  failure: { id: whole, error: remoteError },
};

const commands: Readonly<Record<CommandType, Fields>> = {
  boot: {
    id: whole,
    indexURL: text,
    snapshot: (value) => value === null || isBuffer(value),
    makeSnapshot: flag,
    cache: flag,
    image: address,
    packages: texts,
    stall: time,
  },
  install: { id: whole, packages: texts, stall: time },
  setGlobals: { id: whole, globals: packed },
  run: { id: whole, code: text, globals: packed },
  setUp: { id: whole, env: whole, spec: packed, image: address },
  reset: { id: whole, env: whole, options: packed, render: flag },
  step: { id: whole, env: whole, action: packed, render: flag, timed: flag },
  stepMany: { id: whole, env: whole, actions: packed, render: flag, timed: flag },
  rollout: { id: whole, env: whole, options: packed },
  render: { id: whole, env: whole },
  getState: { id: whole, env: whole },
  setState: { id: whole, env: whole, state: packed, main: flag },
  stateHash: { id: whole, env: whole },
  seed: { id: whole, env: whole, seed: whole },
  replay: {
    id: whole,
    env: whole,
    from: whole,
    once: flag,
    entries: (list) => Array.isArray(list) && list.every(isEntry),
  },
  forget: { id: whole },
  close: { id: whole, env: whole },
};

/** Page side: what came from the worker, or a {@link ProtocolError}. */
export function decodeFromWorker(message: unknown): FromWorker {
  if (hasVariant(message, 'type', fromWorker)) return message as FromWorker;
  throw new ProtocolError(`one of ${Object.keys(fromWorker).join(', ')} with its fields`, describe(message));
}

/** Worker side: what came from the page over the port, or a {@link ProtocolError}. */
export function decodeCommand(message: unknown): Command {
  if (hasVariant(message, 'type', commands) && hasFields(message, spare)) return message as Command;
  throw new ProtocolError(`one of ${Object.keys(commands).join(', ')} with its fields`, describe(message));
}

/** Worker side: the first message, which brings the port. Null for any other, since a page may post what it likes. */
export function decodeConnect(message: unknown): Connect | null {
  const fits = hasFields(message, {
    type: oneOf('connect'),
    version: oneOf(protocolVersion),
    port: (port) => typeof (port as MessagePort | null)?.postMessage === 'function',
    interrupt: (value) => value === null || typeof value === 'object',
    mailbox: (value) => value === null || typeof value === 'object',
    lock: text,
  });
  return fits ? (message as Connect) : null;
}

function hasVariant(value: unknown, key: string, variants: Readonly<Record<string, Fields>>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const variant = (value as Record<string, unknown>)[key];
  if (typeof variant !== 'string' || !Object.hasOwn(variants, variant)) return false;
  return hasFields(value, variants[variant] ?? {});
}

function hasFields(value: unknown, fields: Fields): boolean {
  if (typeof value !== 'object' || value === null) return false;
  for (const name in fields) {
    if (!fields[name]?.((value as Record<string, unknown>)[name])) return false;
  }
  return true;
}
