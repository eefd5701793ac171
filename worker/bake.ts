// What `rxgym bake` does in Node: boots an interpreter, gives it wheels, files and the env, and takes a snapshot of it.

import type { BakedEnv, Manifest } from './baked-image.js';
import { placesIn, writeFile } from './files.js';
import { loadBridge } from './load-bridge.js';
import { load } from './load.js';
import type { Namespace, PythonFunction } from './pyodide.js';
import { redirectOutput } from './redirect-output.js';
import { RemoteFailure } from './remote-failure.js';
import { takeSnapshot } from './take-snapshot.js';
import { placeFor, unpack } from './unpack.js';

type Named = readonly [name: string, bytes: Uint8Array<ArrayBuffer>];

/** A package's file. */
export interface BakedPackage {
  readonly name: string;
  readonly file: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the lock file. */
  readonly installDir: string;
  readonly sha256: string;
}

export interface Bake {
  /** Where `pyodide.mjs` lies: as a URL, and as a path. */
  readonly indexURL: string;
  readonly indexPath: string;
  /** The version of rxgym. */
  readonly rxgym: string;
  readonly env: Omit<BakedEnv, 'entropy'>;
  readonly packages: readonly BakedPackage[];
  /** For the folder in which Python runs. */
  readonly files: readonly Named[];
  /** What is printed while the env is set up. */
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
}

/** The image, not compressed yet. Errors say what cannot be baked, and what to do. */
export async function bake(options: Bake): Promise<{ manifest: Manifest; bytes: Uint8Array<ArrayBuffer> }> {
  const entropy = crypto.getRandomValues(new Uint32Array(4)).join();
  const env: BakedEnv = { ...options.env, entropy };
  try {
    const loaded = await load({
      ...options,
      snapshot: null,
      image: null,
      packages: [],
      makeSnapshot: 'filled',
      cache: null,
      stall: Infinity,
      fetchFile: (url) => fetch(url),
      onProgress: () => undefined,
      onMissing: () => undefined,
    });
    const { pyodide } = loaded;
    const flush = redirectOutput(pyodide, options.onLine);
    const bridge = loadBridge(pyodide, true);
    const places = placesIn(pyodide);
    for (const { file, bytes, installDir } of options.packages) {
      unpack(pyodide, { name: file, bytes, place: placeFor(installDir) }, places);
    }
    for (const [path, bytes] of options.files) writeFile(pyodide, `${places.home}/${path}`, bytes);
    await setUp(bridge, env);
    flush();
    const packages = Object.fromEntries(options.packages.map(({ name, sha256 }) => [name, sha256]));
    return await takeSnapshot(loaded, { rxgym: options.rxgym, env, home: true, isLean: true, packages });
  } catch (error) {
    throw bakeProblem(error);
  }
}

async function setUp(bridge: Namespace, env: BakedEnv): Promise<void> {
  const spec = { ...env, numEnvs: null, globals: {}, beforeStep: null, async: null, maxSteps: null, episodes: 0 };
  const setUpEnv = bridge.get('set_up') as PythonFunction;
  // as the env 0: a page numbers its envs from 1
  const answer = (await setUpEnv(0, JSON.stringify(spec), undefined)) as string;
  const { e: error } = JSON.parse(answer.slice(answer.indexOf('{'))) as { e?: { traceback: string } };
  if (error) throw new Error(`the env could not be set up.\n${error.traceback}`);
}

function bakeProblem(error: unknown): Error {
  if (error instanceof RemoteFailure && 'message' in error.remote) return new Error(error.remote.message);
  const { message } = error as Error;
  if (/hiwire|serialize|JsProxy/i.test(message)) {
    return new Error(
      `an image cannot hold JavaScript objects, and the env has some when it is set up (${message}). ` +
        'Let it import and make them in reset()',
      { cause: error },
    );
  }
  return error as Error;
}
