// The Python half of the worker. Its files share one namespace, which the interpreter's snapshot keeps as a whole; so none
// of them imports another, and each name exists once. What runs while a file is executed needs the files before it:
//
//   shared    imports, limits, the envs, and the functions that JavaScript sets
//   entropy   what envs draw from `os.urandom`, and seeds
//   answer    the buffers beside an answer's text, and `@answering`, which makes a command of a function
//   errors    exceptions as answers
//   problems  what goes wrong and ends nothing
//   encode, decode   values on their way out and in
//   spaces, env, rollout, state, frames   what commands do to an env
//   commands  the functions that JavaScript calls

import answer from './answer.py';
import commands from './commands.py';
import decode from './decode.py';
import encode from './encode.py';
import entropy from './entropy.py';
import env from './env.py';
import errors from './errors.py';
import frames from './frames.py';
import problems from './problems.py';
import rollout from './rollout.py';
import shared from './shared.py';
import spaces from './spaces.py';
import state from './state.py';

export const bridgeSource = [
  ...[shared, entropy, answer, errors, problems],
  ...[encode, decode],
  ...[spaces, env, rollout, state, frames],
  ...[commands],
].join('\n\n');
