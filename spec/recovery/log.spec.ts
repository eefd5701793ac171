import { pack, unpack, type Packed } from '../../src/protocol/pack';
import type { EnvState } from '../../src/recovery/env-state';
import { OperationLog, packNames } from '../../src/recovery/log';

const nothing = pack(null, 'nothing');
const state: EnvState = { format: 2, bytes: new Uint8Array([1]) };
const step = { kind: 'step', data: nothing } as const;

const namesOf = (globals: Packed): object => Object.fromEntries(unpack(globals) as ReadonlyMap<string, unknown>);
/** What a log holds of `__main__`, in short. */
const main = (log: OperationLog): unknown[] =>
  log.main.map((operation) => (operation.kind === 'run' ? operation.code : namesOf(operation.globals)));
const initial = (log: OperationLog): unknown => {
  const { initialGlobals } = log;
  return initialGlobals && namesOf(initialGlobals);
};

describe('the log of __main__', () => {
  it('holds what was acknowledged, numbered through', () => {
    const log = new OperationLog({ a: 1 }, 10);
    log.appendRun('one', nothing);
    log.appendGlobals(packNames({ b: 2 }));
    expect(main(log)).toEqual(['one', { b: 2 }]);
    expect(log.main.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(initial(log)).toEqual({ a: 1 });
    expect(new OperationLog({}, 10).initialGlobals).toBeNull();
  });

  it('counts names that are set again at once only once; not those that code may have seen', () => {
    const log = new OperationLog({}, 10);
    log.appendGlobals(packNames({ a: 1 }));
    log.appendGlobals(packNames({ a: 2, b: 1 }));
    log.appendGlobals(packNames({ a: 3 })); // b is still needed
    log.appendRun('look', nothing);
    log.appendGlobals(packNames({ a: 4 }));
    expect(main(log)).toEqual([{ a: 2, b: 1 }, { a: 3 }, 'look', { a: 4 }]);
  });

  it('is bounded, and makes the names that it drops part of what every interpreter begins with', () => {
    const log = new OperationLog({ a: 0, z: new Uint8Array([7]) }, 2);
    log.appendGlobals(packNames({ a: 1, b: 1 }));
    log.appendRun('one', nothing);
    log.appendGlobals(packNames({ a: 2 }));
    log.appendRun('two', nothing);
    log.appendRun('three', nothing);
    expect(main(log)).toEqual(['two', 'three']);
    expect(initial(log)).toMatchObject({ a: 2, b: 1, z: { data: new Uint8Array([7]) } });
  });

  it('keeps a name that is a tag in JSON', () => {
    const log = new OperationLog({ $: 1 }, 1);
    log.appendGlobals(packNames({ $: 2 }));
    expect(log.main).toHaveLength(1);
    log.appendRun('one', nothing);
    expect(initial(log)).toEqual({ $: 2 });
  });
});

describe('an env’s part of the log', () => {
  it('has what was done since its set-up, with what ran in __main__ meanwhile', () => {
    const log = new OperationLog({}, 10);
    log.appendRun('before', nothing);
    const { log: env } = log.open(100);
    expect(env.history).toMatchObject({ setUpAt: Infinity, beforeSetUp: [{ code: 'before' }], since: [] });
    env.wasSetUp();
    env.append(step, 5);
    log.appendRun('between', nothing);
    env.append(step, 'ValueError');
    expect(env.history).toMatchObject({
      beforeSetUp: [{ code: 'before' }],
      beforeCheckpoint: [],
      checkpoint: undefined,
      since: [{ kind: 'step', result: 5 }, { code: 'between' }, { kind: 'step', result: 'ValueError' }],
    });
    expect(env.sinceCheckpoint).toBe(3);
  });

  it('begins at its checkpoint, behind which the rest is kept for a new interpreter', () => {
    const log = new OperationLog({}, 10);
    const { log: env } = log.open(100);
    env.wasSetUp();
    log.appendRun('early', nothing);
    env.append(step, 1);
    env.setCheckpoint(state);
    expect(env.sinceCheckpoint).toBe(0);
    env.append(step, 2);
    log.appendRun('late', nothing);
    expect(env.history).toMatchObject({
      beforeCheckpoint: [{ code: 'early' }],
      checkpoint: { state },
      since: [{ result: 2 }, { code: 'late' }],
    });
  });

  it('that overflows is given up, until the next checkpoint', () => {
    const log = new OperationLog({}, 10);
    const { log: env } = log.open(3);
    env.wasSetUp();
    for (let i = 0; i < 2; i++) env.append(step, i);
    log.appendRun('counts, too', nothing);
    expect(env.problem).toBeUndefined();
    env.append(step, 3);
    expect(env.problem).toContain('recovery.log');
    expect(env.history.since).toMatchObject([{ code: 'counts, too' }]); // `__main__` is not the env's to give up
    env.setCheckpoint(state);
    expect(env.problem).toBeUndefined();
    env.append(step, 4);
    expect(env.history.since).toMatchObject([{ result: 4 }]);
  });

  it('keeps what it may have to replay of __main__, however much that is', () => {
    const log = new OperationLog({}, 2);
    const { log: env } = log.open(10);
    env.wasSetUp();
    for (let i = 0; i < 5; i++) {
      log.appendGlobals(packNames({ i }));
      env.append(step, i);
    }
    expect(main(log)).toHaveLength(5);
    env.setCheckpoint(state);
    expect(env.history.whole).toHaveLength(10);
    env.append(step, 5); // is too much
    expect(env.history.whole).toBeUndefined();
    expect(env.history.since).toMatchObject([{ result: 5 }]);
    expect(main(log)).toEqual([{ i: 4 }]); // nobody has to see the others any more
  });

  it('keeps what ran before its set-up, however much runs since', () => {
    const log = new OperationLog({}, 2);
    log.appendRun('a', nothing);
    log.appendRun('b', nothing);
    const { log: env, close } = log.open(3);
    env.wasSetUp();
    for (const code of ['c', 'd', 'e']) log.appendRun(code, nothing);
    env.setCheckpoint(state);
    env.append(step, 1);
    expect(main(log)).toEqual(['a', 'b', 'd', 'e']);
    close();
    expect(main(log)).toEqual(['d', 'e']);
  });

  it('does not count names once that its set-up saw in between', () => {
    const log = new OperationLog({}, 10);
    const { log: env } = log.open(100);
    log.appendGlobals(packNames({ a: 1 }));
    env.wasSetUp();
    log.appendGlobals(packNames({ a: 2 }));
    expect(main(log)).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('keeps the names that were set when its checkpoint was taken: to restore it may need them', () => {
    const log = new OperationLog({}, 10);
    const { log: env } = log.open(5);
    env.wasSetUp();
    log.appendGlobals(packNames({ table: 1 }));
    env.setCheckpoint(state);
    log.appendGlobals(packNames({ table: 2 }));
    expect(main(log)).toEqual([{ table: 1 }, { table: 2 }]);
    env.setCheckpoint(state);
    for (let i = 0; i < 4; i++) env.append(step, i);
    expect(main(log)).toEqual([{ table: 2 }]);
  });

  it('forgets all when the env is set up afresh', () => {
    const log = new OperationLog({}, 10);
    const { log: env } = log.open(100);
    env.wasSetUp();
    env.append(step, 1);
    env.setCheckpoint(state);
    env.begin();
    expect(env.history).toMatchObject({ setUpAt: Infinity, checkpoint: undefined, since: [] });
  });
});
