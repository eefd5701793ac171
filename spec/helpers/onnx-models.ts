// Tiny ONNX models with known weights, written by onnx-proto.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from 'onnx-proto';

const { FLOAT, INT32, INT64 } = onnx.TensorProto.DataType;

/** A text stands for a length that the model leaves open, null for one that it does not even name. */
type Shape = readonly (number | string | null)[];

const dimension = (length: Shape[number]): onnx.TensorShapeProto.IDimension =>
  length === null ? {} : typeof length === 'string' ? { dimParam: length } : { dimValue: length };

const value = (name: string, shape: Shape, elemType: number = FLOAT): onnx.IValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: { dim: shape.map(dimension) },
    },
  },
});

const weights = (name: string, dims: number[], floatData: number[]): onnx.ITensorProto => ({
  name,
  dataType: FLOAT,
  dims,
  floatData,
});

const node = (
  opType: string,
  input: string[],
  output: string,
  attribute: onnx.IAttributeProto[] = [],
): onnx.INodeProto => ({ name: output, opType, input, output: [output], attribute });

const int = (name: string, i: number): onnx.IAttributeProto => ({
  name,
  i,
  type: onnx.AttributeProto.AttributeType.INT,
});
const ints = (name: string, values: number[]): onnx.IAttributeProto => ({
  name,
  ints: values,
  type: onnx.AttributeProto.AttributeType.INTS,
});

const model = (graph: onnx.IGraphProto): Uint8Array =>
  onnx.ModelProto.encode({
    irVersion: 7,
    opsetImport: [{ domain: '', version: 12 }],
    graph: { name: 'policy', ...graph },
  }).finish();

/** logits = x · W + b, and a value that is not to be taken for them. */
const linear = model({
  input: [value('x', [null, 3])],
  initializer: [weights('W', [3, 2], [1, 0, 10, 0, 100, -1]), weights('b', [2], [0.5, 0.25])],
  node: [node('Gemm', ['x', 'W', 'b'], 'logits'), node('Identity', ['x'], 'value')],
  output: [value('value', [null, 3]), value('logits', [null, 2])],
});

/** As RLlib's: state_out_0 = state_in_0 + obs, and the logits are the state times the sequence's length. */
const recurrent = model({
  input: [value('obs', ['B', 2]), value('state_in_0', ['B', 2]), value('seq_lens', ['B'], INT32)],
  node: [
    node('Add', ['state_in_0', 'obs'], 'state_out_0'),
    node('Cast', ['seq_lens'], 'lengths', [int('to', FLOAT)]),
    node('Mul', ['state_out_0', 'lengths'], 'output'),
  ],
  output: [value('output', ['B', 2]), value('state_out_0', ['B', 2])],
});

/** logits: the mean of each of the two channels of an image of 2 × 3. */
const image = model({
  input: [value('pixels', [1, 2, 2, 3])],
  node: [node('ReduceMean', ['pixels'], 'means', [ints('axes', [2, 3]), int('keepdims', 0)])],
  output: [value('means', [1, 2])],
});

/** The action itself: where the greatest is. */
const whole = model({
  input: [value('x', ['batch', 4])],
  node: [node('ArgMax', ['x'], 'choice', [int('axis', 1), int('keepdims', 0)])],
  output: [value('choice', ['batch'], INT64)],
});

/** A Box: twice the observation. */
const box = model({
  input: [value('x', ['batch', 2])],
  node: [node('Add', ['x', 'x'], 'action')],
  output: [value('action', ['batch', 2])],
});

/** NaN for what is below 0. */
const logarithm = model({
  input: [value('x', ['batch', 2])],
  node: [node('Log', ['x'], 'logits')],
  output: [value('logits', ['batch', 2])],
});

/** It has two inputs, and a name says of neither what it is for. */
const riddle = model({
  input: [value('a', [1, 2]), value('b', [1, 1])],
  node: [node('Mul', ['a', 'b'], 'c')],
  output: [value('c', [1, 2])],
});

const models = { linear, recurrent, image, whole, box, logarithm, riddle };

export interface ModelFolder {
  readonly dir: string;
  remove(): void;
}

/** Writes each into a new folder, as `<name>.onnx`. */
export function writeModels(): ModelFolder {
  const dir = mkdtempSync(join(tmpdir(), 'rxgym-models-'));
  for (const [name, bytes] of Object.entries(models)) writeFileSync(join(dir, `${name}.onnx`), bytes);
  writeFileSync(join(dir, 'noise.onnx'), 'this is no model');
  return { dir, remove: () => rmSync(dir, { recursive: true }) };
}
