import type { Value } from '../protocol/values.js';

/**
 * Which actions are legal, where the env says so: `action_mask` of the info, as Gymnasium's and PettingZoo's envs have it, or
 * of the observation, as PettingZoo's board games do. https://pettingzoo.farama.org/tutorials/custom_environment/3-action-masking/
 */
export function maskOf(observation: unknown, info: unknown): Value | undefined {
  for (const values of [info, observation]) {
    if (typeof values !== 'object' || values === null) continue;
    const { action_mask: mask } = values as { readonly action_mask?: Value };
    if (mask !== undefined && mask !== null) return mask;
  }
  return undefined;
}
