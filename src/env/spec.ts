import type { CommandOf } from '../protocol/commands.js';
import { pack } from '../protocol/pack.js';
import type { Data } from '../protocol/values.js';
import type { RecoveryOptions } from '../recovery/options.js';
import { absolute, check, checkDeadline, checkPackages } from '../runtime/options.js';

/** What every kind of spec may say. */
export interface CommonSpec {
  /** Installed before the env is set up; see `runtime.install`. */
  readonly packages?: readonly string[] | undefined;
  /** Set in Python's `__main__` before the env is set up. */
  readonly globals?: Readonly<Record<string, Data>> | undefined;
  /** Python that is run before every step, in `__main__`. */
  readonly beforeStep?: string | undefined;
  /** Truncates an episode after so many steps; default: no limit but the env's own. */
  readonly maxSteps?: number | undefined;
  readonly render?: RenderOptions | undefined;
  readonly frames?: FrameOptions | undefined;
  readonly recovery?: RecoveryOptions | undefined;
}

export interface RenderOptions {
  /** While `frames$` is watched, render after every n-th step of an episode; default 1. */
  readonly every?: number;
  /** While `frames$` is watched, render so many times a second at the most; above 0. Default: no limit. */
  readonly fps?: number;
}

export interface FrameOptions {
  /**
   * While so many frames are held, nothing is rendered; a whole number from 1. `paint` holds one at a time, the newest,
   * until it is shown. Default 2: it always gets a newer one. With 1, what paints slowly costs Python nothing, and shows
   * what was there when it last had painted.
   */
  readonly inFlight?: number;
}

/** Python code, run in `__main__`, that leaves the env in a global named `env`. */
export interface SourceSpec extends CommonSpec {
  readonly source: string;
}

/**
 * An id for `gymnasium.make`, with its keyword arguments, for instance `{ render_mode: 'rgb_array' }`. With `numEnvs` for
 * `gymnasium.make_vec`: a vector env, whose steps are {@link VectorStep}s.
 */
export interface MakeSpec extends CommonSpec {
  readonly make: string;
  /** A whole number from 1. `kwargs` may then say `vectorization_mode`, but for `'async'`, which needs processes. */
  readonly numEnvs?: number | undefined;
  readonly kwargs?: Readonly<Record<string, Data>> | undefined;
}

/** `'module:Factory'`, called with the keyword arguments. */
export interface EntryPointSpec extends CommonSpec {
  readonly entryPoint: string;
  readonly kwargs?: Readonly<Record<string, Data>> | undefined;
}

/**
 * The address of what `npx rxgym bake` wrote, relative to the page. A runtime that has not been started starts from it,
 * with the env set up; any other sets it up as it was baked.
 */
export interface ImageSpec extends CommonSpec {
  readonly image: string;
}

/** Where an env comes from: exactly one of `source`, `make`, `entryPoint` and `image`. */
export type EnvSpec = SourceSpec | MakeSpec | EntryPointSpec | ImageSpec;

type Loose = Partial<SourceSpec & MakeSpec & EntryPointSpec & ImageSpec>;

/** Throws a `UsageError` that names what is wrong with a spec. */
export function checkSpec(spec: EnvSpec): void {
  const { source, make, numEnvs, entryPoint, image, kwargs, ...common } = spec as Loose;
  const { globals, packages, beforeStep, maxSteps, render, frames, recovery } = common;
  const given = Object.entries({ source, make, entryPoint, image }).filter(([, value]) => value !== undefined);
  const names = given.map(([name]) => name).join(' and ') || 'none of them';
  check('spec', names, 'exactly one of source, make, entryPoint and image', given.length === 1);
  for (const [name, value] of given) check(name, value, 'a string', typeof value === 'string' && value !== '');
  if (entryPoint !== undefined) check('entryPoint', entryPoint, "'module:Factory'", /^[\w.]+:[\w.]+$/.test(entryPoint));
  if (source ?? image) check('kwargs', kwargs, 'none with source and image', kwargs === undefined);
  if (make === undefined) check('numEnvs', numEnvs, 'none without make', numEnvs === undefined);
  checkCount('numEnvs', numEnvs);
  for (const [name, value] of Object.entries({ kwargs, globals })) {
    check(name, value, 'an object', value === undefined || (typeof value === 'object' && !Array.isArray(value)));
  }
  if (packages !== undefined) checkPackages(packages);
  check('beforeStep', beforeStep, 'Python code', beforeStep === undefined || typeof beforeStep === 'string');
  checkCount('maxSteps', maxSteps);
  checkCount('render.every', render?.every);
  const fps = render?.fps;
  check('render.fps', fps, 'frames a second, above 0', fps === undefined || (typeof fps === 'number' && fps > 0));
  checkCount('frames.inFlight', frames?.inFlight);
  checkCount('recovery.every', recovery?.every);
  checkCount('recovery.log', recovery?.log);
  checkDeadline('recovery.ms', recovery?.ms);
}

function checkCount(name: string, count: number | undefined): void {
  check(name, count, 'a whole number from 1', count === undefined || (Number.isInteger(count) && count >= 1));
}

/**
 * The message that sets an env up. `episodes`: how many it has had already, in an interpreter that died; `entropy` is
 * the key to what it draws of the system's.
 */
export function setUpMessage(
  env: number,
  spec: EnvSpec,
  past: { episodes: number; entropy: string },
): CommandOf<'setUp'> {
  const { source, make, numEnvs, entryPoint, kwargs = {}, globals = {}, beforeStep, maxSteps } = spec as Loose;
  const plain = { source, make, numEnvs, entryPoint, kwargs, globals, beforeStep, maxSteps, ...past };
  return { type: 'setUp', env, spec: pack(plain, 'spec'), image: imageOf(spec) };
}

/** Where the image of a spec lies. */
export function imageOf(spec: EnvSpec): string | null {
  return 'image' in spec ? absolute(spec.image) : null;
}
