import type { CommandOf } from '../src/protocol/commands.js';
import { isOfMain, type EnvOperation, type LoggedMainOperation } from '../src/protocol/operations.js';
import { nothing, type Packed } from '../src/protocol/pack.js';
import type { Called } from './calls.js';
import type { Interpreter } from './interpreter.js';
import { RemoteFailure } from './remote-failure.js';

/**
 * Replays operations, one after another, and stops at the first whose result differs from the logged one. `replayed`:
 * the sequences of what was replayed in this interpreter's `__main__` so far.
 */
export async function replay(
  interpreter: Interpreter,
  command: CommandOf<'replay'>,
  replayed: Set<number>,
): Promise<Packed> {
  try {
    return await replayAll(interpreter, command, replayed);
  } finally {
    interpreter.answerWith(null);
  }
}

async function replayAll(
  interpreter: Interpreter,
  { env, operations, from, once }: CommandOf<'replay'>,
  replayed: Set<number>,
): Promise<Packed> {
  for (const [at, operation] of operations.entries()) {
    if (isOfMain(operation)) {
      // an exception is ignored: the code may use an env that is not set up here; if it matters, a digest differs
      if (!(once && replayed.has(operation.sequence))) {
        interpreter.answerWith(operation.kind === 'run' ? (operation.answers ?? []) : []);
        await resultOf(() => inMain(interpreter, operation));
      }
      replayed.add(operation.sequence);
      continue;
    }
    interpreter.answerWith(operation.answers ?? []);
    const { json, raised } = await resultOf(() => ofEnv[operation.kind](interpreter, env, operation));
    if (json === JSON.stringify(operation.result)) continue;
    const { kind, result } = operation;
    const before = typeof result === 'string' ? `, and ${result} before` : '';
    const problem =
      raised !== undefined || before
        ? `${kind} raised ${raised ?? 'nothing'}${before}`
        : `${kind} led to another observation, reward or end than before`;
    throw new RemoteFailure({ kind: 'diverged', at: from + at, message: problem });
  }
  return nothing;
}

/** As the log has it: the answer, or the type of what was raised. */
async function resultOf(call: () => Called): Promise<{ readonly json: string; readonly raised?: string }> {
  try {
    return { json: (await call()).json };
  } catch (error) {
    if (!(error instanceof RemoteFailure) || error.remote.kind !== 'python') throw error;
    const { type, message } = error.remote;
    return { json: JSON.stringify(type), raised: `${type}: ${message}` };
  }
}

function inMain(interpreter: Interpreter, operation: LoggedMainOperation): Called {
  if (operation.kind === 'setGlobals') return interpreter.call('set_globals', operation.globals);
  return interpreter.call('run', operation.code, operation.globals);
}

type Replay = (interpreter: Interpreter, env: number, operation: EnvOperation) => Called;

const byBridge: Replay = (interpreter, env, { kind, data }) => interpreter.call('replay', env, kind, data);

/** How each kind of operation is replayed. */
const ofEnv: Readonly<Record<EnvOperation['kind'], Replay>> = {
  step: byBridge,
  rollout: byBridge,
  reset: byBridge,
  render: byBridge,
  setState: (interpreter, env, { data }) => interpreter.call('set_state', env, data, false),
  seed: (interpreter, env, { data }) => interpreter.call('seed', env, JSON.parse(data.json) as number),
};
