// The one place where what comes over the port is looked at as `unknown`.

import { describe } from '../describe.js';
import { ProtocolError, type BootStage } from '../errors.js';
import { commands, type Command } from './commands.js';
import {
  amount,
  buffer,
  hasFields,
  hasVariant,
  listOf,
  nullable,
  oneOf,
  optional,
  packed,
  text,
  whole,
  type Check,
  type Fields,
} from './fields.js';
import {
  protocolVersion,
  type Connect,
  type Death,
  type FromWorker,
  type ProblemKind,
  type RemoteError,
  type WorkerTimes,
} from './messages.js';

const deaths: readonly Death[] = ['fatal', 'exit', 'memory', 'stack'];
const problems: readonly ProblemKind[] = ['render', 'space', 'observe', 'state'];
const stages: readonly BootStage[] = ['spawn', 'download', 'boot', 'packages', 'env', 'ready'];
const stage = oneOf(...stages);

/** The fields of a message, each with its check: one that is forgotten does not compile. */
type FieldsOf<M, Key extends string> = Readonly<Record<Exclude<keyof M, Key>, Check<unknown>>>;
type Variants<M extends Record<Key, string>, Key extends string> = {
  readonly [V in M[Key]]: FieldsOf<Extract<M, Record<Key, V>>, Key>;
};

const remoteErrors: Variants<RemoteError, 'kind'> = {
  python: { type: text, message: text, traceback: text },
  boot: { stage, url: text, message: text },
  crash: { cause: oneOf(...deaths), message: text },
  file: { path: text, url: nullable(text), status: nullable(whole), message: text },
  state: { message: text },
  diverged: { at: whole, message: text },
  protocol: { expected: text, got: text },
};
const remoteError: Check<RemoteError> = (value): value is RemoteError => hasVariant(value, 'kind', remoteErrors);

const times: Check<WorkerTimes> = (value): value is WorkerTimes => hasFields(value, { python: amount, worker: amount });

const fromWorker: Variants<FromWorker, 'type'> = {
  progress: { stage, label: text, loaded: nullable(amount), total: nullable(amount) },
  output: { stream: oneOf('stdout', 'stderr'), line: text },
  problem: { env: whole, kind: oneOf(...problems), message: text, hint: nullable(text), episode: whole, count: whole },
  described: { env: whole, value: packed },
  question: { prompt: text },
  alive: {},
  fault: { cause: oneOf(...deaths, 'worker-error'), message: text },
  answer: { id: whole, value: packed, times: optional(times) },
  failure: { id: whole, error: remoteError },
};

const anyCommand = { id: whole, recycled: optional(listOf(buffer)) };
const commandFields: Readonly<Record<string, Fields>> = Object.fromEntries(
  Object.entries(commands).map(([type, { fields }]) => [type, { ...fields, ...anyCommand }]),
);

/** Page side: what came from the worker, or a {@link ProtocolError}. */
export function decodeFromWorker(message: unknown): FromWorker {
  if (hasVariant(message, 'type', fromWorker)) return message as FromWorker;
  throw new ProtocolError(`one of ${Object.keys(fromWorker).join(', ')} with its fields`, describe(message));
}

/** Worker side: what came from the page over the port, or a {@link ProtocolError}. */
export function decodeCommand(message: unknown): Command {
  if (hasVariant(message, 'type', commandFields)) return message as Command;
  throw new ProtocolError(`one of ${Object.keys(commands).join(', ')} with its fields`, describe(message));
}

/** Worker side: the first message, which brings the port. Null for any other, since a page may post what it likes. */
export function decodeConnect(message: unknown): Connect | null {
  const object: Check<object | null> = (value): value is object | null => typeof value === 'object';
  const fields: FieldsOf<Connect, never> = {
    type: oneOf('connect'),
    version: oneOf(protocolVersion),
    port: (port): port is MessagePort => typeof (port as MessagePort | null)?.postMessage === 'function',
    interrupt: object,
    mailbox: object,
    replies: object,
    lock: text,
  };
  return hasFields(message, fields) ? (message as unknown as Connect) : null;
}
