import {
  checkOptions,
  countRule,
  deadlineRule,
  flagRule,
  isAboveZero,
  isText,
  longestTimer,
  objectRule,
  type Rule,
  type Rules,
} from '../check.js';
import type { Endpoint, WorkerFactory } from '../protocol/endpoint.js';
import type { Packed } from '../protocol/pack.js';
import type { Data } from '../protocol/values.js';
import { absolute, withAddresses } from './address.js';
import { inputRule, type Input } from './input.js';

/**
 * How long commands may run: in ms from their start in the worker, above 0, at most 2,147,483,647 (about 24.8 days), or
 * `Infinity` for no deadline.
 */
export interface Deadlines {
  /** From the spawn of the worker until Python runs. Default 120,000. */
  readonly boot?: number;
  /** Default 120,000. */
  readonly install?: number;
  /** For `run` and `setGlobals`, the set-up of an env and each chunk of a rollout. Default 60,000. */
  readonly run?: number;
  /** Default 30,000. */
  readonly reset?: number;
  /** Also for the other commands of an env, such as `render`, `getState` and `close`. Default 10,000. */
  readonly step?: number;
  /** How long an interrupted command (late or unsubscribed) may go on before its worker is replaced. Default 1,000. */
  readonly grace?: number;
  /** How long a download (of a boot or an installation) may bring no byte, and a new worker send nothing. Default 30,000. */
  readonly stall?: number;
}

/** What happens after a crash. */
export interface RestartOptions {
  /** How many restarts within the time `within`; a whole number from 0. Default 3; 0 means none. */
  readonly limit?: number;
  /** The time over which restarts are counted, in ms; above 0. Default 60,000. */
  readonly within?: number;
  /**
   * The pause before the second restart, in ms; from 0. It doubles with each further restart, up to 10,000. A random part
   * of it, at most half, is left out, so that pages that crashed together do not restart together. The first restart comes
   * at once. Default 100.
   */
  readonly backoff?: number;
  /**
   * Keeps a second interpreter booted (another 60–100 MB), with the same packages and envs, which takes over at a crash.
   * It is booted when the runtime has been ready for 1.5 s, in the next moment in which no command runs or waits; after a
   * crash the next spare is booted in the same way. A spare that dies before it is needed is replaced up to `limit` times
   * within `within`, which are counted apart from restarts; after that there is none before the next restart. Default false.
   */
  readonly spare?: boolean;
  /**
   * Takes a snapshot of a booted interpreter in the background (13 MB; with NumPy and Gymnasium 40 MB), with its packages and
   * what its envs import. Restarts from it are several times faster. Not used with `spare`. Where Pyodide cannot take
   * snapshots, restarts are cold. Default true.
   */
  readonly snapshot?: boolean;
  /**
   * How many calls of `run` and `setGlobals` are logged, to be replayed in a new interpreter: the latest before each env's
   * set-up, and the latest since the last one; a whole number from 1. Calls in a row that set the same names count once.
   * The names of a `setGlobals` that is no longer logged are set when an interpreter boots. Default 1,000.
   */
  readonly log?: number;
}

/** As `'snapshot'`, with a bound. */
export interface CacheOptions {
  /**
   * How many bytes snapshots may have in the browser's storage, those of all pages of the origin; above 0. For a new one the
   * least recently used go; one that is larger itself is not stored. Default 150,000,000.
   */
  readonly limit?: number;
}

/** The options of `createRuntime`. */
export interface RuntimeOptions {
  /**
   * The folder of `pyodide.mjs` and its files; a URL, relative to the page (in Node, to the folder that it runs in).
   * Default: the folder on the CDN of the one Pyodide version that this library is built for.
   */
  readonly indexURL?: string | undefined;
  /**
   * The address of `rxgym/worker`, relative to the page (in Node a file's URL, of `rxgym/node-worker`), or a function that
   * makes a worker of it. Default: the script beside this module.
   */
  readonly worker?: WorkerFactory | string | URL | undefined;
  /**
   * Installed at each boot: names in Pyodide's lock file, URLs of wheels (relative to the page), or requirements for
   * micropip. Default: none.
   */
  readonly packages?: readonly string[] | undefined;
  /** Set in Python's `__main__` at each boot. Default: none. */
  readonly globals?: Readonly<Record<string, Data>> | undefined;
  /** How long commands may run. */
  readonly deadlines?: Deadlines | undefined;
  /** What happens after a crash. */
  readonly restart?: RestartOptions | undefined;
  /**
   * `'snapshot'`: some seconds after a cold boot, a snapshot of an interpreter's memory is stored in the browser (13 MB; with
   * NumPy and Gymnasium 40 MB), and later visits start from it. It has the packages of the runtime and of the envs that were
   * made before the boot, and what those envs import. Where that is not possible they boot cold. Default `'none'`.
   */
  readonly cache?: 'none' | 'snapshot' | CacheOptions | undefined;
  /**
   * Answers Python's `input()` in what `run` runs, and in envs that have no `input` of their own. Needs a page that is
   * cross-origin isolated. Default: `input()` raises `EOFError`.
   */
  readonly input?: Input | undefined;
  /** How many commands may wait; one more ends with a `QueueOverflowError`. A whole number from 1. Default 1,024. */
  readonly queue?: number | undefined;
}

/** An env that may be set up. */
export interface ExpectedEnv {
  /** What decides which modules it imports. */
  readonly code: string;
  readonly spec: Packed;
}

/** The options with their defaults, and what the runtime's envs and commands add to them. */
export interface Settings {
  readonly indexURL: string;
  readonly worker: WorkerFactory;
  readonly packages: readonly string[];
  readonly globals: Readonly<Record<string, Data>>;
  readonly deadlines: Readonly<Required<Deadlines>>;
  readonly restart: Readonly<Required<RestartOptions>>;
  /** How many bytes snapshots may have in the browser's storage; null where it is not used. */
  readonly cache: number | null;
  /** What of this decides which snapshot is started from, as it was at the first boot. */
  readonly cacheKey: string;
  /** The baked image that interpreters start from: that of the first env that has one. */
  readonly image: string | null;
  /** Packages that envs will install: the worker downloads them while the interpreter boots. */
  readonly expectedPackages: readonly string[];
  /** What these envs import goes into snapshots. */
  readonly expectedEnvs: readonly ExpectedEnv[];
  readonly queue: number;
  readonly input: Input | undefined;
}

/** What a platform uses where the user gives nothing. */
export interface Defaults extends Pick<Settings, 'indexURL'> {
  /** Makes a worker from the script at an address, or from its own. */
  readonly worker: (script?: string) => Endpoint;
}

const deadlineDefaults: Required<Deadlines> = {
  boot: 120_000,
  install: 120_000,
  run: 60_000,
  reset: 30_000,
  step: 10_000,
  grace: 1_000,
  stall: 30_000,
};
const restartDefaults: Required<RestartOptions> = {
  limit: 3,
  within: 60_000,
  backoff: 100,
  spare: false,
  snapshot: true,
  log: 1000,
};
/** How many commands may wait; in a pool's own queue, too. */
export const defaultQueue = 1024;
const plainDefaults: Pick<Settings, 'packages' | 'globals' | 'queue' | 'input'> = {
  packages: [],
  globals: {},
  queue: defaultQueue,
  input: undefined,
};

const deadlineRules: Rules<Deadlines> = {
  boot: deadlineRule,
  install: deadlineRule,
  run: deadlineRule,
  reset: deadlineRule,
  step: deadlineRule,
  grace: deadlineRule,
  stall: deadlineRule,
};
const restartRules: Rules<RestartOptions> = {
  limit: { min: 0, whole: true },
  within: { expected: 'a time in ms above 0', fits: isAboveZero },
  backoff: { min: 0, max: longestTimer },
  spare: flagRule,
  snapshot: flagRule,
  log: countRule,
};
const cacheRules: Rules<CacheOptions> = { limit: { expected: 'a number of bytes above 0', fits: isAboveZero } };
const defaultCacheLimit = 150e6;
const cacheWords: readonly unknown[] = ['none', 'snapshot'];
const cacheRule: Rule = {
  expected: 'one of none, snapshot, or an object with a limit',
  fits: (value) => cacheWords.includes(value) || (typeof value === 'object' && value !== null),
};
export const packagesRule: Rule = {
  expected: 'an array of names or wheel URLs',
  fits: (value) => Array.isArray(value) && value.every(isText),
};
export const runtimeRules: Rules<RuntimeOptions> = {
  indexURL: { expected: 'a URL', fits: isText },
  worker: {
    expected: 'an address, or a function that makes a worker',
    fits: (value) => typeof value === 'function' || isText(value) || value instanceof URL,
  },
  packages: packagesRule,
  globals: objectRule,
  deadlines: { options: deadlineRules },
  restart: { options: restartRules },
  cache: cacheRule,
  input: inputRule,
  queue: countRule,
};

/** Checks the options and fills in the defaults. Throws a `UsageError` that names the first option that is wrong. */
export function settingsFrom(options: RuntimeOptions, defaults: Defaults): Settings {
  checkOptions('', options, runtimeRules);
  const { worker } = options;
  const given = withDefaults({ ...options, worker: undefined }, { ...defaults, ...plainDefaults });
  return {
    ...given,
    worker: typeof worker === 'function' ? worker : () => defaults.worker(worker && String(worker)),
    indexURL: withSlash(absolute(given.indexURL)),
    packages: withAddresses(given.packages),
    deadlines: withDefaults(options.deadlines, deadlineDefaults),
    restart: withDefaults(options.restart, restartDefaults),
    cache: cacheLimit(options.cache),
    image: null,
    cacheKey: '',
    expectedPackages: [],
    expectedEnvs: [],
  };
}

function cacheLimit(cache: RuntimeOptions['cache'] = 'none'): number | null {
  if (cache === 'none') return null;
  if (cache === 'snapshot') return defaultCacheLimit;
  checkOptions('cache', cache, cacheRules);
  return cache.limit ?? defaultCacheLimit;
}

type Given<Options> = { readonly [Name in keyof Options]?: Options[Name] | undefined };

/** What is given and not `undefined`, over the defaults. */
export function withDefaults<Options extends object>(given: Given<Options> = {}, defaults: Options): Options {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaults, ...(Object.fromEntries(set) as Partial<Options>) };
}

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);
