import { anyRule, deadlineRule, type Rule, type Rules } from '../check.js';
import type { ResetOptions, StepOptions } from './step.js';

// What the options of an env's commands take.

export const seedRule: Rule = {
  expected: 'a whole number from 0',
  fits: (seed) => Number.isSafeInteger(seed) && (seed as number) >= 0,
};
export const crashRule: Rule = { words: ['error', 'resume'] };
export const stepRules: Rules<StepOptions> = { onCrash: crashRule, deadline: deadlineRule };
export const resetRules: Rules<ResetOptions> = {
  seed: seedRule,
  options: anyRule,
  onCrash: crashRule,
  deadline: deadlineRule,
};
