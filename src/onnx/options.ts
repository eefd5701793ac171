import type { Data, WorkerFactory } from '../index.js';
import {
  checkOptions,
  countRule,
  deadlineRule,
  isAboveZero,
  isText,
  objectRule,
  textRule,
  type Rules,
} from '../check.js';

/** Where an input of recurrent state comes from. */
export interface StateSource {
  /** The output that is fed back. */
  readonly output: string;
  /** Of the zeros at the start of an episode. Default: the input's own, with 1 for a length that the model leaves open. */
  readonly shape?: readonly number[] | undefined;
}

/** The options of {@link onnxPolicy}. */
export interface OnnxPolicyOptions {
  /** The input for the observation. Default: the only one that is left, or `obs`, `observation`, `observations`, `input`. */
  readonly input?: string | undefined;
  /**
   * The output that the action is made of. Default: the only one that is no state, or `logits`, `action_dist_inputs`,
   * `output`, `actions`, `action`.
   */
  readonly output?: string | undefined;
  /**
   * Recurrent state: by input, the output that it takes back. Default: inputs with `in` in their names, where an output
   * has the same name with `out`: `state_in_0` takes `state_out_0`, `state_ins` takes `state_outs`, `h_in` takes `h_out`.
   */
  readonly state?: Readonly<Record<string, string | StateSource>> | undefined;
  /** Inputs that are always the same: a number, a list or an array. Default: `seq_lens`, where there is one, is 1. */
  readonly fixed?: Readonly<Record<string, Data>> | undefined;
  /**
   * The shape in which the observation goes into the model, for instance `[1, 3, 84, 84]`. Default: the first that the
   * input takes of `[1, ...its own]`, its own and `[1, n]`.
   */
  readonly shape?: readonly number[] | undefined;
  /**
   * How an action is made of the output. `'softmax'`: drawn by the probabilities of the logits. `'argmax'`: the greatest.
   * `'none'`: the output is handed on as it is, as an `NdArray`. Default `'softmax'`.
   */
  readonly sample?: 'softmax' | 'argmax' | 'none' | undefined;
  /** Logits are divided by it before they are drawn; above 0. Below 1 the likely becomes likelier. Default 1. */
  readonly temperature?: number | undefined;
  /**
   * A whole number from 0. The same seed draws the same action for the same logits in the same step of the same episode.
   * Default: `Math.random`.
   */
  readonly seed?: number | undefined;
  /** Whether `context.mask` is kept: an illegal action is never drawn. Default true. */
  readonly mask?: boolean | undefined;
  /**
   * The folder of `ort.wasm.bundle.min.mjs` and `ort-wasm-simd-threaded.wasm`, the `dist` of onnxruntime-web; a URL,
   * relative to the page. Default: that of the one version that this library is built for, on the CDN jsDelivr.
   */
  readonly indexURL?: string | undefined;
  /** Makes a worker that runs `rxgym/onnx-worker`. Default: from the script beside this module. */
  readonly worker?: WorkerFactory | undefined;
  /**
   * How long an answer may take, in ms from when the worker was asked, above 0; `Infinity` for no deadline. A worker that
   * is late is ended, and all that it was asked fails. Default 10,000.
   */
  readonly deadline?: number | undefined;
  /** How long a worker that loads may send nothing, in ms, above 0; `Infinity` for no limit. Default 30,000. */
  readonly stall?: number | undefined;
  /** How many questions of one agent may wait for the one before; a whole number from 1. Default 8. */
  readonly limit?: number | undefined;
}

const lengths = (value: unknown): boolean =>
  Array.isArray(value) && value.every((length: unknown) => Number.isSafeInteger(length) && (length as number) > 0);

const rules: Rules<OnnxPolicyOptions> = {
  input: textRule,
  output: textRule,
  state: {
    expected: 'by input, an output or { output, shape }',
    fits: (state) => isRecord(state) && Object.values(state).every((source) => isText(source) || isSource(source)),
  },
  fixed: objectRule,
  shape: { expected: 'a list of whole numbers from 1', fits: lengths },
  sample: { words: ['softmax', 'argmax', 'none'] },
  temperature: { expected: 'a number above 0', fits: (value) => isAboveZero(value) && value < Infinity },
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
  mask: { words: [true, false] },
  indexURL: textRule,
  worker: { expected: 'a function that makes a worker', fits: (value) => typeof value === 'function' },
  deadline: deadlineRule,
  stall: deadlineRule,
  limit: countRule,
};

/** Throws a `UsageError` for an option that cannot be right. */
export function checkPolicyOptions(options: OnnxPolicyOptions): void {
  checkOptions('onnxPolicy', options, rules);
}

function isSource(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { output, shape, ...others } = value;
  return isText(output) && (shape === undefined || lengths(shape)) && Object.keys(others).length === 0;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
