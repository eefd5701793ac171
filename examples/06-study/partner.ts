import { isNdArray, type AgentStep, type PolicyContext } from 'rxgym';

/** The directions of the orchard's actions, by number. */
const moves = ['0,0', '0,-1', '1,-1', '1,0', '1,1', '0,1', '-1,1', '-1,0', '-1,-1'];

/** Goes to the apple that is nearest to it. */
export function partner({ observation }: PolicyContext<AgentStep>): number {
  const [right = 0, down = 0] = isNdArray(observation) ? Array.from(observation.data, Number) : [];
  return moves.indexOf(`${Math.sign(right)},${Math.sign(down)}`);
}
