import { describe } from '../describe.js';
import { OnnxInputError, signatureInWords } from './errors.js';
import type { Signature, Tensor, TensorInfo, Tensors } from './messages.js';
import type { OnnxPolicyOptions } from './options.js';
import { Misfit, tensorOf, zeros } from './tensor.js';

/** What goes into a model and what comes out, by name. */
export interface Plan {
  readonly observation: TensorInfo;
  readonly output: string;
  readonly fixed: Tensors;
  /** By input: the output that is fed back, and what it begins with. */
  readonly state: ReadonlyMap<string, { readonly output: string; readonly first: Tensor }>;
}

const observationNames = ['obs', 'observation', 'observations', 'input'];
const outputNames = ['logits', 'action_dist_inputs', 'output', 'actions', 'action'];

/**
 * Finds out what each input and output of a model is for. Throws an {@link OnnxInputError} where that is not known, or the
 * options name what the model does not have.
 */
export function planFor(signature: Signature, options: OnnxPolicyOptions): Plan {
  const { inputs, outputs } = signature;
  const refuse = (what: string, expected: string, got: string): never => {
    throw new OnnxInputError(what, expected, got, signatureInWords(signature));
  };
  const find = (among: readonly TensorInfo[], what: string, name: string): TensorInfo =>
    among.find((info) => info.name === name) ?? refuse(what, `one of ${namesOf(among)}`, name);
  /** What a {@link Misfit} says, of this input. */
  const fitted = <T>(name: string, make: () => T): T => {
    try {
      return make();
    } catch (error) {
      return error instanceof Misfit ? refuse(name, error.expected, error.got) : raise(error);
    }
  };

  const state: Plan['state'] = new Map(
    sourcesOf(signature, options).map(([name, { output, shape }]) => {
      const info = find(inputs, 'onnxPolicy.state', name);
      find(outputs, `onnxPolicy.state.${name}`, output);
      return [name, { output, first: fitted(name, () => zeros(info, shape)) }];
    }),
  );
  const constants = Object.entries({ ...knownConstants(signature, options), ...options.fixed });
  const fixed: Tensors = Object.fromEntries(
    constants.map(([name, value]) => {
      const info = find(inputs, 'onnxPolicy.fixed', name);
      return [name, fitted(name, () => tensorOf(value, info))];
    }),
  );

  const left = inputs.filter(({ name }) => !state.has(name) && !Object.hasOwn(fixed, name));
  const byName = observationNames.map((name) => left.find((info) => info.name === name)).find(Boolean);
  const observation =
    options.input === undefined
      ? ((left.length === 1 ? left[0] : byName) ??
        refuse('onnxPolicy.input', left.length > 0 ? `one of ${namesOf(left)}` : 'an input that is no state', 'none'))
      : find(left, 'onnxPolicy.input', options.input);
  const others = left.filter((info) => info !== observation);
  if (others.length > 0) {
    refuse(namesOf(others), 'a value by the option `fixed`, or an output to take back by `state`', 'none');
  }

  const fedBack = new Set([...state.values()].map(({ output }) => output));
  const free = outputs.filter(({ name }) => !fedBack.has(name));
  const named = outputNames.map((name) => free.find((info) => info.name === name)).find(Boolean);
  const output =
    options.output === undefined
      ? ((free.length === 1 ? free[0] : named) ??
        refuse('onnxPolicy.output', free.length > 0 ? `one of ${namesOf(free)}` : 'an output that is no state', 'none'))
      : find(outputs, 'onnxPolicy.output', options.output);
  return { observation, output: output.name, fixed, state };
}

/** The observation as its input takes it; throws an {@link OnnxInputError} with all that the model has. */
export function observed(observation: unknown, plan: Plan, signature: Signature, shape?: readonly number[]): Tensor {
  try {
    return tensorOf(observation, plan.observation, shape);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    const got = `${error.got} (${describe(observation)})`;
    const what = `the observation (input ${plan.observation.name})`;
    throw new OnnxInputError(what, error.expected, got, signatureInWords(signature));
  }
}

type Source = readonly [input: string, source: { readonly output: string; readonly shape?: readonly number[] }];

function sourcesOf({ inputs, outputs }: Signature, { state, input, fixed = {} }: OnnxPolicyOptions): readonly Source[] {
  if (state) {
    return Object.entries(state).map(([name, source]): Source => {
      const { output, shape } = typeof source === 'string' ? { output: source } : source;
      return [name, { output, ...(shape && { shape }) }];
    });
  }
  const isTaken = (name: string) => name === input || Object.hasOwn(fixed, name);
  return inputs.flatMap(({ name }): readonly Source[] => {
    const output = fedBackBy(name);
    const isThere = output !== name && outputs.some((info) => info.name === output);
    return isThere && !isTaken(name) ? [[name, { output }]] : [];
  });
}

/** `state_in_0` has `state_out_0`, as in RLlib's models; `h_in` has `h_out`. */
const fedBackBy = (input: string): string => input.replace(/(^|_)in(s?)(?=_|\d|$)/, '$1out$2');

/** RLlib's recurrent models take the lengths of the sequences: a question is a sequence of one. */
const knownConstants = ({ inputs }: Signature, { input }: OnnxPolicyOptions): Readonly<Record<string, number>> =>
  input !== 'seq_lens' && inputs.some(({ name }) => name === 'seq_lens') ? { seq_lens: 1 } : {};

const namesOf = (infos: readonly TensorInfo[]): string => infos.map(({ name }) => name).join(', ');

function raise(error: unknown): never {
  throw error;
}
