import {
  check,
  checkOptions,
  countRule,
  deadlineRule,
  flagRule,
  isAboveZero,
  objectRule,
  textRule,
  type Rules,
} from '../check.js';
import type { CommandOf } from '../protocol/commands.js';
import { pack } from '../protocol/pack.js';
import type { Data } from '../protocol/values.js';
import { absolute } from '../runtime/address.js';
import { FileSet, type Files } from '../runtime/files.js';
import { inputRule, type Input } from '../runtime/input.js';
import { packagesRule, type ExpectedEnv } from '../runtime/options.js';
import type { RecoveryOptions } from '../recovery/options.js';

/** What every kind of spec may have. */
export interface CommonSpec {
  /** Installed before the env is set up; see `runtime.install`. Default: none. */
  readonly packages?: readonly string[] | undefined;
  /**
   * Files for the env, by path: written into the folder in which Python runs (and from which it imports) before the env is
   * set up, in later interpreters, too. `{ 'levels/one.txt': 'text', 'maze.py': { url: './maze.py' }, 'w.bin': bytes }`.
   * Addresses are relative to the page, and fetched once; their bytes are kept. The envs of a runtime share the folder.
   * What Python itself writes there is lost with its interpreter. Not beside `image`. Default: none.
   */
  readonly files?: Files | undefined;
  /** Set in Python's `__main__` before the env is set up. Default: none. */
  readonly globals?: Readonly<Record<string, Data>> | undefined;
  /** Python that runs in `__main__` before every step. Default: none. */
  readonly beforeStep?: string | undefined;
  /**
   * Answers Python's `input()` in the env's code, while Python waits. Needs a page that is cross-origin isolated. The
   * command's deadline goes on meanwhile: give it time, for instance `step(action, { deadline: Infinity })`. A recovery
   * gives the same answers again. Default: the runtime's `input`.
   */
  readonly input?: Input | undefined;
  /**
   * Whether the env's code may wait in the middle of a call: `async def step` (`reset`, `render`), `asyncio.run`,
   * `run_sync`. Needs a browser with JSPI (Chrome and Edge from 137 on). Each call then takes a turn of the worker's event
   * loop more. Default: looked up in the env's code; say `true` where other modules wait for it.
   */
  readonly async?: boolean | undefined;
  /**
   * What the env gets for the system's entropy is made of this text: with the same text, an env whose resets have no seed
   * does the same again. Default: another one at each set-up, which `env.provenance` tells.
   */
  readonly entropy?: string | undefined;
  /** Truncates an episode after this many steps; a whole number from 1. Default: no limit but the env's own. */
  readonly maxSteps?: number | undefined;
  /** How often frames are rendered. Default: after every step. */
  readonly render?: RenderOptions | undefined;
  /** How many frames may be in use. */
  readonly frames?: FrameOptions | undefined;
  /** How the env is recovered after a crash. */
  readonly recovery?: RecoveryOptions | undefined;
}

/** How often `frames$` renders. Without subscribers it renders nothing. */
export interface RenderOptions {
  /** Render after every n-th step of an episode; a whole number from 1. Default 1. */
  readonly every?: number;
  /** Render at most this many times a second; above 0. Default: no limit. */
  readonly fps?: number;
}

/** How many frames may be in use. */
export interface FrameOptions {
  /**
   * While this many frames are held, nothing is rendered; a whole number from 1. `paint` holds one frame, the newest,
   * until it is painted. Default 2, so that `paint` always gets a newer one. With 1 no frame is rendered before the last
   * one was painted: that saves Python time where painting is slow, but the picture is older.
   */
  readonly inFlight?: number;
}

/** Python code, run in `__main__`, that leaves the env in a global named `env`. */
export interface SourceSpec extends CommonSpec {
  /** Python code. */
  readonly source: string;
}

/**
 * An id for `gymnasium.make` and its keyword arguments, for instance `{ render_mode: 'rgb_array' }`. With `numEnvs`, for
 * `gymnasium.make_vec`: a vector env, whose steps are {@link VectorStep}s.
 */
export interface MakeSpec extends CommonSpec {
  /** The env's id, for instance `'CartPole-v1'`. */
  readonly make: string;
  /**
   * A whole number from 1. Default: no vector env. `kwargs` may have a `vectorization_mode`, but not `'async'`, which
   * needs processes.
   */
  readonly numEnvs?: number | undefined;
  /** Keyword arguments. Default: none. */
  readonly kwargs?: Readonly<Record<string, Data>> | undefined;
}

/** `'module:Factory'`, called with the keyword arguments. */
export interface EntryPointSpec extends CommonSpec {
  /** For instance `'my_envs.maze:MazeEnv'`. */
  readonly entryPoint: string;
  /** Keyword arguments. Default: none. */
  readonly kwargs?: Readonly<Record<string, Data>> | undefined;
}

/**
 * The URL of a file that `npx rxgym bake` wrote, relative to the page. A runtime that has not booted yet starts from it,
 * with the env set up; any other sets up the env that was baked. Its files are baked, too.
 */
export interface ImageSpec extends Omit<CommonSpec, 'files'> {
  /** Its URL. */
  readonly image: string;
}

/** What an env is made from: exactly one of `source`, `make`, `entryPoint` and `image`. */
export type EnvSpec = SourceSpec | MakeSpec | EntryPointSpec | ImageSpec;

type AllOptions = Partial<SourceSpec & MakeSpec & EntryPointSpec & ImageSpec>;

const renderRules: Rules<RenderOptions> = {
  every: countRule,
  fps: { expected: 'frames a second, above 0', fits: isAboveZero },
};
const frameRules: Rules<FrameOptions> = { inFlight: countRule };
const recoveryRules: Rules<RecoveryOptions> = {
  every: countRule,
  ms: deadlineRule,
  share: { expected: 'a number above 0, at most 1', fits: (share) => isAboveZero(share) && share <= 1 },
  stall: deadlineRule,
  log: countRule,
};
export const specRules: Rules<AllOptions> = {
  source: textRule,
  make: textRule,
  entryPoint: {
    expected: "'module:Factory'",
    fits: (value) => typeof value === 'string' && /^[\w.]+:[\w.]+$/.test(value),
  },
  image: textRule,
  kwargs: objectRule,
  numEnvs: countRule,
  packages: packagesRule,
  files: objectRule,
  globals: objectRule,
  beforeStep: { expected: 'Python code', fits: (value) => typeof value === 'string' },
  async: flagRule,
  input: inputRule,
  entropy: textRule,
  maxSteps: countRule,
  render: { options: renderRules },
  frames: { options: frameRules },
  recovery: { options: recoveryRules },
};

/** Throws a `UsageError` that names the first thing that is wrong with a spec. */
export function checkSpec(spec: EnvSpec): void {
  checkOptions<AllOptions>('', spec, specRules);
  const { source, make, numEnvs, entryPoint, image, kwargs, files } = spec as AllOptions;
  const given = Object.entries({ source, make, entryPoint, image }).filter(([, value]) => value !== undefined);
  const names = given.map(([name]) => name).join(' and ') || 'none of them';
  check('spec', names, 'exactly one of source, make, entryPoint and image', given.length === 1);
  if (source ?? image) check('kwargs', kwargs, 'none beside source or image', kwargs === undefined);
  if (image !== undefined) {
    const names = Object.keys(files ?? {}).join(', ');
    check('files', names, 'none beside image: bake them into it (rxgym bake --files)', files === undefined);
  }
  if (make === undefined) check('numEnvs', numEnvs, 'none without make', numEnvs === undefined);
}

/**
 * The message that sets an env up. `episodes` is how many it has begun already, in earlier interpreters; `entropy` seeds
 * what the env gets as the system's entropy.
 */
export function setUpMessage(
  env: number,
  spec: EnvSpec,
  { episodes, entropy }: { readonly episodes: number; readonly entropy: string },
): CommandOf<'setUp'> {
  const { source, make, numEnvs, entryPoint, kwargs = {}, globals = {}, beforeStep, maxSteps } = spec as AllOptions;
  const { async } = spec as AllOptions;
  const plain = { source, make, numEnvs, entryPoint, kwargs, globals, beforeStep, maxSteps, async, episodes, entropy };
  return { type: 'setUp', env, spec: pack(plain, 'spec'), image: imageOf(spec) };
}

/** What a snapshot imports for such an env; null where there is nothing, or where the spec cannot be packed. */
export function expectedOf(spec: EnvSpec): ExpectedEnv | null {
  const { source, make, numEnvs, entryPoint } = spec as AllOptions;
  const code = JSON.stringify([source, make, numEnvs, entryPoint]);
  if (code === '[null,null,null,null]') return null;
  try {
    return { code, spec: setUpMessage(0, spec, { episodes: 0, entropy: '' }).spec };
  } catch {
    return null; // the set-up says why
  }
}

/** A spec's files; throws a `UsageError` where they are none. */
export const filesOf = (spec: EnvSpec): FileSet => FileSet.of((spec as AllOptions).files ?? {});

/** The URL of a spec's baked image; null where it has none. */
export function imageOf(spec: EnvSpec): string | null {
  const { image } = spec as AllOptions;
  return image === undefined ? null : absolute(image);
}
