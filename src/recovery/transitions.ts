// The lifecycle of an env as data: its states, what can happen to it, and in one table where that leads. What is done
// about it (commands, incidents, checkpoints) is in lifecycle.ts.

import type { CrashCause } from '../errors.js';
import type { Recovered } from '../runtime/incidents.js';

/** What made a recovery necessary, and since when (as `performance.now()` says). */
export interface RecoveryCause {
  readonly cause: CrashCause;
  readonly at: number;
}

/** `Ready`: what an env says of itself when it is set up. */
export type State<Ready> =
  /** Not set up: not yet, or the set-up failed. */
  | { readonly name: 'new'; readonly error?: Error }
  /** `in`: the lane of its set-up; `setup` where it is set up afresh after a recovery that failed. */
  | { readonly name: 'settingUp'; readonly in: 'user' | 'setup'; readonly isNewInterpreter: boolean }
  | { readonly name: 'up'; readonly ready: Ready }
  /** Its interpreter died; `error`: and no other comes. */
  | { readonly name: 'lost'; readonly reason: RecoveryCause; readonly ready: Ready; readonly error?: Error }
  | {
      readonly name: 'recovering';
      readonly reason: RecoveryCause;
      readonly how: Recovered['how'];
      readonly ready: Ready;
      /** It has said more of itself than its set-up will answer. */
      readonly isDescribed?: true;
    }
  | { readonly name: 'closed' };

export type Event<Ready> =
  /** Somebody wants to use it. */
  | { readonly type: 'wanted' }
  | { readonly type: 'setUp'; readonly ready: Ready }
  | { readonly type: 'setUpFailed'; readonly error: Error }
  /** A reset has made or changed its spaces. */
  | { readonly type: 'described'; readonly ready: Ready }
  /** An operation ran and does not count; the interpreter lives on. */
  | { readonly type: 'discarded'; readonly reason: RecoveryCause }
  /** `cause`: undefined where only a command's error tells of it. */
  | { readonly type: 'interpreterDied'; readonly cause: CrashCause | undefined; readonly at: number }
  | { readonly type: 'interpreterUp'; readonly how: Recovered['how'] }
  /** No other interpreter comes, until somebody boots the runtime again. */
  | { readonly type: 'runtimeFailed'; readonly error: Error }
  /** `ready`: undefined in the same interpreter, where what the env said of itself still holds. */
  | { readonly type: 'recovered'; readonly ready: Ready | undefined }
  | { readonly type: 'unrecoverable'; readonly error: Error }
  | { readonly type: 'closed' };

type StateOf<Name, Ready> = Extract<State<Ready>, { readonly name: Name }>;
type EventOf<Type, Ready> = Extract<Event<Ready>, { readonly type: Type }>;

/** An event that a state does not list changes nothing; `closed` ends each. */
type Transitions<Ready> = {
  readonly [Name in State<Ready>['name']]: {
    readonly [Type in Event<Ready>['type']]?: (
      state: StateOf<Name, Ready>,
      event: EventOf<Type, Ready>,
    ) => State<Ready>;
  };
};

const unknown: CrashCause = { kind: 'closed', message: 'the worker ended' };

const transitions: Transitions<unknown> = {
  new: {
    wanted: () => ({ name: 'settingUp', in: 'user', isNewInterpreter: false }),
  },
  settingUp: {
    setUp: (_, { ready }) => ({ name: 'up', ready }),
    setUpFailed: (_, { error }) => ({ name: 'new', error }),
  },
  up: {
    interpreterDied: ({ ready }, { cause = unknown, at }) => ({ name: 'lost', reason: { cause, at }, ready }),
    described: (_, { ready }) => ({ name: 'up', ready }),
    discarded: ({ ready }, { reason }) => ({ name: 'recovering', reason, how: 'same', ready }),
  },
  lost: {
    // another died on its way up: the latest cause, the time of the first
    interpreterDied: (lost, { cause = lost.reason.cause }) => ({
      ...lost,
      reason: { ...lost.reason, cause },
    }),
    runtimeFailed: (lost, { error }) => ({ ...lost, error }),
    interpreterUp: ({ reason, ready }, { how }) => ({ name: 'recovering', reason, how, ready }),
  },
  recovering: {
    described: (state, { ready }) => ({ ...state, ready, isDescribed: true }),
    recovered: ({ ready, isDescribed }, event) => ({ name: 'up', ready: isDescribed ? ready : (event.ready ?? ready) }),
    interpreterDied: ({ reason, ready }, { cause = reason.cause }) => ({
      name: 'lost',
      reason: { ...reason, cause },
      ready,
    }),
    unrecoverable: ({ how }) => ({ name: 'settingUp', in: 'setup', isNewInterpreter: how !== 'same' }),
  },
  closed: {},
};

/** Where an event leads; the same state where it changes nothing. */
export function next<Ready>(state: State<Ready>, event: Event<Ready>): State<Ready> {
  if (event.type === 'closed') return state.name === 'closed' ? state : { name: 'closed' };
  const row = transitions[state.name] as Record<string, ((state: unknown, event: unknown) => State<Ready>) | undefined>;
  return row[event.type]?.(state, event) ?? state;
}
