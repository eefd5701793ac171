// The commands of an env: what each sends, what its answer means, and what the log has of it.

import { ProtocolError, type PythonErrorFacts } from '../errors.js';
import { pack, packedList, type Packed } from '../protocol/pack.js';
import type { Value } from '../protocol/values.js';
import type { EnvCommand } from '../recovery/env-command.js';
import { decodeState, packState, type EnvState } from '../recovery/env-state.js';
import { decodeRendered, decodeReset, decodeStep, decodeSteps, type Outcome } from './decode.js';
import { decodeRollout, type RolledOut } from './rollout.js';
import type { AnyStep, Frame, Reset } from './step.js';

/** What a message is to bring along beside its result. */
export interface Wanted {
  /** A frame of what there is to see afterwards. */
  readonly render: boolean;
  /** How long it took. */
  readonly timed: boolean;
}

export const resetCommand = (env: number, options: Packed, render: boolean): EnvCommand<Outcome<Reset>, 'reset'> => ({
  body: { type: 'reset', env, options, render },
  operations: [{ kind: 'reset', data: options }],
  decode: (answer) => logged(decodeReset(answer)),
});

export const stepCommand = (env: number, action: Packed, wanted: Wanted): EnvCommand<Outcome<AnyStep>, 'step'> => ({
  body: { type: 'step', env, action, ...wanted },
  operations: [{ kind: 'step', data: action }],
  decode: (answer) => logged(decodeStep(answer)),
});

/** The steps that were taken, and what the one after them raised. */
export interface Steps {
  readonly outcomes: readonly Outcome<AnyStep>[];
  readonly raised: PythonErrorFacts | null;
}

export const stepManyCommand = (
  env: number,
  actions: readonly Packed[],
  wanted: Wanted,
): EnvCommand<Steps, 'stepMany'> => ({
  body: { type: 'stepMany', env, actions: packedList(actions), ...wanted },
  operations: actions.map((data) => ({ kind: 'step', data })),
  decode: (answer) => {
    const value = decodeSteps(answer);
    const digests = value.outcomes.map(({ digest }) => digest);
    const rendered = value.outcomes.some((outcome) => outcome.rendered);
    return { value, rendered, results: value.raised ? [...digests, value.raised.type] : digests };
  },
});

export const rolloutCommand = (env: number, options: Packed): EnvCommand<RolledOut, 'rollout'> => ({
  body: { type: 'rollout', env, options },
  operations: [{ kind: 'rollout', data: options }],
  decode: (answer) => logged(decodeRollout(answer)),
});

export const seedCommand = (env: number, seed: number): EnvCommand<null, 'seed'> => ({
  body: { type: 'seed', env, seed },
  operations: [{ kind: 'seed', data: pack(seed, 'seed') }],
  decode: () => ({ value: null, results: [null] }),
});

export function setStateCommand(env: number, state: EnvState): EnvCommand<null, 'setState'> {
  const data = packState(state);
  return {
    body: { type: 'setState', env, state: data, main: false },
    operations: [{ kind: 'setState', data }],
    decode: () => ({ value: null, results: [null] }),
  };
}

export const getStateCommand = (env: number): EnvCommand<EnvState, 'getState'> => ({
  body: { type: 'getState', env, within: null },
  decode: (answer) => {
    const { state, isProved } = decodeState(answer);
    if (!state) throw new ProtocolError('a state', 'none');
    return { value: state, ...(isProved && { state }) };
  },
});

export const renderCommand = (env: number): EnvCommand<Frame | null, 'render'> => ({
  body: { type: 'render', env },
  decode: (answer) => {
    const { frame, rendered } = decodeRendered(answer);
    return { value: frame, rendered };
  },
});

export const stateHashCommand = (env: number): EnvCommand<string, 'stateHash'> => ({
  body: { type: 'stateHash', env },
  decode: (answer: Value) => ({ value: answer as string }),
});

export const closeCommand = (env: number): EnvCommand<null, 'close'> => ({
  body: { type: 'close', env },
  decode: () => ({ value: null }),
});

const logged = <T extends { readonly digest: number; readonly rendered?: boolean }>(value: T) => ({
  value,
  results: [value.digest],
  rendered: value.rendered === true,
});
