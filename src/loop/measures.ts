// What preflight measures, each an observable of one value.

import {
  EMPTY,
  Subject,
  animationFrames,
  catchError,
  defer,
  from,
  map,
  of,
  scan,
  startWith,
  take,
  takeLast,
  takeUntil,
  takeWhile,
  tap,
  timer,
  toArray,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { actions, type ByAgent } from '../agents/actions.js';
import type { Source } from '../agents/agent.js';
import type { Playable } from '../agents/playable.js';
import { randomPolicy } from '../agents/random-policy.js';
import type { EnvReady } from '../env/spaces.js';
import type { AnyStep } from '../env/step.js';
import { stepWith } from '../operators/step-with.js';
import type { PreflightRuntime } from './preflight-config.js';
import type { StorageFacts } from './preflight-verdict.js';

interface Pace {
  readonly sources: Source | ByAgent<Source>;
  readonly duration: number;
  /** For each step, in ms. */
  readonly deadline: number;
  readonly scheduler: SchedulerLike;
}

/**
 * Steps a second, one after the other. The first step is not counted, since much is done for the first time there, nor are
 * resets. No step is cut off, which might cost the worker: the last one that began in time is counted.
 */
export function stepRate<S extends AnyStep>(
  env: Playable<S>,
  { sources, duration, deadline, scheduler }: Pace,
): Observable<number> {
  const now = () => scheduler.now();
  return defer(() => {
    const next$ = new Subject<void>();
    const steps$ = next$.pipe(
      startWith(undefined),
      actions(env, sources),
      stepWith(env, { deadline, autoreset: 'next-step' }),
    );
    const begun = now();
    const start = { count: 0, spent: 0, at: 0, isOver: false, isFirst: true };
    return steps$.pipe(
      scan(({ count, spent, at, isFirst }, { index }) => {
        const time = now();
        const counts = !isFirst && index > 0; // 0: it reset the env instead
        const sum = { count: count + Number(counts), spent: spent + (counts ? time - at : 0) };
        return { ...sum, at: time, isOver: sum.count > 0 && time - begun >= duration, isFirst: false };
      }, start),
      takeWhile(({ isOver }) => !isOver, true),
      tap(({ isOver }) => {
        if (!isOver) next$.next();
      }),
      takeLast(1),
      map(({ count, spent }) => (1000 * count) / Math.max(spent, 1)),
    );
  });
}

/** Who acts where the page does not say. */
export function randomSources({ kind, agents }: EnvReady): Source | ByAgent<Source> {
  const isOfMany = agents !== null && kind !== 'single' && kind !== 'vector';
  return isOfMany ? new Map(agents.map((agent) => [agent, randomPolicy() as Source])) : randomPolicy();
}

/** Pictures a second; null where fewer than two were seen: a hidden page paints none, and Node has none. */
export function frameRate(duration: number, scheduler: SchedulerLike): Observable<number | null> {
  const times$ = animationFrames().pipe(
    map(({ timestamp }) => timestamp),
    catchError(() => EMPTY), // there is no requestAnimationFrame
    takeUntil(timer(duration, scheduler)),
    toArray(),
  );
  return times$.pipe(
    map(([first = 0, ...more]) => {
      const lasted = (more.at(-1) ?? first) - first;
      return lasted > 0 ? (1000 * more.length) / lasted : null;
    }),
  );
}

/** The interpreter's memory in MB; null where Pyodide does not show it. */
export function heapSize(runtime: PreflightRuntime, deadline: number): Observable<number | null> {
  return runtime.run("__import__('pyodide_js')._module.HEAPU8.length", { deadline }).pipe(
    take(1),
    map((bytes) => (typeof bytes === 'number' ? bytes / 2 ** 20 : null)),
  );
}

/** What the site may store; null where the browser does not say: it does on https and localhost only. */
export function storageFacts(): Observable<StorageFacts | null> {
  return defer(() => {
    const { storage } = (globalThis as { readonly navigator?: Partial<Navigator> }).navigator ?? {};
    if (typeof storage?.estimate !== 'function') return of(null);
    const persisted = typeof storage.persisted === 'function' ? storage.persisted() : false;
    return from(Promise.all([storage.estimate(), persisted])).pipe(
      map(([{ quota = 0, usage = 0 }, isPersisted]) => ({ quota, usage, persisted: isPersisted })),
    );
  });
}
