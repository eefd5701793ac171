// The requests that concern the interpreter as a whole; those for an env are in src/env and src/recovery.

import { checkValue, deadlineRule, objectRule, type Rules } from '../check.js';
import type { SnapshotKind } from '../protocol/commands.js';
import type { Packed } from '../protocol/pack.js';
import type { Data } from '../protocol/values.js';
import { pageAddress, withAddresses } from './address.js';
import type { FileSet } from './files.js';
import { packagesRule, type Settings } from './options.js';
import { requestFor, type Lane, type Request } from './request.js';

export type Globals = Readonly<Record<string, Data>>;

/** What an interpreter starts from. */
export type Start =
  /** Nothing, or the memory of another interpreter. */
  | { readonly snapshot: ArrayBuffer | undefined }
  /** Nothing, so that its memory can be taken and returned. */
  | { readonly make: SnapshotKind };

export function bootRequest(settings: Settings, start: Start): Request {
  const { indexURL, cache, cacheKey, image, packages, expectedPackages, expectedEnvs, deadlines } = settings;
  const makeSnapshot = 'make' in start ? start.make : null;
  const snapshot = 'make' in start ? null : (start.snapshot ?? null);
  return requestFor(settings, {
    type: 'boot',
    indexURL,
    base: pageAddress(),
    snapshot,
    makeSnapshot,
    cache: cache === null ? null : { key: cacheKey, limit: cache },
    // who starts from a snapshot, or makes one, could get no image
    image: snapshot || makeSnapshot ? null : image,
    packages: makeSnapshot === 'bare' ? [] : [...packages, ...expectedPackages],
    specs: makeSnapshot === 'filled' ? expectedEnvs.map(({ spec }) => spec) : [],
    stall: deadlines.stall,
  });
}

export function installRequest(settings: Settings, packages: readonly string[], lane: Lane): Request {
  checkValue('packages', packages, packagesRule);
  return requestFor(
    settings,
    { type: 'install', packages: withAddresses(packages), stall: settings.deadlines.stall },
    { lane, ...(lane === 'setup' && first) },
  );
}

/** Writes files while an interpreter is set up, or behind the packages of an env. */
export const filesRequest = (settings: Settings, files: FileSet, lane: Lane): Request =>
  requestFor(settings, files.message(settings.deadlines.stall), { lane, ...(lane === 'setup' && first) });

/** Sets globals while an interpreter is set up. */
export const initialGlobalsRequest = (settings: Settings, globals: Packed): Request =>
  requestFor(settings, { type: 'setGlobals', globals }, { lane: 'setup', ...first });

/** Before the recovery of any env. */
const first = { order: 0 };

/** Leaves nothing of a warm-up but what was imported. */
export const forgetRequest = (settings: Settings): Request => requestFor(settings, { type: 'forget' });

export interface RunOptions {
  /** Set in Python's `__main__` before the code runs. */
  readonly globals?: Globals | undefined;
  /** In ms from the command's start; default: the runtime's `deadlines.run`. */
  readonly deadline?: number | undefined;
}

export const runRules: Rules<RunOptions> = { globals: objectRule, deadline: deadlineRule };
