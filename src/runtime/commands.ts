// The requests that concern the interpreter as a whole; those of an env are in src/env.

import { checkValue, deadlineRule, objectRule, type Rules } from '../check.js';
import { pack, type Packed } from '../protocol/pack.js';
import type { Data } from '../protocol/values.js';
import { packagesRule, type Settings } from './options.js';
import type { Request } from './requests.js';

export type Globals = Readonly<Record<string, Data>>;

/** `snapshot`: the memory to start from; `makeSnapshot`: answer one. Either means that no image was to be had. */
export function bootRequest(
  { indexURL, cache, image, packages, expectedPackages, deadlines }: Settings,
  snapshot: ArrayBuffer | undefined,
  makeSnapshot = false,
): Request {
  return {
    type: 'boot',
    body: () => ({
      type: 'boot',
      indexURL,
      snapshot: snapshot ?? null,
      makeSnapshot,
      cache: cache === 'snapshot',
      image: snapshot || makeSnapshot ? null : image,
      packages: makeSnapshot ? [] : [...packages, ...expectedPackages],
      stall: deadlines.stall,
    }),
    deadline: deadlines.boot,
    lane: 'setup',
  };
}

export function installRequest({ deadlines }: Settings, packages: readonly string[], lane: Request['lane']): Request {
  return {
    type: 'install',
    body: () => {
      checkValue('packages', packages, packagesRule);
      return { type: 'install', packages, stall: deadlines.stall };
    },
    deadline: deadlines.install,
    lane,
    ...(lane === 'setup' && { order: 0 }),
  };
}

export function globalsRequest({ deadlines }: Settings, globals: Globals, lane: Request['lane']): Request {
  return {
    type: 'setGlobals',
    body: () => ({ type: 'setGlobals', globals: pack(globals, 'globals') }),
    deadline: deadlines.run,
    lane,
    ...(lane === 'setup' && { order: 0 }),
  };
}

/** Leaves of a warm-up nothing but what was imported. */
export const forgetRequest: Request = {
  type: 'forget',
  body: () => ({ type: 'forget' }),
  deadline: Infinity,
  lane: 'setup',
};

export function runRequest(
  { deadlines }: Settings,
  code: string,
  globals: Packed,
  { deadline = deadlines.run }: RunOptions,
): Request {
  return {
    type: 'run',
    body: () => ({ type: 'run', code, globals }),
    deadline,
    lane: 'user',
  };
}

export interface RunOptions {
  /** Set in Python's `__main__` before the code runs. */
  readonly globals?: Globals | undefined;
  /** In ms from the command's start; default: the runtime's `deadlines.run`. */
  readonly deadline?: number | undefined;
}

export const runRules: Rules<RunOptions> = { globals: objectRule, deadline: deadlineRule };
