import type { PreflightNeeds } from './preflight-config.js';

/** What {@link preflight} measures, one after the other; steps and frames at the same time. */
export type PreflightMeasure = 'boot' | 'steps' | 'frames' | 'heap' | 'storage';

/** What a site may store. https://developer.mozilla.org/docs/Web/API/StorageManager */
export interface StorageFacts {
  /** In bytes, about: what the site may store in all. */
  readonly quota: number;
  /** In bytes, about: what it stores already. */
  readonly usage: number;
  /** Whether the browser keeps it when the disk is full. */
  readonly persisted: boolean;
}

/** What was measured; null is what could not be. */
export interface PreflightFacts {
  /** From the worker's spawn until Python is ready, in ms, whenever that was. */
  readonly bootMs: number | null;
  readonly stepsPerSecond: number | null;
  /** What the interpreter takes of the memory, in MB of 1,048,576 bytes. */
  readonly heapMB: number | null;
  /** Whether the page is cross-origin isolated (COOP and COEP). */
  readonly isolated: boolean;
  readonly storage: StorageFacts | null;
  /** Pictures a second, while the env was stepped. */
  readonly frameRate: number | null;
}

/** Why a device is not `'ok'`. */
export interface PreflightReason {
  /** The need that is not met. */
  readonly need: keyof PreflightNeeds;
  readonly weight: 'slow' | 'unfit';
  /** In words, for who runs the study. */
  readonly message: string;
  /** What a measure failed with, where it did. */
  readonly error?: Error;
}

export type PreflightVerdict = 'ok' | 'slow' | 'unfit';

/** A measure that failed, or did not end in time. */
export interface Trouble {
  readonly measure: PreflightMeasure;
  readonly error: Error;
}

/** All needs, those that were not given by their defaults. */
export type Needs = { readonly [Need in keyof PreflightNeeds]-?: NonNullable<PreflightNeeds[Need]> };

const mebibyte = 1_048_576;

/** What all of it comes to: `'unfit'` where one reason is, else `'slow'` where there is one. */
export function judged(
  facts: PreflightFacts,
  troubles: readonly Trouble[],
  needs: Needs,
  tolerance: number,
): { readonly verdict: PreflightVerdict; readonly reasons: readonly PreflightReason[] } {
  const reasons: PreflightReason[] = [];
  const add = (need: keyof PreflightNeeds, weight: PreflightReason['weight'], message: string, error?: Error) =>
    reasons.push({ need, weight, message, ...(error && { error }) });
  const troubleOf = (measure: PreflightMeasure) => troubles.find((trouble) => trouble.measure === measure)?.error;

  const [boot, steps] = [troubleOf('boot'), troubleOf('steps')];
  const { bootMs, stepsPerSecond, frameRate, heapMB, storage } = facts;
  if (boot) add('bootMs', 'unfit', `Python or the env did not come up: ${boot.message}`, boot);
  else if (bootMs !== null && bootMs > needs.bootMs) {
    const weight = bootMs > needs.bootMs * tolerance ? 'unfit' : 'slow';
    add('bootMs', weight, `the boot took ${round(bootMs)} ms, at most ${needs.bootMs} are needed`);
  }

  if (steps) add('stepsPerSecond', 'unfit', `the env could not be stepped: ${steps.message}`, steps);
  else if (stepsPerSecond !== null && stepsPerSecond < needs.stepsPerSecond) {
    const weight = stepsPerSecond * tolerance < needs.stepsPerSecond ? 'unfit' : 'slow';
    add('stepsPerSecond', weight, `${round(stepsPerSecond)} steps a second, ${needs.stepsPerSecond} are needed`);
  }

  if (frameRate === null) {
    const message = 'no frame was seen: the page is hidden, or has no screen';
    if (needs.frameRate > 0) add('frameRate', 'slow', message, troubleOf('frames'));
  } else if (frameRate < needs.frameRate) {
    const weight = frameRate * tolerance < needs.frameRate ? 'unfit' : 'slow';
    add('frameRate', weight, `${round(frameRate)} pictures a second, ${needs.frameRate} are needed`);
  }

  if (heapMB !== null && heapMB > needs.heapMB) {
    add('heapMB', 'unfit', `Python takes ${round(heapMB)} MB, at most ${needs.heapMB} are needed`);
  } else if (heapMB === null && needs.heapMB < Infinity && !boot) {
    add('heapMB', 'slow', "Python's memory could not be measured", troubleOf('heap'));
  }

  if (needs.storageMB > 0) {
    const free = storage ? (storage.quota - storage.usage) / mebibyte : 0;
    const got = storage ? `${round(free)} MB may be stored` : 'this page is told of no storage';
    if (free < needs.storageMB)
      add('storageMB', 'unfit', `${got}, ${needs.storageMB} are needed`, troubleOf('storage'));
  }
  if (needs.isolated && !facts.isolated) {
    add('isolated', 'unfit', 'the page is not cross-origin isolated: it lacks the headers COOP and COEP');
  }

  const weights = reasons.map(({ weight }) => weight);
  const verdict = weights.includes('unfit') ? 'unfit' : weights.length > 0 ? 'slow' : 'ok';
  return { verdict, reasons };
}

const round = (value: number): number => (value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
