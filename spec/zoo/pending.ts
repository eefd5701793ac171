// What is not so yet. Each of these fails today, and has to be taken out when it does not fail any more.
import type { Pass } from './passes.mjs';

type Aspect = Pass | 'ready' | 'first' | 'frame' | 'kind';

/** By the reason: the names of rows, and which of their expectations are not met. */
export const pending: Readonly<Record<string, Readonly<Record<string, readonly Aspect[]>>>> = {};
