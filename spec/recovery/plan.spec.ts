import type { LoggedOperation } from '../../src/protocol/operations';
import { pack } from '../../src/protocol/pack';
import type { EnvState } from '../../src/recovery/env-state';
import type { History } from '../../src/recovery/history';
import { recoveryPlan, startPlan, warmUpPlan, type PlanContext, type PlanStep } from '../../src/recovery/plan';

const nothing = pack(null, 'nothing');
const run = (sequence: number) => ({ kind: 'run', code: `run ${sequence}`, globals: nothing, sequence }) as const;
const step = (sequence: number) => ({ kind: 'step', data: nothing, sequence, result: sequence }) as const;
const state: EnvState = { format: 2, bytes: new Uint8Array([1]) };

const history: History = {
  initialGlobals: null,
  beforeSetUp: [],
  setUpAt: 10,
  beforeCheckpoint: [],
  whole: undefined,
  checkpoint: undefined,
  since: [],
};
const now: PlanContext = {
  env: 3,
  setUp: { type: 'setUp', env: 3, spec: nothing, image: null },
  isNewInterpreter: true,
  isShared: false,
  deadline: 500,
  deadlineOf: (kind) => (kind === 'run' ? 100 : 10),
};

/** A plan in short: what is sent, at which place, and how long it may take. */
const short = (plan: readonly PlanStep[]): unknown[] =>
  plan.map(({ body, order, deadline }) =>
    body.type === 'replay'
      ? [body.operations.map(({ sequence }) => sequence), { order, deadline, from: body.from, once: body.once }]
      : [body.type, { order, deadline }],
  );

describe('a recovery plan', () => {
  it('sets up, and replays what was acknowledged since', () => {
    expect(short(recoveryPlan({ ...history, since: [step(11), step(12)] }, now))).toEqual([
      ['setUp', { order: 10, deadline: 500 }],
      [[11, 12], { order: 11, deadline: 20, from: 0, once: true }],
    ]);
  });

  const full: History = {
    ...history,
    initialGlobals: pack({ a: 1 }, 'globals'),
    beforeSetUp: [run(1), run(2)],
    beforeCheckpoint: [run(11)],
    checkpoint: { state, at: 20 },
    since: [step(21), step(22)],
  };

  it('in a new interpreter: what ran before, the set-up, what ran since, the checkpoint, the rest', () => {
    expect(short(recoveryPlan(full, now))).toEqual([
      [[1, 2], { order: 1, deadline: 200, from: 0, once: true }],
      ['setUp', { order: 10, deadline: 500 }],
      [[11], { order: 11, deadline: 100, from: 0, once: true }],
      ['setState', { order: 20, deadline: 500 }],
      [[21, 22], { order: 21, deadline: 20, from: 0, once: true }],
    ]);
  });

  it('in the same interpreter begins at the checkpoint', () => {
    expect(short(recoveryPlan(full, { ...now, isNewInterpreter: false }))).toEqual([
      ['setState', { order: 20, deadline: 500 }],
      [[21, 22], { order: 21, deadline: 20, from: 0, once: false }],
    ]);
  });

  it.each<[what: string, since: readonly LoggedOperation[], checkpoint: History['checkpoint']]>([
    ['something ran in __main__ since the checkpoint', [step(21), run(22)], full.checkpoint],
    ['there is no checkpoint', [step(21)], undefined],
  ])('in the same interpreter begins at the initial globals where %s', (_, since, checkpoint) => {
    const plan = recoveryPlan({ ...full, since, checkpoint }, { ...now, isNewInterpreter: false });
    expect(short(plan).slice(0, 3)).toEqual([
      ['setGlobals', { order: 0, deadline: 500 }],
      [[1, 2], { order: 1, deadline: 200, from: 0, once: false }],
      ['setUp', { order: 10, deadline: 500 }],
    ]);
  });

  it('of a shared runtime has a step for each operation of __main__, so that other envs see it at its time', () => {
    const since = [step(11), run(12), step(13), run(14), run(15)];
    expect(short(recoveryPlan({ ...history, since }, { ...now, isShared: true })).slice(1)).toEqual([
      [[11], { order: 11, deadline: 10, from: 0, once: true }],
      [[12, 13], { order: 12, deadline: 110, from: 1, once: true }],
      [[14], { order: 14, deadline: 100, from: 3, once: true }],
      [[15], { order: 15, deadline: 100, from: 4, once: true }],
    ]);
  });

  it('has no deadline that a timer could not keep', () => {
    const plan = recoveryPlan({ ...history, since: [step(11)] }, { ...now, deadlineOf: () => Infinity });
    expect(plan[1]!.deadline).toBe(2 ** 31 - 1);
  });
});

describe('a start', () => {
  const begun: History = { ...history, beforeSetUp: [run(1)], setUpAt: Infinity };

  it('sets up alone, behind all others', () => {
    expect(short(startPlan(begun, { ...now, isNewInterpreter: false }))).toEqual([
      ['setUp', { order: Infinity, deadline: 500 }],
    ]);
  });

  it('in a new interpreter replays what ran before', () => {
    expect(short(startPlan(begun, now))).toEqual([
      [[1], { order: Infinity, deadline: 100, from: 0, once: true }],
      ['setUp', { order: Infinity, deadline: 500 }],
    ]);
  });
});

it('a warm-up goes as far as the set-up', () => {
  const begun: History = { ...history, beforeSetUp: [run(1)], since: [step(11)], checkpoint: { state, at: 12 } };
  expect(short(warmUpPlan(begun, now)).map((each) => (each as unknown[])[0])).toEqual([[1], 'setUp']);
});
