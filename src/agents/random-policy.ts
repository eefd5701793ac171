import { check, checkOptions, type Rules } from '../check.js';
import type { Space } from '../env/spaces.js';
import type { Action } from '../env/step.js';
import { UsageError } from '../errors.js';
import type { PolicyContext } from '../operators/episodes.js';
import type { AgentStep } from './agent.js';
import { seededRandom } from './random.js';
import { sample } from './sample.js';

/** The options of {@link randomPolicy}. */
export interface RandomPolicyConfig {
  /**
   * A whole number from 0. The same seed gives the same action for the same agent, episode and step. Default: drawn once.
   */
  readonly seed?: number | undefined;
}

const rules: Rules<RandomPolicyConfig> = { seed: { min: 0, whole: true } };

/**
 * A policy that draws from an action space as Gymnasium's `space.sample(mask)` does
 * (https://gymnasium.farama.org/api/spaces/): evenly, among the legal actions where the env has an `action_mask`.
 *
 * @param space For instance `{ type: 'Discrete', n: 4 }`. Default: the agent's own, where it is known (`actions` tells it).
 *
 * Errors: `UsageError` for a bad option, a space that is unknown or cannot be drawn from, or a mask without a legal action.
 *
 * @example
 * actions(env, { player_1: keys$, player_2: randomPolicy(undefined, { seed: 1 }) })
 */
export function randomPolicy(
  space?: Space,
  config: RandomPolicyConfig = {},
): (context: PolicyContext<AgentStep>) => Action {
  const isSpace = space === undefined || 'type' in space;
  check('randomPolicy.space', space, 'a space, which has a type, and options as the second argument', isSpace);
  checkOptions('randomPolicy', config, rules);
  const seed = config.seed ?? Math.floor(Math.random() * 2 ** 32);
  return ({ space: own, mask, episode, index, agent }) => {
    const from = space ?? own;
    if (!from) throw new UsageError('randomPolicy.space', 'a space, since the env names none', 'none');
    return sample(from, seededRandom(seed, { episode, index, agent }), mask);
  };
}
