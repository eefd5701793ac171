import { askPage, type AskPage } from './ask-page.js';
import { bakedImages, type BakedEnvArguments } from './baked-images.js';
import { bridgeCalls, type Argument, type Called, type Calls, type OnProblem } from './calls.js';
import type { Packed } from '../src/protocol/pack.js';
import type { Prefetched } from './counted-fetch.js';
import { fillForSnapshot } from './fill-snapshot.js';
import { installer, type Installer } from './install.js';
import { interruptBuffer } from './interrupt.js';
import { loadBridge } from './load-bridge.js';
import { load, type Loaded, type LoadOptions } from './load.js';
import { prefetch } from './prefetch.js';
import type { Namespace } from './pyodide.js';
import { redirectOutput, type OnLine } from './redirect-output.js';
import { snapshotKey, storeSnapshot } from './snapshot-store.js';
import { takeSnapshot } from './take-snapshot.js';
import { fileWriter, type FileWriter } from './write-files.js';

export interface InterpreterOptions extends Omit<LoadOptions, 'onMissing'> {
  readonly interrupt: SharedArrayBuffer | null;
  /** What these envs import goes into a snapshot. */
  readonly specs: readonly Packed[];
  readonly onLine: OnLine;
  readonly onProblem: OnProblem;
  /** Shared memory for the page's replies to `input()`; null where Python cannot wait for them. */
  readonly replies: SharedArrayBuffer | null;
  /** Python asks the page. */
  readonly onQuestion: (prompt: string) => void;
}

/** The functions of the bridge that the page may call. */
export type BridgeFunction =
  | 'run'
  | 'set_up'
  | 'set_globals'
  | 'reset'
  | 'step'
  | 'step_many'
  | 'rollout'
  | 'render'
  | 'get_state'
  | 'set_state'
  | 'state_hash'
  | 'seed'
  | 'replay'
  | 'files_changed'
  | 'forget'
  | 'close';

export interface Interpreter {
  /** Versions. */
  readonly python: string;
  readonly pyodide: string;
  readonly how: Loaded['how'];
  /** Where one was to be taken. */
  readonly snapshot: Uint8Array<ArrayBuffer> | undefined;
  /** Calls a function of the bridge. A `Packed` argument takes two of its parameters: text and buffers. */
  readonly call: (name: BridgeFunction, ...args: readonly Argument[]) => Called;
  readonly takeDescribed: Calls['takeDescribed'];
  readonly install: Installer;
  readonly writeFiles: FileWriter;
  /** Takes the buffers of frames that the page is done with, for the next frames. */
  readonly recycle: (buffers: readonly ArrayBuffer[]) => void;
  /** How long the last step that was to be timed spent in `env.step()`, in ms. */
  readonly spent: () => number;
  /** What `input()` gets while operations are replayed. */
  readonly answerWith: AskPage['answerWith'];
  /** What `set_up` needs of a baked image. */
  readonly bakedImage: (url: string) => Promise<BakedEnvArguments>;
  /** Passes on what was printed without a newline. */
  readonly flushOutput: () => void;
}

/** Boots Python: loads it, opens the bridge, and connects the two with JavaScript. */
export async function boot(options: InterpreterOptions): Promise<Interpreter> {
  const { begin, prefetched } = prefetch(options.indexURL, options.stall);
  const loaded = await load({ ...options, onMissing: begin });
  const { pyodide, how, image } = loaded;
  const namespace = loadBridge(pyodide, options.makeSnapshot !== null);
  const snapshot = options.makeSnapshot ? await snapshotOf(loaded, namespace, options, prefetched) : undefined;

  // From here on Python holds functions of JavaScript's, which no snapshot can.
  const flushOutput = redirectOutput(pyodide, options.onLine);
  if (options.interrupt) pyodide.setInterruptBuffer(interruptBuffer(options.interrupt));
  const ask = (prompt: string): void => {
    flushOutput();
    options.onQuestion(prompt);
  };
  const page = askPage(options.replies, ask, () => {
    pyodide.checkInterrupt();
  });
  namespace.set('ask_page', page.ask);
  const { call, takeDescribed, recycle, spent } = bridgeCalls(pyodide, namespace, options.interrupt, options.onProblem);
  const images = bakedImages(pyodide, options);
  if (image && options.image !== null) images.add(options.image, image, how === 'image');

  return {
    python: pyodide.runPython('import sys; sys.version.split()[0]') as string,
    pyodide: pyodide.version,
    how,
    snapshot,
    call,
    takeDescribed,
    install: installer(pyodide, call, options.onProgress, prefetched),
    writeFiles: fileWriter(pyodide, call, options.fetchFile, options.onProgress),
    recycle,
    spent,
    answerWith: page.answerWith,
    bakedImage: images.argumentsFor,
    flushOutput,
  };
}

async function snapshotOf(
  loaded: Loaded,
  bridge: Namespace,
  options: InterpreterOptions,
  prefetched: Prefetched,
): Promise<Uint8Array<ArrayBuffer>> {
  // what envs print when they are set up is told when they are set up for use
  redirectOutput(loaded.pyodide, () => undefined);
  const packages = await fillForSnapshot(loaded.pyodide, bridge, { ...options, prefetched });
  const facts = { rxgym: __RXGYM_VERSION__, env: null, home: false, isLean: false, packages };
  const { bytes } = await takeSnapshot(loaded, facts);
  const { cache } = options;
  if (cache) await storeSnapshot(snapshotKey(cache.key, loaded.pyodide.version), bytes, cache.limit);
  return bytes;
}
