import { UsageError, createRuntime } from 'rxgym';

/** True where rxgym knows an option of `restart`; what it does not know it refuses. */
export function supports(option: 'spare' | 'snapshot'): boolean {
  const restart = { [option]: true };
  try {
    createRuntime({ restart }).dispose();
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}
