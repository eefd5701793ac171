import { map, pipe, tap, type OperatorFunction } from 'rxjs';
import { PythonError, StateError } from '../errors.js';
import type { EnvOperation, Result } from '../protocol/operations.js';
import { nothing } from '../protocol/pack.js';
import type { Value } from '../protocol/values.js';
import type { Checkpoints } from './checkpoints.js';
import type { EnvCommand } from './env-command.js';
import type { EnvLog } from './env-log.js';

/**
 * Logs what a command of an env did, before its value is handed on: the results of its operations, or what raised. Nothing
 * else appends to the log of an env.
 */
export function acknowledge<T>(
  { operations = [], decode }: EnvCommand<T>,
  log: EnvLog,
  checkpoints: Checkpoints,
  /** What the page answered to its `input()`. */
  answers: readonly string[] = [],
): OperatorFunction<Value, T> {
  const append = (operation: EnvOperation, result: Result): void => {
    // all with the first: a replay asks in the same order
    log.append(answers.length && operation === operations[0] ? { ...operation, answers } : operation, result);
    // an exception may not recur in a replay, and the state of a user's `setState` is restored without `__main__`
    if (typeof result === 'string' || operation.kind === 'setState') checkpoints.now();
    else checkpoints.onLogged();
  };
  const onError = (error: unknown): void => {
    const [first] = operations;
    if (!first) return;
    // what it did before it raised remains
    if (error instanceof PythonError && error.command === first.kind) append(first, error.type);
    // half of the state may have been restored
    else if (error instanceof StateError) checkpoints.now();
  };
  // two operators only: a step is taken thousands of times a second
  return pipe(
    tap({ error: onError }),
    map((value) => {
      const decoded = decode(value);
      if ('results' in decoded) {
        decoded.results.forEach((result, i) => {
          const operation = operations[i];
          if (operation) append(operation, result);
        });
      } else if (decoded.state) checkpoints.setCheckpoint(decoded.state);
      if (decoded.rendered) append({ kind: 'render', data: nothing }, null);
      return decoded.value;
    }),
  );
}
