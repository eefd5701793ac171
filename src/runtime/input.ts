import { defer, from, map, of, take, tap, throwIfEmpty, type Observable } from 'rxjs';
import type { Rule } from '../check.js';
import { longestReply, type Reply } from '../protocol/reply.js';

/**
 * Answers Python's `input(prompt)`, while Python waits: with text, a promise of it, or an observable, of which the first
 * text counts. An error, or an observable that completes without a text, raises `EOFError` in Python.
 */
export type Input = (prompt: string) => string | PromiseLike<string> | Observable<string>;

export const inputRule: Rule = {
  expected: 'a function that answers a prompt',
  fits: (value) => typeof value === 'function',
};

/** Where nothing answers. */
export const nobody: Reply = {
  problem:
    'nobody answers it here: give the env `input: (prompt) => …` in its spec, ' +
    'or the runtime in its options, which is for run(), too',
};

/** Its answer; errors where there is none. */
export function replyTo(input: Input, prompt: string): Observable<string> {
  return defer(() => {
    const given = input(prompt);
    return typeof given === 'string' ? of(given) : from(given);
  }).pipe(
    take(1),
    throwIfEmpty(() => new Error('`input` gave no answer')),
    map((text: unknown) => {
      if (typeof text !== 'string') throw new TypeError(`expected \`input\` to answer with text, got ${typeof text}`);
      if (text.length > longestReply) throw new RangeError(`an answer has at most ${longestReply} characters`);
      return text;
    }),
  );
}

/** An input that keeps what it answered, for a replay. */
export interface Recording {
  readonly input: Input;
  readonly answers: readonly string[];
  /** Forgets the answers: the command begins anew. */
  readonly clear: () => void;
}

export function recording(input: Input): Recording {
  const answers: string[] = [];
  return {
    input: (prompt) => replyTo(input, prompt).pipe(tap((text) => answers.push(text))),
    answers,
    clear: () => void answers.splice(0),
  };
}

/** Gives the same answers again, and asks nobody. */
export function replaying(answers: readonly string[]): Input {
  const left = [...answers];
  return () => {
    const text = left.shift();
    if (text === undefined) throw new Error('more was asked than before');
    return text;
  };
}
