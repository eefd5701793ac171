/**
 * True where Python can be interrupted: with `SharedArrayBuffer`, which pages get by COOP and COEP
 * (https://developer.mozilla.org/en-US/docs/Web/API/Window/crossOriginIsolated).
 */
export function isIsolated(): boolean {
  // Node has SharedArrayBuffer and does not know crossOriginIsolated
  const { crossOriginIsolated = true } = globalThis as { crossOriginIsolated?: boolean };
  return crossOriginIsolated && typeof SharedArrayBuffer === 'function';
}

/** How many workers there are. */
let workers = 0;

/** A worker that spin-waits for its next command needs a core beside the page's and the other workers'. */
export const hasCoreToSpare = (): boolean => workers < cores();
export const countWorker = (change: 1 | -1): void => {
  workers += change;
};

function cores(): number {
  const { hardwareConcurrency = 1 } = (globalThis.navigator as Partial<Navigator> | undefined) ?? {};
  return hardwareConcurrency;
}
