import { RxgymError } from '../index.js';
import type { Signature, TensorInfo } from './messages.js';

/** The model, or the runtime that it needs, could not be loaded. The next question or subscription tries again. */
export class OnnxModelError extends RxgymError {
  override readonly name = 'OnnxModelError';
  constructor(
    /** What could not be had or used: the model, or a file of onnxruntime-web. */
    readonly url: string,
    /**
     * Nothing came, an HTTP status that is none of success, no ONNX model that onnxruntime-web can run, or (`'runtime'`)
     * onnxruntime-web itself is missing or does not start.
     */
    readonly reason: 'network' | 'status' | 'format' | 'runtime',
    /** The HTTP status of the server's answer; null where none came, or where that was well. */
    readonly status: number | null,
    /** What happened, and what to check. */
    problem: string,
  ) {
    super(`the ONNX model was not loaded (${url}): ${problem}`);
  }
}

/** What the model takes or gives is not what it was given or asked for. The message lists its inputs and outputs. */
export class OnnxInputError extends RxgymError {
  override readonly name = 'OnnxInputError';
  /** What it was: an input's or an output's name, or an option's. */
  readonly input: string;
  /** What the model takes. */
  readonly expected: string;
  /** What was given. */
  readonly got: string;
  /** What the model has, for instance `'inputs obs float32[?, 12]; outputs logits float32[?, 6]'`. */
  readonly model: string;
  constructor(input: string, expected: string, got: string, model: string) {
    super(`${input}: expected ${expected}, got ${got}; the model has ${model}`);
    this.model = model;
    this.input = input;
    this.expected = expected;
    this.got = got;
  }
}

/** No action can be made of what the model answered. */
export class OnnxActionError extends RxgymError {
  override readonly name = 'OnnxActionError';
  constructor(
    /**
     * `'nan'`: logits or actions that are no such numbers; `'illegal'`: the mask allows nothing, or mask or space lack what
     * the model chose; `'length'`: there are more or fewer than the action space asks for; `'space'`: there is no rule for
     * this kind of space.
     */
    readonly reason: 'nan' | 'illegal' | 'length' | 'space',
    /** What it was, and what to do. */
    problem: string,
  ) {
    super(problem);
  }
}

/** The worker could not run the model. The next question begins a new worker, unless only this one failed (`'run'`). */
export class OnnxWorkerError extends RxgymError {
  override readonly name = 'OnnxWorkerError';
  constructor(
    /** It was not made, it died, it did not answer in time, or onnxruntime refused this question. */
    readonly reason: 'spawn' | 'died' | 'deadline' | 'run',
    /** What happened, and what to do. */
    problem: string,
    options?: ErrorOptions,
  ) {
    super(problem, options);
  }
}

/** For instance `inputs obs float32[?, 12]; outputs logits float32[?, 6]`. */
export const signatureInWords = ({ inputs, outputs }: Signature): string =>
  `inputs ${inputs.map(infoInWords).join(', ')}; outputs ${outputs.map(infoInWords).join(', ')}`;

/** For instance `obs float32[?, 12]`. */
const infoInWords = ({ name, type, shape }: TensorInfo): string => `${name} ${type}${shapeInWords(shape)}`;

/** `?` stands for a length that is open; nothing for a shape that is not known. */
export const shapeInWords = (shape: TensorInfo['shape']): string =>
  shape ? `[${shape.map((length) => (typeof length === 'number' ? length : '?')).join(', ')}]` : '';
