import { attention$, type Attention, type AttentionConfig } from '../../src/loop/attention.js';
import { lingerMs } from '../../src/loop/linger.js';
import { runMarbles } from '../operators/run-marbles.js';
import { usageError } from '../operators/usage-error.js';
import { useFakeBrowser } from './fake-browser.js';

describe('attention$', () => {
  const browser = useFakeBrowser();
  const here: Attention = { type: 'here' };
  const away: Attention = { type: 'away', ms: 0 };
  const warn: Attention = { type: 'warn', ms: 3 };
  const exclude: Attention = { type: 'exclude', ms: 6 };
  const values = { h: here, a: away, w: warn, x: exclude };

  const doing = {
    b: () => browser.blur(),
    f: () => browser.focus(),
    h: () => browser.hide(),
    s: () => browser.hide(false),
  };

  /** What happens to the page, by the marbles of `doing`, and what that leads to. */
  const play = (events: string, expected: string, config: AttentionConfig = {}) =>
    runMarbles(({ scheduler, hot, expectObservable }) => {
      hot(events, doing).subscribe((happen) => happen());
      expectObservable(attention$({ warn: 3, exclude: 6, scheduler, ...config })).toBe(expected, values);
    });

  it('says here at first, and away, warn and exclude as time goes by', () => {
    play('--b---------f--b', 'h-a--w--x---h--a--w--x');
  });

  it('begins the count anew after each return', () => {
    play('-b-f-b-f--b---f', 'ha-h-a-h--a--wh');
  });

  it('counts on when a page that has lost the focus is hidden, too', () => {
    play('-b-h----s-f', 'ha--w--x--h');
  });

  it('says away at first where the page is so already', () => {
    browser.blur();
    play('--f', 'a-h');
  });

  it("with needs: 'visible', is content with a page that is seen", () => {
    play('-b-h---s', 'h--a--wh', { needs: 'visible' });
  });

  it('never warns or excludes at Infinity', () => {
    play('-b------f', 'ha-----xh', { warn: Infinity });
    browser.focus();
    play('-b------f', 'ha--w---h', { exclude: Infinity });
  });

  it('says what was due before it says here, where no timer could fire meanwhile', () => {
    let time = 1000;
    const frozen = { now: () => time, schedule: () => ({ unsubscribe: () => undefined }) };
    const states: Attention[] = [];
    attention$({ warn: 3000, scheduler: frozen as never }).subscribe((state) => states.push(state));
    browser.hide();
    time += 3500;
    browser.hide(false);
    browser.hide();
    time += 3_600_000;
    browser.hide(false);
    const hour = 3_600_000;
    expect(states).toEqual([
      here,
      away,
      { type: 'warn', ms: 3500 },
      here,
      away,
      { type: 'warn', ms: hour },
      { type: 'exclude', ms: hour },
      here,
    ]);
  });

  it('has one watch for all subscribers, which ends a while after the last has left', () => {
    const state$ = attention$();
    const subscriptions = [state$.subscribe()];
    browser.hide();
    const ofOne = browser.listening();
    subscriptions.push(state$.subscribe());
    const late: Attention[] = [];
    subscriptions.push(state$.subscribe((state) => late.push(state)));
    expect(late).toEqual([away]);
    expect(browser.listening()).toBe(ofOne);
    subscriptions.forEach((subscription) => subscription.unsubscribe());
    jest.advanceTimersByTime(lingerMs);
    expect(browser.listening()).toBe(0);
    jest.advanceTimersByTime(lingerMs);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('takes 3 and 10 seconds by default', () => {
    const states: Attention['type'][] = [];
    attention$().subscribe(({ type }) => states.push(type));
    browser.hide();
    jest.advanceTimersByTime(2999);
    expect(states).toEqual(['here', 'away']);
    jest.advanceTimersByTime(1);
    expect(states).toEqual(['here', 'away', 'warn']);
    jest.advanceTimersByTime(6999);
    expect(states).toHaveLength(3);
    jest.advanceTimersByTime(1);
    expect(states).toEqual(['here', 'away', 'warn', 'exclude']);
  });

  it.each([
    [{ warn: 0 }, 'attention$.warn'],
    [{ exclude: -1 }, 'attention$.exclude'],
    [{ exclude: 2 ** 31 }, 'attention$.exclude'],
    [{ warn: 10_000 }, 'attention$.exclude'],
    [{ warn: 500, exclude: 500 }, 'attention$.exclude'],
    [{ needs: 'love' }, 'attention$.needs'],
    [{ scheduler: 1 }, 'attention$.scheduler'],
  ])('refuses %j', (config, option) => {
    expect(() => attention$(config as never)).toThrow(usageError(option));
  });
});
