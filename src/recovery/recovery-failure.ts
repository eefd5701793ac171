import { BootError, CrashError, DeadlineError, DisposedError } from '../errors.js';

/** What the error of a recovery means: whether its interpreter died, and why another try would be of no use. */
export function recoveryFailureOf(error: Error): { readonly died: boolean; readonly problem: string | undefined } {
  const isLate = error instanceof DeadlineError;
  const isReplaced = isLate && error.outcome === 'replaced';
  const died =
    isReplaced || error instanceof CrashError || error instanceof BootError || error instanceof DisposedError;
  // a late installation is the network's fault
  const problem = isLate && error.command !== 'install' ? `the recovery took too long: ${error.message}` : undefined;
  return { died, problem };
}
