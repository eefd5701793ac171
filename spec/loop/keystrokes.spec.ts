import { keystrokes } from '../../src/loop/keystrokes.js';
import { lingerMs } from '../../src/loop/linger.js';
import { FakePage } from './key-events.js';
import { usageError } from '../operators/usage-error.js';

describe('keystrokes', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => {
    jest.runAllTimers();
    jest.useRealTimers();
  });

  it('emits the action of each press once, however long the key is held', () => {
    const page = new FakePage();
    const actions: string[] = [];
    keystrokes({ ArrowLeft: 'left', KeyD: 'right' }, { target: page }).subscribe((action) => actions.push(action));
    page.down('ArrowLeft');
    page.down('ArrowLeft', { repeat: true });
    page.up('ArrowLeft');
    page.down('ArrowLeft');
    page.down('x');
    page.down('d', { code: 'KeyD' });
    expect(actions).toEqual(['left', 'left', 'right']);
  });

  it('emits it at each repeat, too, where that is wanted', () => {
    const page = new FakePage();
    const actions: string[] = [];
    keystrokes({ a: 'left' }, { target: page, repeat: true }).subscribe((action) => actions.push(action));
    page.down('a');
    page.down('a', { repeat: true });
    expect(actions).toEqual(['left', 'left']);
  });

  it('keeps mapped keys from scrolling the page, and ignores what is typed into fields', () => {
    const page = new FakePage();
    const actions: string[] = [];
    keystrokes({ ' ': 'jump' }, { target: page }).subscribe((action) => actions.push(action));
    expect(page.down(' ').defaultPrevented).toBe(true);
    page.tagName = 'INPUT';
    expect(page.down(' ').defaultPrevented).toBe(false);
    expect(actions).toEqual(['jump']);
  });

  it('shares one listener, which ends a while after the last subscriber has left, and replays nothing', () => {
    const page = new FakePage();
    const strokes$ = keystrokes({ a: 1, b: 2 }, { target: page });
    const [first, second]: [number[], number[]] = [[], []];
    const subscriptions = [strokes$.subscribe((action) => first.push(action))];
    page.down('a');
    subscriptions.push(strokes$.subscribe((action) => second.push(action)));
    page.down('b');
    expect([first, second]).toEqual([[1, 2], [2]]);
    expect(page.listening()).toBe(1);
    for (const subscription of subscriptions) subscription.unsubscribe();
    expect(page.listening()).toBe(1);
    jest.advanceTimersByTime(lingerMs);
    expect(page.listening()).toBe(0);
  });

  it('refuses a mapping that is empty, or has a chord', () => {
    expect(() => keystrokes({})).toThrow(usageError('keystrokes.mapping'));
    expect(() => keystrokes({ 'a,b': 1 })).toThrow("keystrokes.mapping: expected single keys, got the chord 'a,b'");
  });
});
