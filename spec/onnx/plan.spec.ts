import { OnnxInputError } from '../../src/onnx';
import type { Signature, TensorInfo } from '../../src/onnx/messages';
import type { OnnxPolicyOptions } from '../../src/onnx/options';
import { observed, planFor } from '../../src/onnx/plan';

const float = (name: string, shape: TensorInfo['shape']): TensorInfo => ({ name, type: 'float32', shape });
const int = (name: string, shape: TensorInfo['shape']): TensorInfo => ({ name, type: 'int32', shape });

const rllib: Signature = {
  inputs: [
    float('obs', ['B', 4]),
    float('state_in_0', ['B', 8]),
    float('state_in_1', ['B', 8]),
    int('seq_lens', ['B']),
  ],
  outputs: [float('output', ['B', 6]), float('state_out_0', ['B', 8]), float('state_out_1', ['B', 8])],
};

describe('what the inputs and outputs of a model are for', () => {
  it('is known of a model with one of each', () => {
    const plan = planFor({ inputs: [float('x', [1, 4])], outputs: [float('y', [1, 2])] }, {});
    expect(plan).toMatchObject({ observation: { name: 'x' }, output: 'y', fixed: {} });
    expect([...plan.state]).toEqual([]);
  });

  it('is known of a recurrent model of RLlib: state goes round, and a sequence is one long', () => {
    const plan = planFor(rllib, {});
    expect(plan.observation.name).toBe('obs');
    expect(plan.output).toBe('output');
    expect(plan.fixed).toEqual({ seq_lens: { type: 'int32', shape: [1], data: Int32Array.of(1) } });
    const first = { type: 'float32', shape: [1, 8], data: new Float32Array(8) };
    expect([...plan.state]).toEqual([
      ['state_in_0', { output: 'state_out_0', first }],
      ['state_in_1', { output: 'state_out_1', first }],
    ]);
  });

  it.each([
    ['state_ins', 'state_outs'],
    ['state_in', 'state_out'],
    ['h_in', 'h_out'],
    ['in_state', 'out_state'],
  ])('is known of %s and %s', (input, output) => {
    const { state } = planFor(
      {
        inputs: [float('obs', ['B', 2]), float(input, ['B'])],
        outputs: [float('output', [1, 2]), float(output, ['B'])],
      },
      {},
    );
    expect(state.get(input)).toEqual({ output, first: { type: 'float32', shape: [1], data: new Float32Array(1) } });
  });

  it.each(['logits', 'action_dist_inputs', 'output'])('is known of the output %s beside a value', (name) => {
    const outputs = [float('vf_preds', ['B']), float(name, ['B', 6])];
    expect(planFor({ inputs: [float('obs', ['B', 4])], outputs }, {}).output).toBe(name);
  });

  it('is what the options say', () => {
    const signature: Signature = {
      inputs: [float('a', [1, 2]), float('b', ['B', 'H']), float('c', [2, 2]), float('d', [1])],
      outputs: [float('e', [1, 2]), float('f', [1, 3]), float('g', [1, 3])],
    };
    const options: OnnxPolicyOptions = {
      input: 'a',
      output: 'g',
      state: { b: { output: 'f', shape: [1, 3] } },
      fixed: { c: [[1, 2], [3, 4]], d: 5 }, // prettier-ignore
    };
    const plan = planFor(signature, options);
    expect(plan.output).toBe('g');
    expect(plan.state.get('b')?.first.shape).toEqual([1, 3]);
    expect(plan.fixed).toEqual({
      c: { type: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      d: { type: 'float32', shape: [1], data: Float32Array.of(5) },
    });
  });

  it.each<[string, OnnxPolicyOptions, string]>([
    ['an input that the model does not have', { input: 'x' }, 'onnxPolicy.input'],
    ['an output that the model does not have', { output: 'x' }, 'onnxPolicy.output'],
    ['a state that the model does not have', { state: { x: 'output' } }, 'onnxPolicy.state'],
    [
      'a state of an output that the model does not have',
      { state: { state_in_0: 'x' } },
      'onnxPolicy.state.state_in_0',
    ],
    ['a constant that the model does not have', { fixed: { x: 1 } }, 'onnxPolicy.fixed'],
    ['a constant of another length', { fixed: { state_in_0: [1, 2] } }, 'state_in_0'],
    ['a constant that is no number', { fixed: { seq_lens: 'one' } }, 'seq_lens'],
    ['inputs that nobody gives', { state: {} }, 'state_in_0, state_in_1'],
  ])('is not known of %s, and the error lists what the model has', (_, options, input) => {
    const plan = () => planFor(rllib, options);
    expect(plan).toThrow(OnnxInputError);
    expect(plan).toThrow(expect.objectContaining({ input }) as Error);
    expect(plan).toThrow(
      /inputs obs float32\[\?, 4\], state_in_0 float32\[\?, 8\], .*; outputs output float32\[\?, 6\], state_out_0/,
    );
  });

  it('is not known of several outputs without known names', () => {
    const outputs = [float('y', [1, 2]), float('z', [1, 2])];
    const plan = () => planFor({ inputs: [float('x', [1, 4])], outputs }, {});
    expect(plan).toThrow(expect.objectContaining({ input: 'onnxPolicy.output', expected: 'one of y, z' }) as Error);
  });
});

describe('an observation that does not fit', () => {
  it.each([
    ['of another length', [1, 2, 3], 'float32[?, 4]', '3 numbers ([1,2,3])'],
    ['with text in it', { a: [1, 2], b: 'x' }, 'numbers', 'x at b ({"a":[1,2],"b":"x"})'],
  ])('%s is refused, and the error says what was expected and given', (_, observation, expected, got) => {
    const plan = planFor(rllib, {});
    expect(() => observed(observation, plan, rllib)).toThrow(
      expect.objectContaining({ name: 'OnnxInputError', input: 'the observation (input obs)', expected, got }) as Error,
    );
  });
});
