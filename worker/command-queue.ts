import type { Command } from '../src/protocol/commands.js';
import { decodeCommand } from '../src/protocol/decode-command.js';
import type { Packed } from '../src/protocol/pack.js';
import type { Called } from './calls.js';

export interface CommandQueue {
  /** Takes a message that is to be a command. */
  readonly add: (data: unknown) => void;
  /** Whether a command is being awaited. */
  readonly isBusy: () => boolean;
}

/** What is done for a command: it is run, and then either answered or failed. */
export interface Service {
  readonly run: (command: Command) => Called;
  /** `begun`: when the command began, where it asked for times. */
  readonly answer: (id: number, value: Packed, begun?: number) => void;
  readonly fail: (id: number, error: unknown) => void;
}

/**
 * Keeps the order of commands:
 *
 * 1. They run in the order in which they came.
 * 2. One runs at a time: while one is awaited, the others wait.
 * 3. Each is answered or failed once, and before the next one begins.
 * 4. One that need not be awaited, as a step, is answered within the event that brought it, unless another runs.
 * 5. A message that is no command fails at once, and takes no place in the order.
 */
export function commandQueue({ run, answer, fail }: Service): CommandQueue {
  const waiting: Command[] = [];
  let isBusy = false;

  /** Runs commands until one has to be awaited, or none is left. */
  function drain(): void {
    for (let command = next(); command; command = next()) {
      const { id } = command;
      const begun = 'timed' in command && command.timed ? performance.now() : undefined;
      try {
        const value = run(command);
        if (value instanceof Promise) void settle(id, value, begun);
        else answer(id, value, begun);
      } catch (error) {
        fail(id, error);
      }
    }
  }
  const next = (): Command | undefined => (isBusy ? undefined : waiting.shift());

  /** By `await`, which does not call a `then` that Python may have replaced: https://tc39.es/ecma262/#await */
  async function settle(id: number, value: Promise<Packed>, begun?: number): Promise<void> {
    isBusy = true;
    try {
      answer(id, await value, begun);
    } catch (error) {
      fail(id, error);
    }
    isBusy = false;
    drain();
  }

  return {
    add(data) {
      try {
        waiting.push(decodeCommand(data));
      } catch (error) {
        fail(idOf(data), error);
      }
      drain();
    },
    isBusy: () => isBusy,
  };
}

/** The id that a command would have had, so that the page learns that this message was none. */
function idOf(data: unknown): number {
  const { id } = (data ?? {}) as { id?: unknown };
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : 0;
}
