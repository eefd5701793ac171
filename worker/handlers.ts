import type { CommandOf, CommandType } from '../src/protocol/commands.js';
import { nothing, type Packed } from '../src/protocol/pack.js';
import type { Argument, Called } from './calls.js';
import type { BridgeFunction, Interpreter } from './interpreter.js';
import { replay } from './replay.js';

/** From each command to what is done for it; all but `boot`, which makes the interpreter. */
export type Handlers = {
  readonly [T in Exclude<CommandType, 'boot'>]: (interpreter: Interpreter, command: CommandOf<T>) => Called;
};

/** Calls a function of the bridge with fields of the command. */
const calls =
  <Field extends string>(name: BridgeFunction, ...fields: readonly Field[]) =>
  (interpreter: Interpreter, command: Readonly<Record<Field, Argument>>): Called =>
    interpreter.call(name, ...fields.map((field) => command[field]));

/** The handlers of one interpreter. */
export function handlersOfOne(): Handlers {
  /** What was replayed in `__main__`, by sequence, so that it is replayed once though several envs ask for it. */
  const replayed = new Set<number>();
  return {
    install: async (interpreter, { packages, stall }) => {
      await interpreter.install(packages, stall);
      return nothing;
    },
    writeFiles: (interpreter, { files, stall }) => interpreter.writeFiles(files, stall),
    setGlobals: calls('set_globals', 'globals'),
    run: calls('run', 'code', 'globals'),
    setUp: (interpreter, { env, spec, image }) =>
      image === null ? interpreter.call('set_up', env, spec) : setUpBaked(interpreter, env, spec, image),
    reset: calls('reset', 'env', 'options', 'render'),
    step: calls('step', 'env', 'action', 'render', 'timed'),
    stepMany: calls('step_many', 'env', 'actions', 'render', 'timed'),
    rollout: calls('rollout', 'env', 'options'),
    render: calls('render', 'env'),
    getState: (interpreter, { env, within }) => interpreter.call('get_state', env, within ?? undefined),
    setState: calls('set_state', 'env', 'state', 'main'),
    stateHash: calls('state_hash', 'env'),
    seed: calls('seed', 'env', 'seed'),
    replay: (interpreter, command) => replay(interpreter, command, replayed),
    forget: (interpreter) => {
      replayed.clear();
      return interpreter.call('forget');
    },
    close: calls('close', 'env'),
  };
}

async function setUpBaked(interpreter: Interpreter, env: number, spec: Packed, image: string): Promise<Packed> {
  return interpreter.call('set_up', env, spec, ...(await interpreter.bakedImage(image)));
}
