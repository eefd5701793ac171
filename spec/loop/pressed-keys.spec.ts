import { take } from 'rxjs';
import { pressedKeys, type PressedKeysConfig } from '../../src/loop/pressed-keys.js';
import { idlesOf } from '../../src/operators/idle.js';
import { lingerMs } from '../../src/loop/linger.js';
import type { KeyMapping } from '../../src/loop/keyboard.js';
import { FakePage } from './key-events.js';
import { usageError } from '../operators/usage-error.js';

const arrows = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  'ArrowLeft,ArrowUp': 'left-up',
  'ArrowLeft,ArrowRight,ArrowUp': 'all',
  'ArrowRight,ArrowUp': 'right-up',
};

function play(mapping: KeyMapping<string> = arrows, config: Partial<PressedKeysConfig<string>> = {}) {
  const page = new FakePage();
  const actions: string[] = [];
  const subscription = pressedKeys(mapping, { idle: 'idle', target: page, ...config }).subscribe((action) =>
    actions.push(action),
  );
  return { page, actions, subscription };
}

describe('pressedKeys', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => {
    jest.runAllTimers();
    jest.useRealTimers();
  });

  it('emits the idle action on subscription', () => {
    expect(play().actions).toEqual(['idle']);
    expect(idlesOf(pressedKeys(arrows, { idle: 'idle' }))).toEqual(['idle']);
  });

  it('emits the action of a key while it is held, and only when the action changes', () => {
    const { page, actions } = play();
    page.down('ArrowLeft');
    page.down('ArrowLeft', { repeat: true });
    page.up('ArrowLeft');
    page.up('ArrowLeft');
    expect(actions).toEqual(['idle', 'left', 'idle']);
  });

  it('lets the most recently pressed of the single keys win, and returns to the one still held', () => {
    const { page, actions } = play({ ArrowLeft: 'left', ArrowRight: 'right' });
    page.down('ArrowRight');
    page.down('ArrowLeft');
    page.up('ArrowLeft');
    page.down('ArrowLeft');
    page.up('ArrowRight');
    expect(actions).toEqual(['idle', 'right', 'left', 'right', 'left']);
  });

  it('lets the longest chord win, in whatever order its keys went down', () => {
    const { page, actions } = play();
    page.down('ArrowUp');
    page.down('ArrowLeft');
    page.down('ArrowRight');
    page.up('ArrowRight');
    page.up('ArrowLeft');
    expect(actions).toEqual(['idle', 'up', 'left-up', 'all', 'left-up', 'up']);
  });

  it('lets the most recently pressed of equally long chords win', () => {
    const { page, actions } = play({ 'b,c': 'bc', 'a,b': 'ab' });
    for (const key of ['b', 'c', 'a']) page.down(key);
    expect(actions).toEqual(['idle', 'bc', 'ab']);
  });

  it('matches a chord whatever the order of its keys in the mapping', () => {
    const { page, actions } = play({ 'b,a': 'both' });
    page.down('a');
    page.down('b');
    expect(actions).toEqual(['idle', 'both']);
  });

  it('matches a key by its code, too, and the comma and space keys', () => {
    const { page, actions } = play({ KeyW: 'up', ',': 'comma', ' ': 'space', 'Space,b': 'both' });
    page.down('ц', { code: 'KeyW' });
    page.down(',');
    page.up('ц', { code: 'KeyW' });
    page.down(' ', { code: 'Space' });
    page.down('b');
    expect(actions).toEqual(['idle', 'up', 'comma', 'space', 'both']);
  });

  it('releases a key whose name Shift changed meanwhile', () => {
    const { page, actions } = play({ a: 'a' });
    page.down('a', { code: 'KeyA' });
    page.up('A', { code: 'KeyA' });
    expect(actions).toEqual(['idle', 'a', 'idle']);
  });

  it('counts a key once that is pressed again while it is held', () => {
    const { page, actions } = play({ a: 'a', b: 'b' });
    page.down('a', { code: 'KeyA' });
    page.down('b', { code: 'KeyB' });
    page.down('a', { code: 'KeyA' });
    page.up('a', { code: 'KeyA' });
    expect(actions).toEqual(['idle', 'a', 'b', 'a', 'b']);
  });

  it('takes the more recent of two keys of one name', () => {
    const { page, actions } = play({ Shift: 'shift', a: 'a' });
    page.down('Shift', { code: 'ShiftLeft' });
    page.down('a', { code: 'KeyA' });
    page.down('Shift', { code: 'ShiftRight' });
    page.up('Shift', { code: 'ShiftRight' });
    expect(actions).toEqual(['idle', 'shift', 'a', 'shift', 'a']);
  });

  it('ignores keys that are not mapped', () => {
    const { page, actions } = play();
    expect(page.down('x').defaultPrevented).toBe(false);
    expect(actions).toEqual(['idle']);
  });

  it('takes a repeat of a key that went down before anybody listened for its press', () => {
    const { page, actions } = play();
    page.down('ArrowUp');
    page.down('ArrowLeft', { repeat: true });
    page.down('ArrowUp', { repeat: true });
    page.up('ArrowLeft');
    page.up('ArrowUp');
    expect(actions).toEqual(['idle', 'up', 'left-up', 'up', 'idle']);
  });

  it('keeps mapped keys, repeats and keys of chords from scrolling the page', () => {
    const { page } = play({ 'a,b': 'both', ArrowUp: 'up' });
    expect(page.down('ArrowUp').defaultPrevented).toBe(true);
    expect(page.down('ArrowUp', { repeat: true }).defaultPrevented).toBe(true);
    expect(page.down('b').defaultPrevented).toBe(true);
  });

  it.each(['ctrlKey', 'altKey', 'metaKey', 'isComposing'])('ignores a key that comes with %s', (modifier) => {
    const { page, actions } = play();
    expect(page.down('ArrowLeft', { [modifier]: true }).defaultPrevented).toBe(false);
    expect(actions).toEqual(['idle']);
  });

  it.each(['INPUT', 'TEXTAREA', 'SELECT'])('ignores keys that are typed into a field: %s', (tagName) => {
    const { page, actions } = play();
    page.tagName = tagName;
    expect(page.down('ArrowLeft').defaultPrevented).toBe(false);
    expect(actions).toEqual(['idle']);
  });

  it('ignores keys that are typed into an editable element', () => {
    const { page, actions } = play();
    page.isContentEditable = true;
    expect(page.down('ArrowLeft').defaultPrevented).toBe(false);
    expect(actions).toEqual(['idle']);
  });

  it('finds the field also inside a shadow tree, where the event names its host as target', () => {
    const { page, actions } = play();
    const event = Object.assign(new Event('keydown'), { key: 'ArrowLeft' });
    event.composedPath = () => [Object.assign(new EventTarget(), { tagName: 'INPUT' }), page];
    page.dispatchEvent(event);
    expect(actions).toEqual(['idle']);
  });

  it('releases a key that goes up in a field, with a modifier, or both', () => {
    const { page, actions } = play();
    page.down('ArrowLeft');
    page.tagName = 'INPUT';
    page.up('ArrowLeft', { ctrlKey: true });
    expect(actions).toEqual(['idle', 'left', 'idle']);
  });

  it('releases all when Meta goes up, since macOS sends no key-up while it is held', () => {
    const { page, actions } = play();
    page.down('ArrowLeft');
    page.up('Meta');
    expect(actions).toEqual(['idle', 'left', 'idle']);
  });

  it('releases all when the target loses the focus', () => {
    const { page, actions } = play();
    page.down('ArrowLeft');
    page.down('ArrowUp');
    page.dispatchEvent(new Event('blur'));
    page.down('ArrowRight');
    expect(actions).toEqual(['idle', 'left', 'left-up', 'idle', 'right']);
  });

  it('ignores a key-down without a key, as made by autofill', () => {
    const { page, actions } = play({ a: 'a' });
    page.dispatchEvent(new Event('keydown'));
    page.dispatchEvent(new Event('keyup'));
    page.down('a');
    expect(actions).toEqual(['idle', 'a']);
  });

  describe('on a page', () => {
    const globals = globalThis as { window?: unknown; document?: unknown };
    const window = new FakePage();
    const document = new FakePage();

    beforeEach(() => Object.assign(globals, { window, document }));
    afterEach(() => {
      delete globals.window;
      delete globals.document;
    });

    it('listens to the window by default', () => {
      const { actions, subscription } = play(arrows, { target: undefined });
      window.down('ArrowLeft');
      window.dispatchEvent(new Event('blur'));
      expect(actions).toEqual(['idle', 'left', 'idle']);
      expect(window.listeners).toMatchObject({ keydown: 1, keyup: 1, blur: 1 });
      subscription.unsubscribe();
      jest.advanceTimersByTime(lingerMs);
      expect(window.listening()).toBe(0);
    });

    it('releases all when the window loses the focus, whatever its target', () => {
      const { page, actions, subscription } = play();
      page.down('ArrowLeft');
      window.dispatchEvent(new Event('blur'));
      subscription.unsubscribe();
      expect(actions).toEqual(['idle', 'left', 'idle']);
    });

    it('releases all when the page is hidden, not when it is shown', () => {
      const { page, actions, subscription } = play();
      page.down('ArrowLeft');
      document.visibilityState = 'visible';
      document.dispatchEvent(new Event('visibilitychange'));
      expect(actions).toEqual(['idle', 'left']);
      document.visibilityState = 'hidden';
      document.dispatchEvent(new Event('visibilitychange'));
      expect(actions).toEqual(['idle', 'left', 'idle']);
      subscription.unsubscribe();
      jest.advanceTimersByTime(lingerMs);
      expect([document.listening(), window.listening(), page.listening()]).toEqual([0, 0, 0]);
    });
  });

  it('ends its listeners a while after the last subscriber has left', () => {
    const { page, actions, subscription } = play();
    expect(page.listening()).toBe(3);
    subscription.unsubscribe();
    jest.advanceTimersByTime(lingerMs - 1);
    expect(page.listening()).toBe(3);
    jest.advanceTimersByTime(1);
    expect(page.listening()).toBe(0);
    page.down('ArrowLeft');
    expect(actions).toEqual(['idle']);
  });

  it('has one set of listeners for all subscribers, and gives a late one the current action', () => {
    const page = new FakePage();
    const keys$ = pressedKeys(arrows, { idle: 'idle', target: page });
    const actions: string[] = [];
    keys$.subscribe();
    page.down('ArrowLeft');
    keys$.subscribe((action) => actions.push(action));
    page.down('ArrowUp');
    expect(actions).toEqual(['left', 'left-up']);
    expect(page.listening()).toBe(3);
  });

  it('keeps keys held, and sees others go down and up, between one subscriber and the next', () => {
    const page = new FakePage();
    const keys$ = pressedKeys(arrows, { idle: 'idle', target: page });
    const actions: string[] = [];
    const takeOne = () => {
      keys$.pipe(take(1)).subscribe((action) => actions.push(action));
      jest.advanceTimersByTime(lingerMs - 1);
    };
    takeOne();
    page.down('ArrowLeft');
    takeOne();
    page.down('ArrowUp');
    takeOne();
    page.up('ArrowLeft');
    takeOne();
    expect(actions).toEqual(['idle', 'left', 'left-up', 'up']);
    expect(page.listening()).toBe(3);
  });

  it('starts with nothing held once its listeners have ended', () => {
    const page = new FakePage();
    const keys$ = pressedKeys(arrows, { idle: 'idle', target: page });
    const first = keys$.subscribe();
    page.down('ArrowLeft');
    first.unsubscribe();
    jest.advanceTimersByTime(lingerMs);
    const actions: string[] = [];
    keys$.subscribe((action) => actions.push(action));
    page.down('ArrowUp');
    expect(actions).toEqual(['idle', 'up']);
  });

  it('does not keep Node alive while its listeners linger', () => {
    jest.useRealTimers();
    const timers = jest.spyOn(globalThis, 'setTimeout');
    play().subscription.unsubscribe();
    expect(timers.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([false]);
    timers.mockRestore();
    jest.useFakeTimers();
  });

  describe("with prefer: 'first'", () => {
    it('lets the key win that has been held longest, and then the next', () => {
      const { page, actions } = play({ a: 'a', b: 'b', c: 'c' }, { prefer: 'first' });
      for (const key of ['b', 'a', 'c']) page.down(key);
      page.up('b');
      page.up('a');
      expect(actions).toEqual(['idle', 'b', 'a', 'c']);
    });

    it('lets chords win as ever: the longest, and of equally long ones the latest', () => {
      const { page, actions } = play({ a: 'a', 'b,c': 'bc', 'a,b': 'ab' }, { prefer: 'first' });
      for (const key of ['a', 'b', 'c']) page.down(key);
      page.up('b');
      expect(actions).toEqual(['idle', 'a', 'ab', 'bc', 'a']);
    });
  });

  it('errors with UsageError where there is neither a target nor a window', () => {
    const errors: unknown[] = [];
    pressedKeys(arrows, { idle: 'idle' }).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([usageError('target')]);
  });

  it.each([[{}], [null], [undefined], ['ArrowLeft'], [{ 'a,': 1 }], [{ '': 1 }]])(
    'refuses %j as a mapping',
    (mapping) => {
      expect(() => pressedKeys(mapping as never, { idle: 0 })).toThrow(usageError('pressedKeys.mapping'));
    },
  );

  it.each([undefined, null, 0, 'idle'])('refuses %j as its options', (config) => {
    expect(() => pressedKeys(arrows, config as never)).toThrow(usageError('pressedKeys'));
  });
});
