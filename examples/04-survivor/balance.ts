import { isNdArray, type Value } from 'rxgym';

/**
 * A policy that needs no learning: push to where the pole falls, a little more so when the cart is not where it should
 * be. That place goes slowly to and fro, so that there is something to see.
 */
export function balance(observation: Value, step: number): number {
  if (!isNdArray(observation)) return step % 2;
  const [x = 0, speed = 0, lean = 0, spin = 0] = Array.from(observation.data, Number);
  const goal = 1.1 * Math.sin(step / 90);
  return Number(0.1 * (x - goal) + 0.2 * speed + lean + 0.3 * spin > 0);
}
