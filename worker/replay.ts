import type { Replay, ReplayEntry } from '../src/protocol/messages.js';
import { nothing, type Packed } from '../src/protocol/pack.js';
import { Refusal, type Interpreter } from './interpreter.js';

/** Does the entries again, one after another, and stops at the first that comes to something else than it did. */
export async function replay(interpreter: Interpreter, { env, entries }: Replay): Promise<Packed> {
  for (const [at, entry] of entries.entries()) {
    let came: Packed;
    try {
      came = await again(interpreter, env, entry);
    } catch (error) {
      // what raised the first time was not acknowledged, so it is not in the log; code that raises now looked at an env
      // that it does not find, and whether that matters the digests say
      if (entry.kind === 'run' && error instanceof Refusal && error.remote.kind === 'python') continue;
      if (!(error instanceof Refusal) || error.remote.kind !== 'python') throw error;
      throw diverged(at, `${entry.kind} raised ${error.remote.type}: ${error.remote.message}`);
    }
    if ('digest' in entry && came.json !== String(entry.digest)) {
      throw diverged(at, `${entry.kind} came to another observation, reward or end than before`);
    }
  }
  return nothing;
}

function again(interpreter: Interpreter, env: number, entry: ReplayEntry): Packed | Promise<Packed> {
  switch (entry.kind) {
    case 'run':
      return interpreter.call('run', entry.code, entry.globals);
    case 'setGlobals':
      return interpreter.call('set_globals', entry.globals);
    case 'seed':
      return interpreter.call('seed', env, entry.seed);
    default:
      return interpreter.call('replay', env, entry.kind, entry.data);
  }
}

function diverged(at: number, message: string): Refusal {
  return new Refusal({ kind: 'diverged', at, message });
}
