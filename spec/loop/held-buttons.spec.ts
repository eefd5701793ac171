import { take } from 'rxjs';
import type { HeldConfig } from '../../src/loop/chords.js';
import { heldButtons, type HeldButtonsConfig } from '../../src/loop/held-buttons.js';
import { idlesOf } from '../../src/operators/idle.js';
import { lingerMs } from '../../src/loop/linger.js';
import { usageError } from '../operators/usage-error.js';
import { useFakeBrowser } from './fake-browser.js';
import { FakePage } from './key-events.js';

/** A button in a page. Its events reach the document first, as those of a page's capturing listeners do. */
class FakeButton extends FakePage {
  readonly attributes = new Set<string>();
  readonly captured: number[] = [];
  readonly properties = new Map<string, string>();
  readonly style = {
    getPropertyValue: (name: string) => this.properties.get(name) ?? '',
    setProperty: (name: string, value: string) =>
      value === '' ? this.properties.delete(name) : this.properties.set(name, value),
  };

  constructor(readonly ownerDocument: FakePage) {
    super();
  }
  setPointerCapture(pointerId: number) {
    if (pointerId < 0) throw new DOMException('made by a script', 'NotFoundError');
    this.captured.push(pointerId);
  }
  toggleAttribute(name: string, force: boolean) {
    if (force) this.attributes.add(name);
    else this.attributes.delete(name);
  }
  override dispatchEvent(event: Event): boolean {
    if (event.type !== 'blur') this.ownerDocument.dispatchEvent(Object.assign(new Event(event.type), copy(event)));
    return super.dispatchEvent(event);
  }
  pointer(type: string, pointerId: number, button = 0) {
    this.dispatchEvent(Object.assign(new Event(type), { pointerId, button }));
  }
  get isMarked() {
    return this.attributes.has('data-pressed');
  }
}

const copy = (event: Event): object => Object.fromEntries(Object.entries(event));

describe('heldButtons', () => {
  const browser = useFakeBrowser();

  function play(config: Partial<HeldButtonsConfig<string>> = {}) {
    const [left, right, up] = [0, 1, 2].map(() => new FakeButton(browser.document)) as [
      FakeButton,
      FakeButton,
      FakeButton,
    ];
    const buttons = { left, right, up } as unknown as Record<string, HTMLElement>;
    const held$ = heldButtons(buttons, { idle: 'idle', ...config } as HeldConfig<string>);
    const actions: string[] = [];
    const subscription = held$.subscribe((action) => actions.push(action));
    return { left, right, up, held$, actions, subscription };
  }

  it('has the name of a button while a finger or the mouse holds it, and idle else', () => {
    const { left, actions, held$ } = play();
    expect(idlesOf(held$)).toEqual(['idle']);
    left.pointer('pointerdown', 1);
    expect(left.captured).toEqual([1]);
    expect(left.isMarked).toBe(true);
    left.pointer('pointerup', 1);
    expect(left.isMarked).toBe(false);
    expect(actions).toEqual(['idle', 'left', 'idle']);
  });

  it('has actions of its own, and those of chords', () => {
    const { left, up, actions } = play({ actions: { left: 'L', up: 'U', 'up,left': 'LU' } });
    left.pointer('pointerdown', 1);
    up.pointer('pointerdown', 2);
    left.pointer('pointerup', 1);
    up.pointer('pointerup', 2);
    expect(actions).toEqual(['idle', 'L', 'LU', 'U', 'idle']);
  });

  it('lets the latest of several buttons win, or the first', () => {
    const latest = play();
    const first = play({ prefer: 'first' });
    for (const { left, right } of [latest, first]) {
      left.pointer('pointerdown', 1);
      right.pointer('pointerdown', 2);
      left.pointer('pointerup', 1);
    }
    expect(latest.actions).toEqual(['idle', 'left', 'right']);
    expect(first.actions).toEqual(['idle', 'left', 'right']);
    first.left.pointer('pointerdown', 3);
    latest.left.pointer('pointerdown', 3);
    expect(latest.actions.at(-1)).toBe('left');
    expect(first.actions.at(-1)).toBe('right');
  });

  it('holds a button with two fingers on it until both are gone', () => {
    const { left, actions } = play();
    left.pointer('pointerdown', 1);
    left.pointer('pointerdown', 2);
    left.pointer('pointerup', 1);
    expect(left.isMarked).toBe(true);
    left.pointer('pointercancel', 2);
    expect(actions).toEqual(['idle', 'left', 'idle']);
  });

  it('holds a button until its finger is lifted, also elsewhere, and by no other finger', () => {
    const { left, right, actions } = play();
    left.pointer('pointerdown', 1);
    right.pointer('pointerup', 2);
    expect(actions).toEqual(['idle', 'left']);
    right.pointer('pointerup', 1);
    expect(actions).toEqual(['idle', 'left', 'idle']);
  });

  it.each(['pointercancel', 'lostpointercapture'])('releases a button at %s, as when it is removed', (type) => {
    const { left, actions } = play();
    left.pointer('pointerdown', 1);
    browser.document.dispatchEvent(Object.assign(new Event(type), { pointerId: 1 }));
    expect(actions).toEqual(['idle', 'left', 'idle']);
  });

  it('ignores the other buttons of a mouse', () => {
    const { left, actions } = play();
    left.pointer('pointerdown', 1, 2);
    expect(actions).toEqual(['idle']);
  });

  it('takes a pointer that cannot be captured', () => {
    const { left, actions } = play();
    left.pointer('pointerdown', -1);
    left.pointer('pointerup', -1);
    expect(actions).toEqual(['idle', 'left', 'idle']);
  });

  it.each([' ', 'Enter'])(
    'takes the key %j on the button that has the focus, neither scrolling nor clicking',
    (key) => {
      const { left, actions } = play();
      expect(left.down(key).defaultPrevented).toBe(true);
      expect(left.down(key, { repeat: true }).defaultPrevented).toBe(true);
      left.up(key);
      expect(left.down('x').defaultPrevented).toBe(false);
      expect(left.down(key, { ctrlKey: true }).defaultPrevented).toBe(false);
      expect(actions).toEqual(['idle', 'left', 'idle']);
    },
  );

  it('releases what a key holds, and not what a finger holds, when the button loses the focus', () => {
    const { left, right, actions } = play();
    left.pointer('pointerdown', 1);
    right.down('Enter');
    left.dispatchEvent(new Event('blur'));
    right.dispatchEvent(new Event('blur'));
    expect(actions).toEqual(['idle', 'left', 'right', 'left']);
  });

  it.each([
    ['the window loses the focus', () => browser.blur()],
    ['the page is hidden', () => browser.hide()],
  ])('releases all when %s', (_, happen) => {
    const { left, right, actions } = play();
    left.pointer('pointerdown', 1);
    right.down(' ');
    happen();
    expect(actions).toEqual(['idle', 'left', 'right', 'idle']);
    expect([left.isMarked, right.isMarked]).toEqual([false, false]);
  });

  it('keeps a long press from scrolling, selecting and opening a menu, and leaves the page as it was', () => {
    const { left, subscription } = play();
    expect(left.properties.get('touch-action')).toBe('none');
    const menu = new Event('contextmenu', { cancelable: true });
    left.dispatchEvent(menu);
    expect(menu.defaultPrevented).toBe(true);
    left.pointer('pointerdown', 1);
    subscription.unsubscribe();
    jest.advanceTimersByTime(lingerMs);
    expect([...left.properties]).toEqual([]);
    expect(left.isMarked).toBe(false);
    expect(left.listening() + browser.listening()).toBe(0);
  });

  it('gives the styles back that a button had', () => {
    const left = new FakeButton(browser.document);
    left.properties.set('touch-action', 'pan-x');
    const subscription = heldButtons({ left: left as never }, { idle: null }).subscribe();
    expect(left.properties.get('touch-action')).toBe('none');
    subscription.unsubscribe();
    jest.advanceTimersByTime(lingerMs);
    expect([...left.properties]).toEqual([['touch-action', 'pan-x']]);
  });

  it('shares its listeners, and keeps buttons held between one subscriber and the next', () => {
    const { left, right, held$, subscription } = play();
    const listeners = left.listening();
    const actions: string[] = [];
    const step = () => {
      held$.pipe(take(1)).subscribe((action) => actions.push(action));
      jest.advanceTimersByTime(lingerMs - 1);
    };
    subscription.unsubscribe();
    left.pointer('pointerdown', 1);
    step();
    right.pointer('pointerdown', 2);
    step();
    right.pointer('pointerup', 2);
    left.pointer('pointerup', 1);
    step();
    expect(actions).toEqual(['left', 'right', 'idle']);
    expect(left.listening()).toBe(listeners);
  });

  it.each([
    [{}, { idle: 0 }, 'heldButtons.buttons'],
    [null, { idle: 0 }, 'heldButtons.buttons'],
    [{ left: null }, { idle: 0 }, 'heldButtons.buttons.left'],
    [{ left: new EventTarget() }, { idle: 0 }, 'heldButtons.buttons.left'],
    [{ 'left,right': new FakeButton(new FakePage()) }, { idle: 0 }, 'heldButtons.buttons.left,right'],
    [{ left: new FakeButton(new FakePage()) }, undefined, 'heldButtons'],
    [{ left: new FakeButton(new FakePage()) }, { idle: 0, actions: { right: 1 } }, 'heldButtons.actions'],
    [{ left: new FakeButton(new FakePage()) }, { idle: 0, actions: {} }, 'heldButtons.actions'],
    [{ left: new FakeButton(new FakePage()) }, { idle: 0, prefer: 1 }, 'heldButtons.prefer'],
  ])('refuses %p with the options %p', (buttons, config, option) => {
    expect(() => heldButtons(buttons as never, config as never)).toThrow(usageError(option));
  });
});
