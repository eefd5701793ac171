/** The buttons of a standard gamepad, by their index. https://www.w3.org/TR/gamepad/#remapping */
const buttons: readonly GamepadControl[] = [
  'A',
  'B',
  'X',
  'Y',
  'left-bumper',
  'right-bumper',
  'left-trigger',
  'right-trigger',
  'back',
  'start',
  'left-stick',
  'right-stick',
  'dpad-up',
  'dpad-down',
  'dpad-left',
  'dpad-right',
  'home',
];

/** The sticks of a standard gamepad, by the index of their first axis; axes go from -1, left and up, to 1. */
const sticks = ['left-stick', 'right-stick'] as const;

/**
 * A control of a gamepad: a name of the standard layout, or the index of a button, from 0 to 99, which any gamepad has. `A`
 * is the lower one of the four buttons at the right, `B` the right one, `X` the left one, `Y` the upper one, whatever is
 * printed on them. `'left-stick'` is the press of the stick, `'left-stick-left'` its push to the left.
 */
export type GamepadControl =
  | 'A'
  | 'B'
  | 'X'
  | 'Y'
  | `${'left' | 'right'}-${'bumper' | 'trigger' | 'stick'}`
  | 'back'
  | 'start'
  | 'home'
  | `dpad-${'up' | 'down' | 'left' | 'right'}`
  | `${'left' | 'right'}-stick-${'up' | 'down' | 'left' | 'right'}`
  | `${number}`;

/** True for the name of a {@link GamepadControl}. */
export function isControl(name: string): boolean {
  const pushes = sticks.flatMap((stick) => [`${stick}-left`, `${stick}-right`, `${stick}-up`, `${stick}-down`]);
  return /^\d\d?$/.test(name) || [...buttons, ...pushes].includes(name);
}

/** What a specification's `Gamepad` says, as far as it is read. */
export type Pad = Pick<Gamepad, 'connected' | 'index' | 'mapping' | 'axes'> & {
  readonly buttons: readonly Pick<GamepadButton, 'pressed'>[];
};

/** What of a gamepad is pressed or pushed: each by its names, in the order of the buttons, then of the sticks. */
export function pressedControls(pad: Pad, deadZone: number): readonly (readonly string[])[] {
  const isStandard = pad.mapping === 'standard';
  const pressed = pad.buttons.flatMap((button, index) => {
    if (!button.pressed) return [];
    const name = isStandard ? buttons[index] : undefined;
    return [name === undefined ? [`${index}`] : [`${index}`, name]];
  });
  if (!isStandard) return pressed; // its axes may be anything
  return [...pressed, ...sticks.flatMap((stick, nth) => directions(stick, pad.axes.slice(2 * nth), deadZone))];
}

/**
 * The one direction into which a stick is pushed, or two for a diagonal, each over an eighth of the circle: a push to the
 * left is rarely exact, and must not count as one upwards too.
 */
function directions(
  stick: string,
  [x = 0, y = 0]: readonly number[],
  deadZone: number,
): readonly (readonly string[])[] {
  const push = Math.hypot(x, y);
  if (push <= deadZone) return [];
  const least = push * Math.sin(Math.PI / 8);
  const found = [];
  if (Math.abs(x) > least) found.push([`${stick}-${x < 0 ? 'left' : 'right'}`]);
  if (Math.abs(y) > least) found.push([`${stick}-${y < 0 ? 'up' : 'down'}`]);
  return found;
}
