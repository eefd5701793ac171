// What `rxgym bake` does in Node: boots an interpreter, gives it wheels, files and the env, and takes a snapshot of it.

import { encodeBakedImage, type BakedEnv, type Manifest } from './baked-image.js';
import { folders, writeFile } from './files.js';
import { boot } from './interpreter.js';
import type { FileSystem, Namespace, Pyodide, PythonFunction } from './pyodide.js';
import { RemoteFailure } from './remote-failure.js';

type Named = readonly [name: string, bytes: Uint8Array<ArrayBuffer>];

export interface Bake {
  /** Where `pyodide.mjs` lies: as a URL, and as a path. */
  readonly indexURL: string;
  readonly indexPath: string;
  /** The version of rxgym. */
  readonly rxgym: string;
  readonly env: Omit<BakedEnv, 'entropy'>;
  readonly wheels: readonly Named[];
  /** For the folder in which Python runs. */
  readonly files: readonly Named[];
}

/** The image, not compressed yet. Errors say what cannot be baked, and what to do. */
export async function bake(options: Bake): Promise<{ manifest: Manifest; bytes: Uint8Array<ArrayBuffer> }> {
  const entropy = crypto.getRandomValues(new Uint32Array(4)).join();
  const env: BakedEnv = { ...options.env, entropy };
  let files: Named[] = [];
  const { python, pyodide, snapshot } = await boot({
    ...options,
    interrupt: null,
    snapshot: null,
    image: null,
    packages: [],
    makeSnapshot: true,
    cache: false,
    stall: Infinity,
    fetchFile: (url) => fetch(url),
    onProgress: () => undefined,
    onLine: () => undefined,
    onProblem: () => undefined,
    replies: null,
    onQuestion: () => undefined,
    async beforeSnapshot(interpreter, bridge) {
      const { site, home } = folders(interpreter);
      for (const wheel of options.wheels) unpack(interpreter, wheel, site);
      for (const [path, bytes] of options.files) writeFile(interpreter, `${home}/${path}`, bytes);
      await setUp(bridge, env);
      // also what the env's set-up wrote
      files = [...filesIn(interpreter.FS, site, 'site'), ...filesIn(interpreter.FS, home, 'home')];
    },
  }).catch((error: unknown): never => {
    throw bakeProblem(error);
  });
  if (!snapshot) throw new Error('Pyodide took no snapshot');
  return encodeBakedImage({ rxgym: options.rxgym, bridge: __BRIDGE__, pyodide, python, env }, files, snapshot);
}

async function setUp(bridge: Namespace, env: BakedEnv): Promise<void> {
  const spec = { ...env, numEnvs: null, globals: {}, beforeStep: null, async: null, maxSteps: null, episodes: 0 };
  const setUpEnv = bridge.get('set_up') as PythonFunction;
  // as the env 0: a page numbers its envs from 1
  const answer = (await setUpEnv(0, JSON.stringify(spec), undefined)) as string;
  const { e: error } = JSON.parse(answer.slice(answer.indexOf('{'))) as { e?: { traceback: string } };
  if (error) throw new Error(`the env could not be set up.\n${error.traceback}`);
}

const unpacking = `
import os, zipfile
with zipfile.ZipFile(path) as wheel:
    native = [name for name in wheel.namelist() if name.endswith(".so")]
    if not native:
        wheel.extractall(site)
os.remove(path)
native[0] if native else None
`;

function unpack(pyodide: Pyodide, [name, bytes]: Named, site: string): void {
  const path = `/tmp/${name}`;
  writeFile(pyodide, path, bytes);
  const globals = pyodide.toPy({ path, site }) as Namespace;
  const native = pyodide.runPython(unpacking, { globals }) as string | undefined;
  globals.destroy();
  if (native !== undefined) throw new Error(nativeCodeProblem(name, native));
}

export function nativeCodeProblem(name: string, because: string): string {
  return (
    `${name} cannot be baked: it has native code (${because}), which no snapshot of a memory can hold. ` +
    'Leave it out of the image and name it in the env’s `packages`, and import it in reset(), or do without an image'
  );
}

function filesIn(FS: FileSystem, folder: string, as: string): Named[] {
  const names = FS.readdir(folder).filter((name) => !['.', '..', '__pycache__'].includes(name));
  return names.flatMap((name): Named[] => {
    const path = `${folder}/${name}`;
    const { mode } = FS.stat(path);
    if (FS.isDir(mode)) return filesIn(FS, path, `${as}/${name}`);
    return [[`${as}/${name}`, new Uint8Array(FS.readFile(path))]];
  });
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
