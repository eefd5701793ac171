import { check } from '../check.js';
import { UsageError } from '../errors.js';
import { toPlain } from '../protocol/plain.js';

export function checkData(option: string, value: unknown): void {
  try {
    toPlain(value);
  } catch (error) {
    if (error instanceof UsageError) check(option, error.got, 'data', false);
    throw error;
  }
}
