// An ONNX policy of the size that studies use: two hidden layers of 192, with weights that do not matter.
import protobuf from 'onnx-proto';

const { onnx } = protobuf;

/** @returns {Buffer} */
export function writePolicy() {
  const sizes = [4, 192, 192, 9];
  const { FLOAT } = onnx.TensorProto.DataType;
  const shape = (/** @type {number[]} */ ...lengths) => ({ dim: lengths.map((dimValue) => ({ dimValue })) });
  const value = (/** @type {string} */ name, /** @type {number} */ length) => ({
    name,
    type: { tensorType: { elemType: FLOAT, shape: shape(1, length) } },
  });
  const layers = sizes.slice(1).map((size, i) => {
    const from = sizes[i] ?? 0;
    const floatData = Array.from({ length: from * size }, (_, n) => Math.sin(n * 12.9898 + i) / Math.sqrt(from));
    return { name: `weights${i}`, dataType: FLOAT, dims: [from, size], floatData };
  });
  const node = layers.flatMap(({ name }, i) => [
    { opType: 'MatMul', input: [i ? `active${i - 1}` : 'obs', name], output: [i === 2 ? 'output' : `sum${i}`] },
    ...(i === 2 ? [] : [{ opType: 'Tanh', input: [`sum${i}`], output: [`active${i}`] }]),
  ]);
  const graph = { name: 'policy', node, initializer: layers, input: [value('obs', 4)], output: [value('output', 9)] };
  return Buffer.from(
    onnx.ModelProto.encode({ irVersion: 7, opsetImport: [{ domain: '', version: 12 }], graph }).finish(),
  );
}
