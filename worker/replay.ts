import type { MainEntry, Operation, Replay } from '../src/protocol/messages.js';
import { nothing, type Packed } from '../src/protocol/pack.js';
import type { Interpreter } from './interpreter.js';
import { RemoteFailure } from './remote-failure.js';

/**
 * Does the entries again, one after another, and stops at the first that comes to something else than it did. `done`:
 * the numbers of what was replayed in this interpreter's `__main__` so far.
 */
export async function replay(
  interpreter: Interpreter,
  { env, entries, from, once }: Replay,
  done: Set<number>,
): Promise<Packed> {
  for (const [at, entry] of entries.entries()) {
    if (!('came' in entry)) {
      // code that raises may have looked at an env that it does not find; whether that matters the digests say
      if (!(once && done.has(entry.number))) await outcome(() => inMain(interpreter, entry));
      done.add(entry.number);
      continue;
    }
    const { json, raised } = await outcome(() => again(interpreter, env, entry));
    if (json === JSON.stringify(entry.came)) continue;
    const before = typeof entry.came === 'string' ? `, and ${entry.came} before` : '';
    const problem =
      raised !== undefined || before
        ? `${entry.kind} raised ${raised ?? 'nothing'}${before}`
        : `${entry.kind} came to another observation, reward or end than before`;
    throw new RemoteFailure({ kind: 'diverged', at: from + at, message: problem });
  }
  return nothing;
}

type Called = Packed | Promise<Packed>;

/** As an entry says it: the answer, or the type of what was raised. */
async function outcome(call: () => Called): Promise<{ readonly json: string; readonly raised?: string }> {
  try {
    return { json: (await call()).json };
  } catch (error) {
    if (!(error instanceof RemoteFailure) || error.remote.kind !== 'python') throw error;
    const { type, message } = error.remote;
    return { json: JSON.stringify(type), raised: `${type}: ${message}` };
  }
}

function inMain(interpreter: Interpreter, entry: MainEntry): Called {
  if (entry.kind === 'setGlobals') return interpreter.call('set_globals', entry.globals);
  return interpreter.call('run', entry.code, entry.globals);
}

function again(interpreter: Interpreter, env: number, entry: Operation): Called {
  if (entry.kind === 'seed') return interpreter.call('seed', env, entry.seed);
  if (entry.kind === 'setState') return interpreter.call('set_state', env, entry.data, false);
  return interpreter.call('replay', env, entry.kind, entry.data);
}
