import { UsageError } from '../errors.js';
import { describe } from '../protocol/decode.js';
import type { WorkerFactory } from '../protocol/endpoint.js';
import { pack } from '../protocol/pack.js';
import type { Data } from '../protocol/values.js';

/** How long commands may run, in ms, counted from their start in the worker. `Infinity` means no deadline. */
export interface Deadlines {
  /** From the spawn of the worker until Python runs. Default 120,000. */
  readonly boot?: number;
  /** Default 120,000. */
  readonly install?: number;
  /** Also for the set-up of an env. Default 60,000. */
  readonly run?: number;
  /** Default 30,000. */
  readonly reset?: number;
  /** Also for `render` and `close`. Default 10,000. */
  readonly step?: number;
  /** How long a command goes on after it was unsubscribed, before its worker is replaced. Default 1,000. */
  readonly grace?: number;
  /** How long a download, of a boot or an installation, may bring no byte, and a new worker say nothing. Default 30,000. */
  readonly stall?: number;
}

/** What happens after a crash. */
export interface RestartOptions {
  /** How many restarts within `within`; 0 for none. Default 3. */
  readonly limit?: number;
  /** The time in ms over which restarts are counted. Default 60,000. */
  readonly within?: number;
  /**
   * The pause in ms before the second restart; it doubles with each further one, up to 10,000. Up to half of it is left
   * out, by chance, so that pages that died together do not come back together. The first restart comes at once.
   * Default 100.
   */
  readonly backoff?: number;
  /**
   * Keeps a second interpreter booted (another 60–100 MB), with the same packages and envs, which takes over at a crash.
   * It is booted, and after a crash the next one, when the runtime has been ready for 1.5 s, in the next moment in
   * which no command runs or waits, be it between two steps. If it dies before it is needed, another is booted, up to
   * `limit` times within `within`, counted apart from restarts; after that, none before the next restart. Default false.
   */
  readonly spare?: boolean;
  /**
   * Takes a snapshot of a booted interpreter's memory (20–31 MB are kept) in the background, from which restarts come
   * several times faster; not with `spare`. Where Pyodide cannot do it, restarts are cold. Default true.
   */
  readonly snapshot?: boolean;
  /**
   * How many of `run` and `setGlobals` are kept, to be done again in a new interpreter: the latest; a whole number from 1.
   * Names that are set again with nothing in between count once. Default 1,000.
   */
  readonly log?: number;
}

export interface RuntimeOptions {
  /**
   * Where `pyodide.mjs` and what belongs to it lie; relative to the page. Default: the CDN's folder of the one version
   * that this library is built for.
   */
  readonly indexURL?: string | undefined;
  /** Makes a worker that runs `rxgym/worker`. Default: the script that lies beside this module. */
  readonly worker?: WorkerFactory | undefined;
  /** Installed at each boot: names in Pyodide's lock file, URLs of wheels, or else requirements for micropip. */
  readonly packages?: readonly string[] | undefined;
  /** Set in Python's `__main__` at each boot. */
  readonly globals?: Readonly<Record<string, Data>> | undefined;
  readonly deadlines?: Deadlines | undefined;
  readonly restart?: RestartOptions | undefined;
  /**
   * `'snapshot'`: some seconds after a cold boot a snapshot of an interpreter's memory (20–31 MB) is put into the
   * browser's storage, and later visits start from it. Where that is not possible they boot cold. Default `'none'`.
   */
  readonly cache?: 'none' | 'snapshot' | undefined;
  /** How many commands may wait. One more ends with a `QueueOverflowError`. Default 1,024. */
  readonly queue?: number | undefined;
}

export interface Settings {
  readonly indexURL: string;
  readonly worker: WorkerFactory;
  readonly packages: readonly string[];
  readonly globals: Readonly<Record<string, Data>>;
  readonly deadlines: Readonly<Required<Deadlines>>;
  readonly restart: Readonly<Required<RestartOptions>>;
  readonly cache: 'none' | 'snapshot';
  /** The image that its interpreters start from; an env says it. */
  readonly image: string | null;
  /** Packages that envs are going to install. */
  readonly expectedPackages: readonly string[];
  readonly queue: number;
}

/** What a platform brings where the user says nothing. */
export type Defaults = Pick<Settings, 'indexURL' | 'worker'>;

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

const optionNames = ['indexURL', 'worker', 'packages', 'globals', 'deadlines', 'restart', 'cache', 'queue'] as const;

/** Checks the options and fills in the defaults; throws a {@link UsageError} that names the first bad one. */
export function settingsFrom(options: RuntimeOptions, defaults: Defaults): Settings {
  const { indexURL = defaults.indexURL, worker = defaults.worker, packages = [], globals = {} } = options;
  const { cache = 'none', queue = 1024 } = options;
  for (const name of Object.keys(options)) {
    check(name, name, `one of ${optionNames.join(', ')}`, (optionNames as readonly string[]).includes(name));
  }
  check('indexURL', indexURL, 'a URL', typeof indexURL === 'string' && indexURL !== '');
  check('worker', worker, 'a function that makes a worker', typeof worker === 'function');
  checkPackages(packages);
  check('globals', globals, 'an object', isObject(globals));
  pack(globals, 'globals'); // refused here, not at the boot
  check('queue', queue, 'a whole number from 1', Number.isInteger(queue) && queue >= 1);
  check('cache', cache, "'none' or 'snapshot'", ['none', 'snapshot'].includes(cache));
  const deadlines = withDefaults('deadlines', options.deadlines, deadlineDefaults);
  for (const [name, ms] of Object.entries(deadlines)) checkDeadline(`deadlines.${name}`, ms);
  const restart = withDefaults('restart', options.restart, restartDefaults);
  check('restart.limit', restart.limit, 'a whole number from 0', Number.isInteger(restart.limit) && restart.limit >= 0);
  check('restart.log', restart.log, 'a whole number from 1', Number.isInteger(restart.log) && restart.log >= 1);
  for (const name of ['spare', 'snapshot'] as const) {
    check(`restart.${name}`, restart[name], 'true or false', typeof restart[name] === 'boolean');
  }
  check('restart.within', restart.within, 'a time in ms above 0', restart.within > 0);
  check(
    'restart.backoff',
    restart.backoff,
    'a time in ms from 0',
    restart.backoff >= 0 && restart.backoff <= longestTimer,
  );
  return {
    indexURL: withSlash(absolute(indexURL)),
    worker,
    packages,
    globals,
    deadlines,
    restart,
    cache,
    image: null,
    expectedPackages: [],
    queue,
  };
}

export function checkPackages(packages: readonly string[]): void {
  const fits = Array.isArray(packages) && packages.every((name: unknown) => typeof name === 'string' && name !== '');
  check('packages', packages, 'an array of names or wheel URLs', fits);
}

export function checkDeadline(name: string, ms: number | undefined): void {
  const fits = ms === undefined || ms === Infinity || (typeof ms === 'number' && ms > 0 && ms <= longestTimer);
  check(name, ms, `a time in ms above 0, at most ${longestTimer}, or Infinity`, fits);
}

/** Browsers' timers take a 32-bit integer; what is longer fires at once. */
export const longestTimer = 2 ** 31 - 1;

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function check(option: string, got: unknown, expected: string, fits: boolean): void {
  if (!fits) throw new UsageError(option, expected, describe(got));
}

function withDefaults<T extends object>(option: string, given: Partial<T> | undefined, defaults: T): T {
  check(option, given, 'an object', given === undefined || isObject(given));
  for (const name of Object.keys(given ?? {})) {
    check(`${option}.${name}`, name, `one of ${Object.keys(defaults).join(', ')}`, name in defaults);
  }
  const set = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...(Object.fromEntries(set) as Partial<T>) };
}

/** A URL relative to the page, where there is one. */
export function absolute(address: string): string {
  const base = typeof document === 'undefined' ? undefined : document.baseURI;
  return URL.canParse(address, base) ? new URL(address, base).href : address;
}

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);
