import { spinWait } from '../../worker/spin-wait';

describe('a worker that spin-waits', () => {
  let now: number;
  let looks: number;
  /** What each look finds. */
  let found: (string | null | undefined)[];
  const mailbox = {
    look(ms: number) {
      looks += 1;
      const text = found.shift();
      if (text === undefined) now += ms;
      return text;
    },
  };

  beforeEach(() => {
    [now, looks, found] = [1000, 0, []];
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => jest.restoreAllMocks());

  /** A command that came by message so long after the answer before, and is answered; says what was taken after it. */
  const answer = (waiting: ReturnType<typeof spinWait>, gap: number, mayGoOn = true) => {
    const taken: string[] = [];
    now += gap;
    waiting.messageArrived();
    waiting.takeMore((text) => {
      now += 0.05;
      taken.push(text);
      return mayGoOn;
    });
    return taken;
  };

  it('looks only where a command came at the heels of an answer', () => {
    const waiting = spinWait(mailbox);
    answer(waiting, 0);
    answer(waiting, 16);
    expect(looks).toBe(0);
    answer(waiting, 0.1);
    expect(looks).toBe(1);
  });

  it('takes command after command, until none comes', () => {
    const waiting = spinWait(mailbox);
    answer(waiting, 0);
    found = ['a', 'b', 'c', undefined, 'd'];
    expect(answer(waiting, 0.1)).toEqual(['a', 'b', 'c']);
  });

  it('ends when a command has to be awaited', () => {
    const waiting = spinWait(mailbox);
    answer(waiting, 0);
    found = ['a', 'b'];
    expect(answer(waiting, 0.1, false)).toEqual(['a']);
  });

  it('ends when a message comes instead, and looks again after that', () => {
    const waiting = spinWait(mailbox);
    answer(waiting, 0);
    found = ['a', null, 'b'];
    expect(answer(waiting, 0.1)).toEqual(['a']);
    expect(answer(waiting, 0.1)).toEqual(['b']);
  });

  it('does not keep the event loop waiting', () => {
    const waiting = spinWait(mailbox);
    answer(waiting, 0);
    found = Array.from({ length: 1000 }, () => 'a');
    const begun = now;
    answer(waiting, 0.1);
    expect(now - begun).toBeLessThan(10);
    expect(found.length).toBeGreaterThan(0);
  });

  it('looks ever more seldom where it is in vain, and as before when it is not', () => {
    const waiting = spinWait(mailbox);
    answer(waiting, 0);
    for (let i = 0; i < 100; i++) answer(waiting, 0.1);
    expect(looks).toBeLessThan(10);
    found = Array.from({ length: 100_000 }, () => 'a');
    for (let i = 0; i < 40; i++) answer(waiting, 0.1);
    found = [];
    looks = 0;
    for (let i = 0; i < 4; i++) answer(waiting, 0.1);
    expect(looks).toBe(2);
  });
});
