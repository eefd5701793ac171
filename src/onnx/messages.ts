// What passes between a policy and its worker, over a port that the page hands to the worker first. Each request has exactly
// one answer with its id; a load has reports before it.

/** A tensor's elements; `bool` is a Uint8Array, as in onnxruntime. */
export type TensorData =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

export interface Tensor {
  /** By onnxruntime's names: `float32`, `int64`, `bool`, … */
  readonly type: string;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Tensors by the names of inputs or outputs. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** What a model says of an input or an output. */
export interface TensorInfo {
  readonly name: string;
  /** By onnxruntime's names; `'?'` for what is no tensor. */
  readonly type: string;
  /** A string or null stands for a length that the model leaves open; null in place of all: the model does not say. */
  readonly shape: readonly (number | string | null)[] | null;
}

export interface Signature {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

/** The page's first message to the worker itself. */
export interface Connect {
  readonly type: 'connect';
  readonly port: MessagePort;
}

export interface Load {
  readonly type: 'load';
  /** The model's address, absolute. */
  readonly url: string;
  /** The folder of onnxruntime-web, absolute, with a slash at the end. */
  readonly indexURL: string;
}

export interface Run {
  readonly type: 'run';
  readonly id: number;
  readonly inputs: Tensors;
  /** The names of the outputs that are wanted. */
  readonly outputs: readonly string[];
}

export type ToWorker = Load | Run;

/** Bytes of the runtime and the model together; `total` is null until both are known. */
export interface Loading {
  readonly type: 'loading';
  readonly loaded: number;
  readonly total: number | null;
}

/** All bytes are here; the runtime compiles and reads the model. */
export interface Starting {
  readonly type: 'starting';
}

export interface Loaded {
  readonly type: 'loaded';
  readonly signature: Signature;
}

/** Why a model is not there. `runtime`: a file of onnxruntime-web is missing, or does not start. */
export type LoadProblem = 'network' | 'status' | 'format' | 'runtime';

export interface LoadFailed {
  readonly type: 'load-failed';
  readonly reason: LoadProblem;
  /** What could not be had. */
  readonly url: string;
  readonly status: number | null;
  readonly problem: string;
}

export interface Ran {
  readonly type: 'ran';
  readonly id: number;
  readonly outputs: Tensors;
}

export interface RunFailed {
  readonly type: 'run-failed';
  readonly id: number;
  readonly problem: string;
}

export type FromWorker = Loading | Starting | Loaded | LoadFailed | Ran | RunFailed;
