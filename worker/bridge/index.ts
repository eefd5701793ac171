// The Python half of the worker. Its files share one namespace, which the interpreter's snapshot keeps as a whole; so none
// of them imports another, and each name exists once. What runs while a file is executed needs the files before it:
//
//   shared    imports, limits, the envs, and the functions that JavaScript sets
//   entropy   what envs draw from `os.urandom`, and seeds
//   answer    the buffers beside an answer's text, and `@answering`, which makes a command of a function
//   errors    exceptions as answers
//   problems  what goes wrong and ends nothing
//   text      Python code as it was meant
//   addresses, ask   what Python opens, and what it asks
//   waiting   async code inside of a call
//   encode, decode   values on their way out and in
//   spaces, agents, readings   an env's spaces and agents, and what it returned
//   parallel, turns, env       its steps, by its kind
//   rollout, agentsRollout, frames   what else commands do to an env
//   kinds, making, takingApart, drawing, graph, digest, moduleData, state   its objects: taken apart, made again,
//             compared, kept
//   commands, files   the functions that JavaScript calls

import addresses from './addresses.py';
import agents from './agents.py';
import agentsRollout from './agents_rollout.py';
import answer from './answer.py';
import ask from './ask.py';
import commands from './commands.py';
import decode from './decode.py';
import digest from './digest.py';
import drawing from './drawing.py';
import encode from './encode.py';
import entropy from './entropy.py';
import env from './env.py';
import errors from './errors.py';
import files from './files.py';
import frames from './frames.py';
import graph from './graph.py';
import kinds from './kinds.py';
import making from './making.py';
import moduleData from './module_data.py';
import parallel from './parallel.py';
import readings from './readings.py';
import problems from './problems.py';
import rollout from './rollout.py';
import shared from './shared.py';
import spaces from './spaces.py';
import state from './state.py';
import takingApart from './taking_apart.py';
import text from './text.py';
import turns from './turns.py';
import waiting from './waiting.py';

export const bridgeSources = [
  ...[shared, entropy, answer, errors, problems],
  ...[text, addresses, ask, waiting],
  ...[encode, decode],
  ...[spaces, agents, readings, parallel, turns, env],
  ...[rollout, agentsRollout, frames],
  ...[kinds, making, takingApart, drawing, graph, digest, moduleData, state],
  ...[commands, files],
];
