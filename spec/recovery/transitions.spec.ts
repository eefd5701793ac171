import { next, type Event, type State } from '../../src/recovery/transitions';

type S = State<string>;
type E = Event<string>;

const exit = { kind: 'exit', message: 'os._exit' } as const;
const fatal = { kind: 'fatal', message: 'out of bounds' } as const;
const error = new Error('told to');
const reason = { cause: exit, at: 7 };

const states: Readonly<Record<S['name'], S>> = {
  new: { name: 'new' },
  settingUp: { name: 'settingUp', in: 'user', isNewInterpreter: false },
  up: { name: 'up', ready: 'first' },
  lost: { name: 'lost', reason, ready: 'first' },
  recovering: { name: 'recovering', reason, how: 'cold', ready: 'first' },
  closed: { name: 'closed' },
};
const events: Readonly<Record<E['type'], E>> = {
  wanted: { type: 'wanted' },
  setUp: { type: 'setUp', ready: 'second' },
  setUpFailed: { type: 'setUpFailed', error },
  described: { type: 'described', ready: 'third' },
  discarded: { type: 'discarded', reason },
  interpreterDied: { type: 'interpreterDied', cause: fatal, at: 9 },
  interpreterUp: { type: 'interpreterUp', how: 'spare' },
  runtimeFailed: { type: 'runtimeFailed', error },
  recovered: { type: 'recovered', ready: 'second' },
  unrecoverable: { type: 'unrecoverable', error },
  closed: { type: 'closed' },
};

/** Where each event leads; what is missing changes nothing. */
const table: readonly (readonly [from: S['name'], event: E['type'], to: S])[] = [
  ['new', 'wanted', { name: 'settingUp', in: 'user', isNewInterpreter: false }],
  ['new', 'closed', states.closed],
  ['settingUp', 'setUp', { name: 'up', ready: 'second' }],
  ['settingUp', 'setUpFailed', { name: 'new', error }],
  ['settingUp', 'closed', states.closed],
  ['up', 'interpreterDied', { name: 'lost', reason: { cause: fatal, at: 9 }, ready: 'first' }],
  ['up', 'described', { name: 'up', ready: 'third' }],
  ['up', 'discarded', { name: 'recovering', reason, how: 'same', ready: 'first' }],
  ['up', 'closed', states.closed],
  ['lost', 'interpreterDied', { name: 'lost', reason: { cause: fatal, at: 7 }, ready: 'first' }],
  ['lost', 'interpreterUp', { name: 'recovering', reason, how: 'spare', ready: 'first' }],
  ['lost', 'runtimeFailed', { name: 'lost', reason, ready: 'first', error }],
  ['lost', 'closed', states.closed],
  ['recovering', 'described', { name: 'recovering', reason, how: 'cold', ready: 'third', isDescribed: true }],
  ['recovering', 'recovered', { name: 'up', ready: 'second' }],
  ['recovering', 'interpreterDied', { name: 'lost', reason: { cause: fatal, at: 7 }, ready: 'first' }],
  ['recovering', 'unrecoverable', { name: 'settingUp', in: 'setup', isNewInterpreter: true }],
  ['recovering', 'closed', states.closed],
];

describe('the lifecycle of an env', () => {
  const cells = Object.values(states).flatMap((state) => Object.values(events).map((event) => [state, event] as const));

  it.each(cells.map(([state, event]) => [state.name, event.type] as const))('%s, %s', (from, event) => {
    const listed = table.find(([name, type]) => name === from && type === event);
    if (listed) expect(next(states[from], events[event])).toEqual(listed[2]);
    else expect(next(states[from], events[event])).toBe(states[from]);
  });

  it('keeps the cause that is known where only a command’s error tells of a death', () => {
    const event: E = { type: 'interpreterDied', cause: undefined, at: 9 };
    expect(next(states.lost, event)).toEqual(states.lost);
    expect(next(states.recovering, event)).toMatchObject({ name: 'lost', reason });
    expect(next(states.up, event)).toMatchObject({ name: 'lost', reason: { cause: { kind: 'closed' }, at: 9 } });
  });

  it('keeps what the env said of itself where a recovery needed no set-up', () => {
    expect(next(states.recovering, { type: 'recovered', ready: undefined })).toEqual(states.up);
  });

  it('begins anew in the same interpreter where an operation was discarded there', () => {
    const state: S = { name: 'recovering', reason, how: 'same', ready: 'first' };
    expect(next(state, events.unrecoverable)).toMatchObject({
      name: 'settingUp',
      in: 'setup',
      isNewInterpreter: false,
    });
  });
});
