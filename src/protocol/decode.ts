// The one place where what comes from the worker is looked at as `unknown`; worker/ decodes what comes from the page
// with decode-command.ts.

import { describe } from '../describe.js';
import { ProtocolError, type BootStage } from '../errors.js';
import {
  amount,
  hasFields,
  hasVariant,
  nullable,
  oneOf,
  optional,
  packed,
  text,
  whole,
  type Check,
  type FieldsOf,
} from './fields.js';
import { type Death, type FromWorker, type ProblemKind, type RemoteError, type WorkerTimes } from './messages.js';

const deaths: readonly Death[] = ['fatal', 'exit', 'memory', 'stack'];
const problems: readonly ProblemKind[] = ['render', 'space', 'observe', 'state'];
const stages: readonly BootStage[] = ['spawn', 'download', 'boot', 'packages', 'env', 'ready'];
const stage = oneOf(...stages);

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

/** What came from the worker, or a {@link ProtocolError}. */
export function decodeFromWorker(message: unknown): FromWorker {
  if (hasVariant(message, 'type', fromWorker)) return message as FromWorker;
  throw new ProtocolError(`one of ${Object.keys(fromWorker).join(', ')} with its fields`, describe(message));
}
