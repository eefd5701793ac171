import {
  EMPTY,
  Subject,
  asyncScheduler,
  catchError,
  concat,
  defer,
  finalize,
  ignoreElements,
  map,
  merge,
  of,
  scan,
  switchMap,
  take,
  takeUntil,
  tap,
  throwError,
  throwIfEmpty,
  timeout,
  type Observable,
} from 'rxjs';
import { checkOptions, checkValue } from '../check.js';
import type { AnyStep } from '../env/step.js';
import { frameRate, heapSize, randomSources, stepRate, storageFacts } from './measures.js';
import {
  envRule,
  preflightRules,
  runtimeRule,
  type PreflightConfig,
  type PreflightEnv,
  type PreflightRuntime,
} from './preflight-config.js';
import {
  judged,
  type PreflightFacts,
  type PreflightMeasure,
  type PreflightReason,
  type PreflightVerdict,
  type Trouble,
} from './preflight-verdict.js';

/** What is being measured. */
export interface Measuring {
  readonly type: 'measuring';
  readonly measure: PreflightMeasure;
  /** For people to read. */
  readonly label: string;
  /** 0 to 1; never goes back. */
  readonly ratio: number;
}

/** What all of it came to. */
export interface Measured extends PreflightFacts {
  readonly type: 'measured';
  readonly verdict: PreflightVerdict;
  /** Why it is not `'ok'`, the boot first; empty where it is. */
  readonly reasons: readonly PreflightReason[];
}

/**
 * Whether a participant's device is fit for a study, before it begins: boots Python, sets the env up, steps it for a second
 * and counts the pictures meanwhile, and looks at memory, isolation and storage. Emits what it measures, then one result
 * with a verdict and its reasons, and completes. It does not error: what fails is a reason. Each measure has a limit.
 *
 * - `'ok'`: all that is needed is there.
 * - `'slow'`: boot, steps or frames miss it by `tolerance` at most, or a need could not be measured.
 * - `'unfit'`: they miss it by more, something failed, or memory, storage or isolation is not what is needed.
 *
 * The env is reset behind its measure. Its `steps$`, `frames$` and episode numbers have what was done: begin to record
 * afterwards. Whoever watches `frames$` has the pictures measured, too. Unsubscribing cancels what is under way, and leaves
 * the env in the middle of an episode.
 *
 * Errors: `UsageError` at the call for a bad option.
 *
 * @example
 * preflight(runtime, env, { needs: { stepsPerSecond: 10 } }).subscribe((event) => {
 *   if (event.type === 'measuring') bar.value = event.ratio;
 *   else if (event.verdict === 'unfit') sorry.textContent = event.reasons.map(({ message }) => message).join('; ');
 * })
 */
export function preflight<S extends AnyStep>(
  runtime: PreflightRuntime,
  env: PreflightEnv<S>,
  config: PreflightConfig = {},
): Observable<Measuring | Measured> {
  checkValue('preflight.runtime', runtime, runtimeRule);
  checkValue('preflight.env', env, envRule);
  checkOptions('preflight', config, preflightRules);
  const { tolerance = 2, duration = 1000, bootLimit = 120_000, limit = 10_000, scheduler = asyncScheduler } = config;
  const given = config.needs ?? {};
  const needs = {
    stepsPerSecond: given.stepsPerSecond ?? 10,
    frameRate: given.frameRate ?? 30,
    bootMs: given.bootMs ?? 60_000,
    heapMB: given.heapMB ?? Infinity,
    storageMB: given.storageMB ?? 0,
    isolated: given.isolated ?? false,
  };

  return defer(() => {
    let facts: PreflightFacts = {
      bootMs: null,
      stepsPerSecond: null,
      heapMB: null,
      isolated: (globalThis as { readonly crossOriginIsolated?: boolean }).crossOriginIsolated === true,
      storage: null,
      frameRate: null,
    };
    const troubles: Trouble[] = [];
    const measured = (measure: PreflightMeasure, most: number, work$: Observable<Partial<PreflightFacts>>) =>
      work$.pipe(
        take(1),
        throwIfEmpty(() => new Error('it ended without a result')),
        timeout({ first: most, scheduler, with: () => fail(`it did not end within ${most} ms`) }),
        tap((more) => (facts = { ...facts, ...more })),
        catchError((error: unknown) => {
          troubles.push({ measure, error: error as Error });
          return EMPTY;
        }),
        ignoreElements(),
      );
    const say = (measure: PreflightMeasure, ratio: number, label: string) =>
      of<Measuring>({ type: 'measuring', measure, label, ratio });
    const hasFailed = (measure: PreflightMeasure) => troubles.some((trouble) => trouble.measure === measure);

    const boot$ = defer(() => runtime.boot()).pipe(
      take(1),
      switchMap(({ bootMs, isolated }) => env.boot().pipe(map(() => ({ bootMs, isolated })))),
    );
    const booted$ = measured('boot', bootLimit, boot$);
    const shown$ = env.progress$.pipe(
      // another attempt begins at 0
      scan((before, { label, ratio }) => ({ label, ratio: Math.max(before.ratio, 0.7 * ratio) }), {
        label: '',
        ratio: 0,
      }),
      map((shown): Measuring => ({ type: 'measuring', measure: 'boot', ...shown })),
      catchError(() => EMPTY), // the boot says it, too
    );

    const steps$ = env.ready$.pipe(
      take(1),
      switchMap((ready) =>
        env
          .reset({ deadline: limit })
          .pipe(
            switchMap(() =>
              stepRate(env, { sources: config.sources ?? randomSources(ready), duration, deadline: limit, scheduler }),
            ),
          ),
      ),
      map((stepsPerSecond) => ({ stepsPerSecond })),
    );
    const reset$ = env.reset({ deadline: limit }).pipe(map(() => ({})));
    const frames$ = frameRate(duration, scheduler).pipe(map((frameRate) => ({ frameRate })));
    const heap$ = heapSize(runtime, limit).pipe(map((heapMB) => ({ heapMB })));
    const storage$ = storageFacts().pipe(map((storage) => ({ storage })));
    const isUp = <T>(work$: Observable<T>) => defer(() => (hasFailed('boot') ? EMPTY : work$));

    return concat(
      until(shown$, booted$),
      say('steps', 0.7, 'Counting steps and pictures'),
      merge(
        isUp(concat(measured('steps', duration + limit, steps$), measured('steps', limit, reset$))),
        measured('frames', duration + limit, frames$),
      ),
      say('heap', 0.9, 'Looking at the memory'),
      isUp(measured('heap', limit, heap$)),
      say('storage', 0.95, 'Looking at the storage'),
      measured('storage', limit, storage$),
      defer(() => of<Measured>({ type: 'measured', ...facts, ...judged(facts, troubles, needs, tolerance) })),
    );
  });
}

/** Emits what is shown until the work has ended. */
function until<T>(shown$: Observable<T>, work$: Observable<never>): Observable<T> {
  return defer(() => {
    const ended$ = new Subject<void>();
    const done$ = work$.pipe(finalize(() => ended$.next()));
    return merge(shown$.pipe(takeUntil(ended$)), done$);
  });
}

const fail = (message: string) => throwError(() => new Error(message));
