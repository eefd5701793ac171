import { defer, distinctUntilChanged, finalize, map, merge, scan, startWith, tap, type Observable } from 'rxjs';
import { anyRule, check, checkOptions, checkValue, objectRule, type Rules } from '../check.js';
import { withIdles } from '../operators/idle.js';
import { buttonDowns, buttonUps, keepFromBrowser, type ButtonPress } from './button-presses.js';
import { actionOf, preferRule, parseMapping, type HeldConfig } from './chords.js';
import { shareLatest } from './linger.js';

/** Buttons of the page by their names, which have no comma in them. */
export type Buttons<Name extends string = string> = Readonly<Record<Name, HTMLElement>>;

/** The options of `heldButtons`. */
export interface HeldButtonsConfig<A> extends HeldConfig<A> {
  /**
   * The actions of the buttons by their names; those of chords too, for instance `'left,up'`. Default: a button's action
   * is its name.
   */
  readonly actions?: Readonly<Record<string, A>> | undefined;
}

const rules: Rules<HeldButtonsConfig<unknown>> = { idle: anyRule, prefer: preferRule, actions: anyRule };

/**
 * The action of the buttons that are held, by finger, mouse, pen, or with Space or Enter on the one that has the focus: the
 * current one on subscription, and a new one whenever it changes. Each finger holds the button on which it came down,
 * wherever it goes, so several fingers hold several buttons; one with two fingers on it is held until both are gone.
 * Chords and `prefer` are as in `pressedKeys`. When the window loses the focus or the page is hidden, all are released.
 *
 * A button that is held has the attribute `data-pressed`, for CSS. While there are subscribers, a long press scrolls,
 * selects and opens nothing: each button has the styles `touch-action`, `user-select` and `-webkit-touch-callout: none`,
 * and no context menu. Space and Enter do not click it.
 *
 * All subscriptions share one set of listeners. It stays for 1 s after the last subscriber has left, so that what is held
 * from one step to the next stays held.
 *
 * Errors: `UsageError` at the call for a bad option, for what is no element, or for an action of no button.
 *
 * @example
 * heldButtons({ left, right }, { idle: null, actions: { left: 0, right: 1 } })
 * @example
 * heldButtons({ left, right }, { idle: 'rest' }) // emits 'left', 'right' or 'rest'
 */
export function heldButtons<A>(
  buttons: Buttons,
  config: HeldButtonsConfig<A> & { readonly actions: object },
): Observable<A>;
/** Without `actions`: a button's action is its name. */
export function heldButtons<I, Name extends string>(
  buttons: Buttons<Name>,
  config: HeldConfig<I> & { readonly actions?: undefined },
): Observable<Name | I>;
export function heldButtons(buttons: Buttons, config: HeldButtonsConfig<unknown>): Observable<unknown> {
  checkValue('heldButtons', config, objectRule);
  checkOptions('heldButtons', config, rules);
  const names = parseMapping('heldButtons.buttons', buttons, 'button').flatMap(({ keys }) => keys);
  const elements = Object.entries(buttons);
  for (const [name, element] of elements) {
    const option = `heldButtons.buttons.${name}`;
    check(option, name, "a name without ','", !name.includes(','));
    check(option, element, 'an element of the page', isElement(element));
  }
  const actions = config.actions ?? Object.fromEntries(names.map((name) => [name, name]));
  const bindings = parseMapping('heldButtons.actions', actions, 'button');
  for (const name of bindings.flatMap(({ keys }) => keys)) {
    check('heldButtons.actions', name, `one of the buttons ${names.join(', ')}`, names.includes(name));
  }

  const all = [...new Set(elements.map(([, element]) => element))];
  const namesOf = (button: HTMLElement) => elements.filter(([, element]) => element === button).map(([name]) => name);
  const mark = (held: Held) =>
    all.forEach((button) =>
      button.toggleAttribute(
        'data-pressed',
        held.some((press) => press.button === button),
      ),
    );

  const action$ = defer(() =>
    merge(
      keepFromBrowser(all),
      buttonDowns(all).pipe(map((press) => (held: Held) => [...held.filter(({ id }) => id !== press.id), press])),
      buttonUps(all).pipe(map((ends) => (held: Held) => held.filter((press) => !ends(press)))),
    ).pipe(finalize(() => mark([]))),
  ).pipe(
    scan((held: Held, change) => change(held), []),
    tap(mark),
    map((held) =>
      actionOf(
        held.map(({ button }) => ({ names: namesOf(button) })),
        bindings,
        config,
      ),
    ),
    startWith(config.idle),
    distinctUntilChanged(),
    shareLatest(),
  );
  return withIdles(action$, [config.idle]);
}

/** What is held, in the order of the presses. */
type Held = readonly ButtonPress[];

function isElement(value: unknown): boolean {
  const { addEventListener, setPointerCapture, toggleAttribute } = (value ?? {}) as Partial<HTMLElement>;
  return [addEventListener, setPointerCapture, toggleAttribute].every((method) => typeof method === 'function');
}
