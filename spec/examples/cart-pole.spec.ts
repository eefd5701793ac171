import { readFileSync } from 'node:fs';
import { inPyodide } from '../helpers/in-pyodide';

const source = readFileSync('examples/03-cart-pole/cart_pole.py', 'utf8');
const inCartPole = (code: string) => inPyodide(source, code);

type State = readonly [x: number, xDot: number, theta: number, thetaDot: number];

/**
 * One step by way of the two equations of motion before they are solved, in the unknowns x″ and θ″:
 *
 *     M x″       + m l cos θ θ″ = F + m l θ′² sin θ      (M: cart and pole together)
 *     cos θ x″   + 4/3 l θ″     = g sin θ
 */
function reference([x, xDot, theta, thetaDot]: State, action: number): State {
  const [g, M, m, l, tau] = [9.8, 1.1, 0.1, 0.5, 0.02];
  const force = action === 1 ? 10 : -10;
  const [a, b, p] = [M, m * l * Math.cos(theta), force + m * l * thetaDot ** 2 * Math.sin(theta)];
  const [c, d, q] = [Math.cos(theta), (4 / 3) * l, g * Math.sin(theta)];
  const det = a * d - b * c;
  const [xAcc, thetaAcc] = [(p * d - b * q) / det, (a * q - p * c) / det];
  return [x + tau * xDot, xDot + tau * xAcc, theta + tau * thetaDot, thetaDot + tau * thetaAcc];
}

function farthest(states: readonly State[], others: readonly State[]): number {
  expect(states).toHaveLength(others.length);
  return Math.max(...states.flatMap((state, t) => state.map((value, i) => Math.abs(value - (others[t]?.[i] ?? NaN)))));
}

interface Episode {
  readonly start: State;
  readonly actions: readonly number[];
  readonly states: readonly State[];
  readonly rewards: readonly number[];
  readonly terminated: readonly boolean[];
  readonly truncated: readonly boolean[];
}

interface Facts {
  readonly random: readonly Episode[];
  readonly balanced: Episode;
  readonly recorded: State;
  readonly beyond: { readonly reward: number; readonly terminated: boolean };
  readonly seeds: Record<'zero' | 'zeroAgain' | 'one' | 'next' | 'nextAgain' | 'within', State>;
  readonly refused: readonly string[];
  readonly observation: { readonly format: string; readonly bytes: number };
  readonly spaces: { readonly n: number; readonly low: readonly number[]; readonly dtype: string };
  readonly picture: {
    readonly shape: readonly number[];
    readonly format: string;
    readonly own: boolean;
    readonly moved: boolean;
    readonly everywhere: boolean;
  };
}

// What Gymnasium 1.3.0 was asked: CartPole-v1 from this state, with these pushes.
const recordedStart: State = [0.01, -0.02, 0.03, -0.04];
const recordedActions = '101010101010011001100110011001011010011001011010010110100110111111111';
const recordedEnd: State = [0.1440385673866179, 1.739135833587525, -0.22205842011792026, -2.794270247874326];

const program = `
import random

def play(policy, seed, options=None):
    env.reset(seed=seed, options=options)
    start, actions, states, rewards, terminated, truncated = env.state, [], [], [], [], []
    while True:
        actions.append(policy())
        _, reward, ended, cut, _ = env.step(actions[-1])
        states.append(env.state); rewards.append(reward); terminated.append(ended); truncated.append(cut)
        if ended or cut:
            return dict(start=start, actions=actions, states=states, rewards=rewards, terminated=terminated, truncated=truncated)

def balance():
    x, x_dot, theta, theta_dot = env.state
    return int(theta + 0.3 * theta_dot + 0.05 * x + 0.1 * x_dot > 0)

def message(call):
    try:
        call()
    except Exception as error:
        return f'{type(error).__name__}: {error}'

answer = {}
dice = random.Random(7)
options = [None, {'low': -0.2, 'high': 0.2}]
answer['random'] = [play(lambda: dice.randrange(2), seed, options[seed % 2]) for seed in range(40)]
answer['balanced'] = play(balance, 3)

env.reset()
env.state = ${JSON.stringify(recordedStart)}
for push in '${recordedActions}':
    env.step(int(push))
answer['recorded'] = env.state
_, reward, terminated, _, _ = env.step(1)
answer['beyond'] = {'reward': reward, 'terminated': terminated}

def state(**arguments):
    return list(env.reset(**arguments)[0])

answer['seeds'] = {
    'zero': state(seed=0), 'next': state(), 'zeroAgain': state(seed=0), 'nextAgain': state(), 'one': state(seed=1),
    'within': state(options={'low': 0.25, 'high': 0.25}),
}
answer['refused'] = [message(lambda bad=bad: env.step(bad)) for bad in (2, -1, 'left', None, 0.5)]
answer['refused'].append(message(lambda: env.reset(options={'low': 1, 'high': 0})))
answer['refused'].append(message(lambda: type(env)().step(0)))

view = memoryview(env.reset(seed=1)[0])
answer['observation'] = {'format': view.format, 'bytes': view.nbytes}
answer['spaces'] = {
    'n': env.action_space.n, 'low': [max(low, -9.0) for low in env.observation_space.low],
    'dtype': env.observation_space.dtype,
}

first = env.render()
before = bytes(first)
for _ in range(5):
    env.step(1)
second = env.render()
def draws(*state):
    env.state = state
    return bytes(env.render()) != before
answer['picture'] = {
    'shape': list(second.shape), 'format': second.format, 'own': bytes(first) == before, 'moved': bytes(second) != before,
    'everywhere': all(draws(x, 0, theta, 0) for x in (-3, -2.4, 2.4, 3) for theta in (-1.6, -0.2, 0, 1.6, 3.1)),
}
`;

describe('cart_pole.py', () => {
  let facts: Facts;

  beforeAll(() => {
    facts = inCartPole(program) as Facts;
  }, 60_000);

  it('moves as the equations of 1983 say', () => {
    for (const { start, actions, states } of facts.random) {
      let state = start;
      const expected = actions.map((action) => (state = reference(state, action)));
      expect(farthest(states, expected)).toBeLessThan(1e-9);
    }
  });

  it('moves as the equations say from each state of a long episode', () => {
    const { start, actions, states } = facts.balanced;
    const expected = actions.map((action, t) => reference(states[t - 1] ?? start, action));
    expect(farthest(states, expected)).toBeLessThan(1e-12);
  });

  it('ends where Gymnasium ends from the same state with the same actions', () => {
    expect(farthest([facts.recorded], [recordedEnd])).toBeLessThan(1e-9);
  });

  it('terminates when the pole leans beyond 12 degrees or the cart leaves the track, and not before', () => {
    for (const { states, terminated } of facts.random) {
      expect(terminated).toEqual(
        states.map(([x, , theta]) => Math.abs(x) > 2.4 || Math.abs(theta) > (12 * Math.PI) / 180),
      );
      expect(terminated.at(-1)).toBe(true);
    }
  });

  it('gives 1 for every step, also for the one that ends the episode', () => {
    for (const { rewards } of facts.random) expect(new Set(rewards)).toEqual(new Set([1]));
  });

  it('gives nothing for a step after the end', () => {
    expect(facts.beyond).toEqual({ reward: 0, terminated: true });
  });

  it('truncates an episode at 500 steps', () => {
    const { truncated, terminated } = facts.balanced;
    expect(truncated).toHaveLength(500);
    expect(truncated.indexOf(true)).toBe(499);
    expect(terminated).not.toContain(true);
  });

  it('starts alike for the same seed, 0 too, and goes on without one', () => {
    const { zero, zeroAgain, one, next, nextAgain } = facts.seeds;
    expect(zeroAgain).toEqual(zero);
    expect(nextAgain).toEqual(next);
    expect(one).not.toEqual(zero);
    expect(next).not.toEqual(zero);
    for (const value of zero) expect(Math.abs(value)).toBeLessThanOrEqual(0.05);
  });

  it('starts between the bounds that the options give', () => {
    expect(facts.seeds.within).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  it('refuses a bad argument with what it expected and what it got', () => {
    expect(facts.refused).toEqual([
      'ValueError: action: expected 0 (push left) or 1 (push right), got 2',
      'ValueError: action: expected 0 (push left) or 1 (push right), got -1',
      "ValueError: action: expected 0 (push left) or 1 (push right), got 'left'",
      'ValueError: action: expected 0 (push left) or 1 (push right), got None',
      'ValueError: action: expected 0 (push left) or 1 (push right), got 0.5',
      'ValueError: options: expected low <= high, got low 1.0 and high 0.0',
      'RuntimeError: step before the first reset; call reset() to begin an episode',
    ]);
  });

  it('observes four float32 numbers and says so in its spaces', () => {
    expect(facts.observation).toEqual({ format: 'f', bytes: 16 });
    expect(facts.spaces).toEqual({
      n: 2,
      low: [expect.closeTo(-4.8, 6), -9, expect.closeTo(-0.418879, 6), -9],
      dtype: 'float32',
    });
  });

  it('draws RGB pixels that stay as they are when the next picture is drawn, wherever the cart is', () => {
    expect(facts.picture).toEqual({ shape: [320, 640, 3], format: 'B', own: true, moved: true, everywhere: true });
  });
});
