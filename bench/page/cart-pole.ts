import { map, startWith, withLatestFrom, type Observable } from 'rxjs';
import { stepWith, ticks, type GymEnv, type Step } from 'rxgym';
import source from '../../examples/03-cart-pole/cart_pole.py';
import { balance } from '../../examples/04-survivor/balance.js';

export const indexURL = '/pyodide/';

/** The cart-pole of the examples. */
export const cartPole: string = source;

/** Kills the interpreter; the source has imported what that needs, so that no import is measured. */
export const fatal = 'ctypes.string_at(1 << 31)';
export const cartPoleWithFatal = `${source}\nimport ctypes`;

/** Plays as a game does, 60 steps a second, for as long as it is subscribed; the pole stays up. */
export function game(env: GymEnv): Observable<Step> {
  return ticks(60).pipe(
    withLatestFrom(env.steps$.pipe(startWith({ observation: null, index: 0 }))),
    map(([, { observation, index }]) => balance(observation, index)),
    stepWith(env, { busy: 'drop', onCrash: 'resume' }),
  );
}
