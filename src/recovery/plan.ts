// From what the log has to the commands that recover an env. Pure functions: what they return is sent as it is.

import { longestTimer } from '../check.js';
import type { CommandBody, CommandOf } from '../protocol/commands.js';
import { isOfMain, type LoggedOperation } from '../protocol/operations.js';
import { packState } from './env-state.js';
import type { History } from './history.js';

/** A command of a plan, at its place among those of the runtime's other envs. */
export interface PlanStep {
  readonly order: number;
  readonly body: CommandBody;
  /** In ms: as long as all that it replays had, together. */
  readonly deadline: number;
}

/** What a plan depends on beside the history. */
export interface PlanContext {
  readonly env: number;
  readonly setUp: CommandOf<'setUp'>;
  /** False where the interpreter lives on and only an operation was discarded. */
  readonly isNewInterpreter: boolean;
  /** True when several envs live in the runtime. */
  readonly isShared: boolean;
  /** How long a set-up may take, or bringing a state back, in ms. */
  readonly deadline: number;
  /** How long an operation of that kind may take, in ms. */
  readonly deadlineOf: (kind: LoggedOperation['kind']) => number;
}

/** Sets the env up with no history of its own; in a new interpreter behind all that ran in `__main__`. */
export function startPlan(history: History, now: PlanContext): readonly PlanStep[] {
  const steps = [...(now.isNewInterpreter ? replay(history.beforeSetUp, now) : []), setUp(history, now)];
  // behind the other envs' recoveries
  return steps.map((step) => ({ ...step, order: Infinity }));
}

/** Recovers the env to its last acknowledged operation. */
export function recoveryPlan(history: History, now: PlanContext): readonly PlanStep[] {
  const { beforeSetUp, beforeCheckpoint, checkpoint, since } = history;
  // in the same interpreter a checkpoint suffices, unless operations of `__main__` have to be replayed, too
  const needsSetUp = now.isNewInterpreter || !checkpoint || since.some(isOfMain);
  const toSetUp = [...initialGlobals(history, now), ...replay(beforeSetUp, now), setUp(history, now)];
  return [
    ...(needsSetUp ? [...toSetUp, ...replay(beforeCheckpoint, now)] : []),
    ...(checkpoint ? [restore(checkpoint, now)] : []),
    ...replay(since, now),
  ];
}

/** As far as a spare interpreter goes ahead. */
export const warmUpPlan = (history: History, now: PlanContext): readonly PlanStep[] => [
  ...replay(history.beforeSetUp, now),
  setUp(history, now),
];

const setUp = ({ setUpAt }: History, { setUp: body, deadline }: PlanContext): PlanStep => ({
  order: setUpAt,
  body,
  deadline,
});

/** A new interpreter has them already. */
function initialGlobals(history: History, { isNewInterpreter, deadline }: PlanContext): PlanStep[] {
  const { initialGlobals: globals } = history;
  return isNewInterpreter || !globals ? [] : [{ order: 0, body: { type: 'setGlobals', globals }, deadline }];
}

const restore = ({ state, at }: NonNullable<History['checkpoint']>, { env, deadline }: PlanContext): PlanStep => ({
  order: at,
  body: { type: 'setState', env, state: packState(state), main: true },
  deadline,
});

/** With several envs, each operation of `__main__` begins a new `replay`, so that `order` can interleave their plans. */
function replay(operations: readonly LoggedOperation[], now: PlanContext): PlanStep[] {
  const groups: { readonly from: number; readonly operations: [LoggedOperation, ...LoggedOperation[]] }[] = [];
  for (const [from, operation] of operations.entries()) {
    const latest = groups.at(-1);
    if (latest && !(now.isShared && isOfMain(operation))) latest.operations.push(operation);
    else groups.push({ from, operations: [operation] });
  }
  return groups.map(({ from, operations }) => {
    const deadline = operations.reduce((sum, { kind }) => sum + now.deadlineOf(kind), 0);
    return {
      order: operations[0].sequence,
      body: { type: 'replay', env: now.env, operations, from, once: now.isNewInterpreter },
      deadline: Math.min(deadline, longestTimer),
    };
  });
}
