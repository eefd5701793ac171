import { take } from 'rxjs';
import { gamepad, type GamepadConfig, type GamepadMapping } from '../../src/loop/gamepad.js';
import { idlesOf } from '../../src/operators/idle.js';
import { usageError } from '../operators/usage-error.js';
import { useFakeBrowser } from './fake-browser.js';

/** A gamepad of the standard layout that lies untouched. */
function fakePad(index = 0, mapping = 'standard') {
  const buttons = Array.from({ length: 17 }, () => ({ pressed: false }));
  return { index, mapping, connected: true, buttons, axes: [0, 0, 0, 0] };
}
type FakePad = ReturnType<typeof fakePad>;

const moves = {
  'left-stick-left': 'left',
  'left-stick-right': 'right',
  'left-stick-up': 'up',
  'left-stick-left,left-stick-up': 'left-up',
  'dpad-left': 'left',
  A: 'jump',
  3: 'fourth',
};

describe('gamepad', () => {
  const browser = useFakeBrowser();
  const globals = globalThis as Record<string, unknown>;
  const navigatorOfNode = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  let pads: (FakePad | null)[];
  let frames: Map<number, () => void>;
  let looks: number;

  const setNavigator = (navigator: unknown) =>
    Object.defineProperty(globals, 'navigator', { value: navigator, configurable: true });

  beforeEach(() => {
    pads = [null, null, null, null];
    frames = new Map();
    looks = 0;
    let lastId = 0;
    globals['requestAnimationFrame'] = (work: () => void) => {
      frames.set((lastId += 1), work);
      return lastId;
    };
    globals['cancelAnimationFrame'] = (id: number) => frames.delete(id);
    setNavigator({
      getGamepads: () => {
        looks += 1;
        return pads;
      },
    });
  });
  afterEach(() => {
    delete globals['requestAnimationFrame'];
    delete globals['cancelAnimationFrame'];
    if (navigatorOfNode) Object.defineProperty(globals, 'navigator', navigatorOfNode);
    else delete globals['navigator'];
  });

  function frame() {
    const due = [...frames.values()];
    frames.clear();
    for (const work of due) work();
  }

  function play(mapping: GamepadMapping<string> = moves, config: Partial<GamepadConfig<string>> = {}) {
    const source$ = gamepad(mapping, { idle: 'idle', ...config });
    expect(idlesOf(source$)).toEqual(['idle']);
    const actions: string[] = [];
    const subscription = source$.subscribe((action) => actions.push(action));
    const pad = (pads[config.index ?? 0] = fakePad(config.index ?? 0));
    const push = (...axes: number[]) => {
      pad.axes = axes;
      frame();
    };
    const press = (button: number, pressed = true) => {
      pad.buttons[button]!.pressed = pressed;
      frame();
    };
    return { source$, actions, subscription, pad, push, press };
  }

  it('is idle without a gamepad, and with one that lies untouched', () => {
    const { actions } = play();
    frame();
    frame();
    expect(actions).toEqual(['idle']);
  });

  it('has the action of a button while it is pressed, by its name or its index', () => {
    const { actions, press } = play();
    press(0);
    press(0, false);
    press(3);
    press(3, false);
    press(14);
    expect(actions).toEqual(['idle', 'jump', 'idle', 'fourth', 'idle', 'left']);
  });

  it('has the action of a stick that is pushed further than its dead zone', () => {
    const { actions, push } = play();
    push(-0.2, 0.1);
    expect(actions).toEqual(['idle']);
    push(-0.26, 0);
    push(0, 0);
    push(0.9, 0);
    push(0, -1);
    push(0, 1); // not mapped
    expect(actions).toEqual(['idle', 'left', 'idle', 'right', 'up', 'idle']);
  });

  it('takes a push that is not exact for one direction, and a diagonal for two', () => {
    const { actions, push } = play();
    push(-0.9, -0.3);
    push(-0.7, -0.7);
    push(-0.3, -0.9);
    expect(actions).toEqual(['idle', 'left', 'left-up', 'up']);
  });

  it('takes a dead zone', () => {
    const { actions, push } = play(moves, { deadZone: 0.5 });
    push(-0.45, 0);
    expect(actions).toEqual(['idle']);
    push(-0.55, 0);
    expect(actions).toEqual(['idle', 'left']);
  });

  it('reads the right stick from its own axes', () => {
    const { actions, push } = play({ 'right-stick-down': 'look down' });
    push(0, 1, 0, 0);
    push(0, 0, 0, 1);
    expect(actions).toEqual(['idle', 'look down']);
  });

  it('lets the latest of several buttons win, or the first, and a chord over both', () => {
    const mapping = { A: 'a', B: 'b', 'X,A': 'xa' };
    const latest = play(mapping);
    for (const button of [1, 0, 2]) latest.press(button);
    latest.press(2, false);
    latest.press(0, false);
    expect(latest.actions).toEqual(['idle', 'b', 'a', 'xa', 'a', 'b']);
    latest.press(1, false);
    const first = play(mapping, { prefer: 'first' });
    for (const button of [1, 0]) first.press(button);
    expect(first.actions).toEqual(['idle', 'b']);
  });

  it('knows only the buttons, by their index, of one that has no standard layout', () => {
    const { actions, pad, press } = play();
    pad.mapping = '';
    pad.axes = [-1, 0, 0, 0];
    press(0);
    expect(actions).toEqual(['idle']);
    press(3);
    expect(actions).toEqual(['idle', 'fourth']);
  });

  it('is idle again when the gamepad is disconnected', () => {
    const { actions, press, pad } = play();
    press(0);
    pads[0] = null;
    frame();
    pads[0] = pad;
    frame();
    pad.connected = false;
    frame();
    expect(actions).toEqual(['idle', 'jump', 'idle', 'jump', 'idle']);
  });

  it('reads any gamepad, or the one that it is told to', () => {
    const any = play(moves);
    const second = play(moves, { index: 1 });
    const [one, two] = [any.pad, second.pad];
    one.buttons[0]!.pressed = true;
    frame();
    expect([any.actions, second.actions]).toEqual([['idle', 'jump'], ['idle']]);
    one.buttons[0]!.pressed = false;
    two.buttons[14]!.pressed = true;
    frame();
    expect([any.actions, second.actions]).toEqual([
      ['idle', 'jump', 'left'],
      ['idle', 'left'],
    ]);
  });

  it('is idle while the page is hidden, which has no animation frames', () => {
    const { actions, press } = play();
    press(0);
    browser.hide();
    expect(actions).toEqual(['idle', 'jump', 'idle']);
    browser.hide(false);
    frame();
    expect(actions).toEqual(['idle', 'jump', 'idle', 'jump']);
  });

  it('looks once a frame for all subscribers, and not at all without one', () => {
    const { source$, subscription } = play();
    const other = source$.subscribe();
    looks = 0;
    frame();
    expect(looks).toBe(1);
    subscription.unsubscribe();
    other.unsubscribe();
    expect(frames.size).toBe(0);
    expect(browser.listening()).toBe(0);
  });

  it('tells one who subscribes for each step what is pressed now, in the order of the presses', () => {
    const { source$, subscription, pad } = play({ A: 'a', B: 'b' });
    subscription.unsubscribe();
    const actions: string[] = [];
    const step = () => source$.pipe(take(1)).subscribe((action) => actions.push(action));
    const pressed = (...buttons: boolean[]) => buttons.forEach((each, index) => (pad.buttons[index]!.pressed = each));
    pressed(false, true);
    step();
    pressed(true, true);
    step();
    pressed(false, true);
    step();
    pressed(false, false);
    step();
    expect(actions).toEqual(['b', 'a', 'b', 'idle']);
  });

  it.each([
    ['there are no gamepads', {}],
    [
      'a policy forbids them',
      {
        getGamepads: () => {
          throw new DOMException('not allowed', 'SecurityError');
        },
      },
    ],
  ])('stays idle where %s', (_, navigator) => {
    setNavigator(navigator);
    const { actions } = play();
    frame();
    expect(actions).toEqual(['idle']);
  });

  it('is idle where there is no page', () => {
    delete globals['requestAnimationFrame'];
    delete globals['document'];
    setNavigator(undefined);
    expect(play().actions).toEqual(['idle']);
  });

  it.each([
    [{}, {}, 'gamepad.mapping'],
    [{ 'left-stick-north': 1 }, {}, 'gamepad.mapping'],
    [{ 'A,Z': 1 }, {}, 'gamepad.mapping'],
    [{ 100: 1 }, {}, 'gamepad.mapping'],
    [{ A: 1 }, undefined, 'gamepad'],
    [{ A: 1 }, { deadZone: 1 }, 'gamepad.deadZone'],
    [{ A: 1 }, { index: -1 }, 'gamepad.index'],
    [{ A: 1 }, { prefer: 'last' }, 'gamepad.prefer'],
  ])('refuses %j with the options %j', (mapping, config, option) => {
    expect(() => gamepad(mapping as never, config as never)).toThrow(usageError(option));
  });
});
