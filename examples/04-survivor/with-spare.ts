import { UsageError, createRuntime, type PythonRuntime, type RuntimeOptions } from 'rxgym';

/** A runtime that keeps a second worker ready; without one where rxgym knows no `restart.spare`. */
export function withSpare(options: RuntimeOptions): PythonRuntime {
  const restart = { ...options.restart, spare: true };
  try {
    return createRuntime({ ...options, restart });
  } catch (error) {
    if (error instanceof UsageError && error.option === 'restart.spare') return createRuntime(options);
    throw error;
  }
}
