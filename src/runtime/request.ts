import type { CommandBody } from '../protocol/commands.js';
import { traitsOf } from '../protocol/traits.js';
import type { WorkerTimes } from '../protocol/messages.js';
import type { CrashCause } from '../errors.js';
import type { Input } from './input.js';
import type { Settings } from './options.js';

export type Lane = 'setup' | 'user';

/** A command that is to be sent. */
export interface Request {
  readonly body: CommandBody;
  /** In ms from its start in the worker. */
  readonly deadline: number;
  /** `setup` goes before all that users sent, and while the interpreter is still being set up. */
  readonly lane: Lane;
  /** In the `setup` lane, the lower goes before the higher. Default: last. */
  readonly order?: number;
  /** The env that it is for. */
  readonly env?: number;
  /** It is sent again, a number of times, when its interpreter dies (or, with `anything`, also when it was late). */
  readonly survives?: 'a crash' | 'anything';
  /** Answers what its Python asks by `input()`. */
  readonly input?: Input | undefined;
  /** Called when the command's turn comes. */
  readonly onStart?: () => void;
  /** Called with the command's times, where the worker measured them, before its value is handed on. */
  readonly onTimes?: (times: CommandTimes) => void;
  /** Called when it ran and does not count, because it was cancelled or late. Its interpreter goes on. */
  readonly onDiscarded?: (cause: CrashCause) => void;
}

/** How long a command took, in ms. Page and worker have clocks of their own: only durations are compared. */
export interface CommandTimes extends WorkerTimes {
  /** From its subscription until it was sent. */
  readonly queued: number;
  /** From its sending until its answer. */
  readonly trip: number;
}

/** A request with the deadline and the lane of its command's traits, unless `more` says otherwise. */
export function requestFor(
  { deadlines, input }: Pick<Settings, 'deadlines'> & Partial<Pick<Settings, 'input'>>,
  body: CommandBody,
  more: Partial<Omit<Request, 'body'>> = {},
): Request {
  const { deadline, lane } = traitsOf(body.type);
  return { body, deadline: deadline === null ? Infinity : deadlines[deadline], lane, input, ...more };
}
