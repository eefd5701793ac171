import { map, startWith, withLatestFrom, type Observable } from 'rxjs';
import { stepWith, ticks, type GymEnv, type Step } from 'rxgym';
import source from '../../examples/03-cart-pole/cart_pole.py';
import { balance } from '../../examples/04-survivor/balance.js';

export const indexURL = '/pyodide/';

/** The cart-pole of the examples. */
export const cartPole: string = source;

/** What kills an interpreter when it is run; a source that has it imports nothing at that moment. */
export const fatal = 'ctypes.string_at(1 << 31)';
export const mortalCartPole = `${source}\nimport ctypes`;

/** Plays as a game does, 60 steps a second, for as long as it is subscribed; the pole stays up. */
export function game(env: GymEnv): Observable<Step> {
  return ticks(60).pipe(
    withLatestFrom(env.steps$.pipe(startWith({ observation: null, index: 0 }))),
    map(([, { observation, index }]) => balance(observation, index)),
    stepWith(env, { busy: 'drop', onCrash: 'resume' }),
  );
}
