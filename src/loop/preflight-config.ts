import type { Observable, SchedulerLike } from 'rxjs';
import { anyRule, deadlineRule, flagRule, type Rule, type Rules } from '../check.js';
import type { ByAgent } from '../agents/actions.js';
import type { Source } from '../agents/agent.js';
import type { Playable } from '../agents/playable.js';
import type { AnyStep } from '../env/step.js';
import type { Progress } from '../runtime/progress.js';
import type { Value } from '../protocol/values.js';
import { schedulerRule } from './alarm.js';

/** What {@link preflight} needs of a runtime. A `PythonRuntime` is one. */
export interface PreflightRuntime {
  boot(): Observable<{ readonly bootMs: number; readonly isolated: boolean }>;
  run(code: string, options?: { readonly deadline?: number }): Observable<Value>;
}

/** What {@link preflight} needs of an env. A `GymEnv` is one. */
export interface PreflightEnv<S extends AnyStep> extends Playable<S> {
  boot(): Observable<unknown>;
  readonly progress$: Observable<Progress>;
}

/** What a study needs of a participant's device. */
export interface PreflightNeeds {
  /** Steps a second of the env, at least; from 0. Default 10. */
  readonly stepsPerSecond?: number | undefined;
  /** Pictures a second of the page, while the env is stepped, at least; from 0. Default 30. */
  readonly frameRate?: number | undefined;
  /** The boot in ms, from the worker's spawn until Python is ready, at most. Default 60,000. */
  readonly bootMs?: number | undefined;
  /** What the interpreter takes in MB (of 1,048,576 bytes), at most. Default `Infinity`. */
  readonly heapMB?: number | undefined;
  /** What the browser may still store for the site in MB, at least; from 0. Default 0: none is needed. */
  readonly storageMB?: number | undefined;
  /** Whether the page has to be cross-origin isolated. Default false. */
  readonly isolated?: boolean | undefined;
}

/** The options of {@link preflight}. */
export interface PreflightConfig {
  readonly needs?: PreflightNeeds | undefined;
  /**
   * By how much a boot, steps and frames may miss what is needed and be `'slow'`, not `'unfit'`: a factor from 1. Default 2.
   */
  readonly tolerance?: number | undefined;
  /**
   * Who acts while the steps are counted, as for `actions`: a source, or sources by agent. Default: `randomPolicy()` for each
   * agent, which needs action spaces.
   */
  readonly sources?: Source | ByAgent<Source>;
  /** How long steps and frames are counted, in ms, from 100 to 60,000. Default 1,000. */
  readonly duration?: number | undefined;
  /** How long the boot and the env's set-up may take, in ms. Default 120,000. */
  readonly bootLimit?: number | undefined;
  /** How long each other measure may take, in ms, beyond `duration`. Default 10,000. */
  readonly limit?: number | undefined;
  /** For specs: whose clock is used. Default: the page's. */
  readonly scheduler?: SchedulerLike | undefined;
}

const mostRule: Rule = { min: 0, max: Infinity };
const leastRule: Rule = { min: 0, max: Number.MAX_VALUE };
const limitRule: Rule = {
  expected: 'a time in ms above 0, at most 2147483647',
  fits: (ms) => ms !== Infinity && 'fits' in deadlineRule && deadlineRule.fits(ms),
};

const needsRules: Rules<PreflightNeeds> = {
  stepsPerSecond: leastRule,
  frameRate: leastRule,
  bootMs: mostRule,
  heapMB: mostRule,
  storageMB: leastRule,
  isolated: flagRule,
};

export const preflightRules: Rules<PreflightConfig> = {
  needs: { options: needsRules },
  tolerance: { min: 1, max: Infinity },
  sources: anyRule,
  duration: { min: 100, max: 60_000 },
  bootLimit: limitRule,
  limit: limitRule,
  scheduler: schedulerRule,
};

const hasAll = (value: unknown, ...names: readonly string[]): boolean =>
  names.every((name) => typeof (value as Readonly<Record<string, unknown>> | null)?.[name] === 'function');

export const runtimeRule: Rule = {
  expected: 'a runtime, of createRuntime()',
  fits: (value) => hasAll(value, 'boot', 'run'),
};
export const envRule: Rule = {
  expected: 'an env, of runtime.env()',
  fits: (value) => hasAll(value, 'boot', 'step', 'reset'),
};
