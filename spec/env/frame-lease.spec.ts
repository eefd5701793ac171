import { holdFrame, leaseFrame, releaseFrame } from '../../src/env/frame-lease.js';
import type { Frame } from '../../src/env/step.js';

function lent(watchers: number) {
  const frame: Frame = { kind: 'text', text: '' };
  const log: string[] = [];
  leaseFrame(frame, {
    watchers,
    onHold: () => log.push('held'),
    onFree: (ms) => log.push(`free ${ms}`),
    onEnd: () => log.push('end'),
  });
  return { frame, log };
}

describe('a frame that is lent', () => {
  it('ends when its only watcher releases it', () => {
    const { frame, log } = lent(1);
    holdFrame(frame);
    releaseFrame(frame, 3);
    expect(log).toEqual(['held', 'free 3', 'end']);
  });

  it('needs no hold', () => {
    const { frame, log } = lent(1);
    releaseFrame(frame);
    expect(log).toEqual(['end']);
  });

  it('never ends while one watcher keeps it, and is free all the same when those who hold it release it', () => {
    const { frame, log } = lent(2);
    holdFrame(frame);
    releaseFrame(frame);
    expect(log).toEqual(['held', 'free 0']);
  });

  it('waits for all who hold it, also where they share one subscription', () => {
    const { frame, log } = lent(1);
    holdFrame(frame);
    holdFrame(frame);
    releaseFrame(frame, 1);
    expect(log).toEqual(['held']);
    releaseFrame(frame, 2);
    expect(log).toEqual(['held', 'free 2', 'end']);
  });

  it('ends once', () => {
    const { frame, log } = lent(1);
    releaseFrame(frame);
    releaseFrame(frame);
    expect(log).toEqual(['end']);
  });

  it('is nobody else’s business', () => {
    const frame: Frame = { kind: 'text', text: 'of the user' };
    expect(() => {
      holdFrame(frame);
      releaseFrame(frame);
    }).not.toThrow();
  });
});
