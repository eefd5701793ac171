import { deathBy } from './death.js';
import type { Send } from './guarded-port.js';
import type { WorkerScope } from './platform.js';
import type { OnLine } from './redirect-output.js';

/** Reports errors that nothing caught: those of Python's background tasks as output, all others as faults. */
export function reportUncaught(scope: WorkerScope, send: Send, onLine: OnLine): void {
  const report = (error: unknown): void => {
    const { type, message, pyodide_fatal_error: isDeath } = (error ?? {}) as Partial<Record<string, unknown>>;
    // an exception of Python's in a task that nobody awaits does the interpreter no harm
    if (typeof type === 'string') onLine('stderr', `${type} in a task that nobody awaits: ${String(message)}`);
    else send({ type: 'fault', cause: isDeath ? deathBy(error) : 'worker-error', message: String(error) });
  };
  scope.addEventListener('unhandledrejection', ({ reason }) => {
    report(reason);
  });
  scope.addEventListener('error', (event) => {
    event.preventDefault(); // or the page would get the worker's `error` event as well, which says less
    report(event.error ?? event.message);
  });
}
