import answers from './answers.py';
import commands from './commands.py';
import decode from './decode.py';
import encode from './encode.py';
import entropy from './entropy.py';
import env from './env.py';
import frames from './frames.py';
import rollout from './rollout.py';
import shared from './shared.py';
import spaces from './spaces.py';
import state from './state.py';

/** One Python module: its files share their names. `shared` comes first; the others define, and `commands` call them. */
export const bridgeSource = [
  ...[shared, entropy, encode, decode, spaces, env, rollout, state, frames],
  ...[answers, commands],
].join('\n\n');
