import { check, isText } from '../check.js';
import { UsageError } from '../errors.js';
import { toPlain } from '../protocol/plain.js';

/** Of a study, a session or a participant. */
export const nameRule = {
  expected: 'a string of 1 to 200 characters',
  fits: (value: unknown): boolean => isText(value) && value.length <= 200,
};

export function checkData(option: string, value: unknown): void {
  try {
    toPlain(value);
  } catch (error) {
    if (error instanceof UsageError) check(option, error.got, 'data', false);
    throw error;
  }
}
