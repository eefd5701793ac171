import {
  animationFrames,
  defer,
  distinctUntilChanged,
  map,
  merge,
  NEVER,
  ReplaySubject,
  share,
  startWith,
  type Observable,
} from 'rxjs';
import { anyRule, check, checkOptions, checkValue, objectRule, type Rules } from '../check.js';
import { withIdles } from '../operators/idle.js';
import { actionOf, preferRule, parseMapping, type HeldConfig, type Press } from './chords.js';
import { hides } from './focus-losses.js';
import { isControl, pressedControls, type GamepadControl, type Pad } from './gamepad-controls.js';

/**
 * Actions by control: a {@link GamepadControl}, or a chord of several, joined with `','` in any order, for instance
 * `'A,left-stick-left'`.
 */
export type GamepadMapping<A> = Readonly<Partial<Record<GamepadControl, A>> & Record<`${GamepadControl},${string}`, A>>;

/** The options of {@link gamepad}. */
export interface GamepadConfig<A> extends HeldConfig<A> {
  /**
   * How far a stick has to be pushed to count, from 0 to 0.99 of its way. Default 0.25, about what XInput has for the two
   * sticks of its gamepads (7,849 and 8,689 of 32,767).
   * https://learn.microsoft.com/windows/win32/xinput/getting-started-with-xinput#dead-zone
   */
  readonly deadZone?: number | undefined;
  /** Which gamepad: its index in `navigator.getGamepads()`, a whole number from 0 to 99. Default: any that is connected. */
  readonly index?: number | undefined;
}

const rules: Rules<GamepadConfig<unknown>> = {
  idle: anyRule,
  prefer: preferRule,
  deadZone: { min: 0, max: 0.99 },
  index: { min: 0, max: 99, whole: true },
};

/** A control of a certain gamepad. */
interface HeldControl extends Press {
  readonly id: string;
}

/**
 * The action of what is pressed on a gamepad: the current one on subscription, and a new one whenever it changes. Chords
 * and `prefer` are as in `pressedKeys`. It is idle while no gamepad is connected and while the page is hidden; a gamepad
 * is seen when one of its buttons is pressed for the first time. Where a page may not use gamepads (a frame without
 * `allow="gamepad"`, plain http), it stays idle.
 *
 * A gamepad tells of no events, so it is read at each animation frame, only while this is subscribed. All subscriptions
 * share that.
 *
 * Errors: `UsageError` at the call for a bad option, an empty mapping, or a control that does not exist.
 *
 * @example
 * gamepad({ 'left-stick-left': 0, 'dpad-left': 0, 'left-stick-right': 1, 'dpad-right': 1 }, { idle: null })
 */
export function gamepad<A>(mapping: GamepadMapping<A>, config: GamepadConfig<A>): Observable<A> {
  checkValue('gamepad', config, objectRule);
  checkOptions('gamepad', config, rules);
  const bindings = parseMapping('gamepad.mapping', mapping as Readonly<Record<string, A>>, 'control');
  for (const name of bindings.flatMap(({ keys }) => keys)) {
    const expected = "a control such as 'A', 'dpad-left', 'left-stick-left', or the index of a button";
    check('gamepad.mapping', name, expected, isControl(name));
  }
  const { deadZone = 0.25, index } = config;

  // What is held, in the order of the presses. It is kept while nobody subscribes: what is held no more goes at the first
  // look.
  let held: readonly HeldControl[] = [];
  const look = () => {
    const pads = connectedPads().filter((pad) => index === undefined || pad.index === index);
    const now = pads.flatMap((pad) =>
      pressedControls(pad, deadZone).map((names) => ({ names, id: `${pad.index} ${names.join()}` })),
    );
    const still = held.filter(({ id }) => now.some((control) => control.id === id));
    held = [...still, ...now.filter(({ id }) => !held.some((control) => control.id === id))];
    return actionOf(held, bindings, config);
  };

  const action$ = defer(() =>
    merge(frames(), hides()).pipe(startWith(undefined), map(look), distinctUntilChanged()),
  ).pipe(share({ connector: () => new ReplaySubject<A>(1) }));
  return withIdles(action$, [config.idle]);
}

/** Where there are no animation frames, there are no gamepads. */
const frames = (): Observable<unknown> => (typeof requestAnimationFrame === 'undefined' ? NEVER : animationFrames());

/** None while the page is hidden: there are no animation frames by which to see what is released. */
function connectedPads(): readonly Pad[] {
  if (typeof document !== 'undefined' && document.visibilityState === 'hidden') return [];
  try {
    const pads = (navigator as Partial<Navigator>).getGamepads?.() ?? [];
    return pads.filter((pad) => pad?.connected === true) as readonly Pad[];
  } catch {
    return []; // there is no navigator, or a policy forbids it
  }
}
