// What is not so yet. Each of these fails today, and has to be taken out as soon as it does not fail any more: a spec that
// waits here fails when its expectation is met.
import type { Pass } from './passes.mjs';

type Aspect = Pass | 'ready' | 'first' | 'frame' | 'kind';

/** By what is to come: the names of rows, and which of their expectations are not met. */
export const pending: Readonly<Record<string, Readonly<Record<string, readonly Aspect[]>>>> = {
  'Lists of values say only at the first step whose they are: the reset before it is one agent’s.': {
    'lists for agents without names': ['steps', 'state', 'deaths'],
    'three flags for two agents': ['steps', 'state', 'deaths'],
  },
  'Plain Python raises a KeyError behind the end of its episode, the bridge does not.': {
    'an order that is drawn, and tuples for names': ['deaths'],
  },
};
