import { interval, map, take, timer, type Observable } from 'rxjs';
import { stepWith, type StepWithConfig } from '../../src/index';
import { runMarbles } from './run-marbles';

const [producer, env] = [1000 / 240, 1000 / 30];
const actions = 60 * 240;

interface Begun {
  readonly action: number;
  /** The action's age when its step begins. */
  readonly age: number;
  readonly drops: number;
  /** How many actions wait behind it. */
  readonly waiting: number;
}

/** A minute of 240 actions a second for an env that takes 30 steps a second. */
function overload(config: StepWithConfig): { readonly begun: readonly Begun[]; readonly answered: readonly number[] } {
  const begun: Begun[] = [];
  const answered: number[] = [];
  runMarbles(({ scheduler }) => {
    let produced = 0;
    let gone = 0;
    let drops = 0;
    const slow = {
      countDrops: (count: number) => (drops += count),
      step(action: number): Observable<number> {
        gone += 1 + drops;
        begun.push({ action, age: scheduler.now() - (action + 1) * producer, drops, waiting: produced - gone });
        drops = 0;
        return timer(env).pipe(map(() => action));
      },
      reset: () => {
        throw new Error('not here');
      },
    };
    interval(producer)
      .pipe(
        map((action) => {
          produced += 1;
          return action;
        }),
        take(actions),
        stepWith(slow, config),
      )
      .subscribe((action) => answered.push(action));
  });
  return { begun, answered };
}

describe('stepWith under 240 actions a second, at 30 steps a second', () => {
  it.each<[name: string, config: StepWithConfig, bound: number, oldest: number]>([
    ['latest', { busy: 'latest' }, 1, producer],
    ['drop', { busy: 'drop' }, 0, 0],
    ['a queue of 8 that drops its oldest', { busy: 'queue', limit: 8, overflow: 'drop-oldest' }, 8, 8 * producer],
    ['a queue of 8 that drops the newest', { busy: 'queue', limit: 8, overflow: 'drop-newest' }, 8, 9 * env],
  ])('keeps %s within its bounds, and counts every action', (_, config, bound, oldest) => {
    const { begun, answered } = overload(config);
    expect(begun.length).toBeGreaterThanOrEqual((1000 * 60) / (env + producer));
    expect(answered).toEqual(begun.map(({ action }) => action));
    expect(answered).toEqual([...new Set(answered)].sort((a, b) => a - b));
    expect(Math.max(...begun.map(({ waiting }) => waiting))).toBeLessThanOrEqual(bound);
    // after the last action the queue empties
    const ages = begun.slice(0, -1 - bound).map(({ age }) => age);
    expect(Math.max(...ages)).toBeLessThanOrEqual(oldest + 1e-6);
    // actions that were dropped after the last step began are not counted
    const counted = begun.reduce((sum, { drops }) => sum + 1 + drops, 0);
    expect(actions - counted).toBeLessThan(env / producer);
    expect(counted).toBeLessThanOrEqual(actions);
  });
});
