// What is not so yet. Each of these fails today, and has to be taken out as soon as it does not fail any more: a spec that
// waits here fails when its expectation is met.
import type { Pass } from './passes.mjs';

type Aspect = Pass | 'ready' | 'first' | 'frame' | 'kind';

/** By what is to come: the names of rows, and which of their expectations are not met. */
export const pending: Readonly<Record<string, Readonly<Record<string, readonly Aspect[]>>>> = {};
