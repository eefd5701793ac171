// @ts-check
// Envs of real packages. None of them is part of this project: they are found where a whole Pyodide distribution is.

/**
 * @typedef {import('../zoo/passes.mjs').Row} Played
 * @typedef {Played & {
 *   readonly needs: readonly string[],
 *   readonly expected?: Partial<Record<import('../zoo/passes.mjs').Pass, readonly [verdict: string, because: string]>>,
 * }} Row `needs`: packages, by the names of Pyodide's lock file
 */

const gymnasium = ['gymnasium'];
const upTo = (/** @type {number} */ count) => Array.from({ length: count }, (_, i) => i);
const box = (/** @type {number[][]} */ ...actions) => actions.map((action) => Float32Array.from(action));

/**
 * @param {string} id @param {readonly any[]} actions @param {string | null} mode
 * @param {Partial<Row>} [more]
 * @returns {Row}
 */
const made = (id, actions, mode, more = {}) => ({
  name: id,
  kind: 'single',
  actions,
  needs: gymnasium,
  shows: mode !== null,
  ...more,
  spec: { make: id, kwargs: { ...(mode && { render_mode: mode }) }, packages: more.needs ?? gymnasium },
});

/** @param {string} name @param {import('../zoo/passes.mjs').Kind} kind @param {number} count @param {readonly string[]} needs @returns {Row} */
const named = (name, kind, count, needs) => ({
  name,
  kind,
  actions: upTo(count),
  needs,
  spec: { entryPoint: name, packages: needs },
});

/** @param {string} name @param {readonly any[]} actions @param {string} source @param {Partial<Row>} [more] @returns {Row} */
const written = (name, actions, source, { needs = gymnasium, ...more } = {}) => ({
  name,
  kind: 'single',
  actions,
  needs,
  ...more,
  spec: { source, packages: needs },
});

const pendulum = `
import gymnasium
from gymnasium.wrappers import ClipAction, FrameStackObservation, RescaleAction, TimeLimit, RecordEpisodeStatistics
env = gymnasium.make("Pendulum-v1")
env = FrameStackObservation(RescaleAction(env, -1.0, 1.0), 3)
env = RecordEpisodeStatistics(TimeLimit(ClipAction(env), 40))
`;
const normalized = `
import gymnasium
from gymnasium.wrappers import NormalizeObservation, NormalizeReward
env = NormalizeReward(NormalizeObservation(gymnasium.make("MountainCarContinuous-v0")))
`;
const reborn = `
import gymnasium, numpy
from gymnasium.utils import EzPickle
class Drift(gymnasium.Env, EzPickle):
    observation_space = gymnasium.spaces.Box(-100, 100, (2,), numpy.float64)
    action_space = gymnasium.spaces.Discrete(3)
    def __init__(self, force=2):
        EzPickle.__init__(self, force)
        self.force = force
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.at, self.count = numpy.zeros(2), 0
        return self.at.copy(), {}
    def step(self, action):
        self.count += 1
        self.at += self.np_random.normal(size=2) + self.force * (action - 1)
        return self.at.copy(), float(self.at.sum()), bool(abs(self.at).max() > 30), self.count >= 30, {}
env = Drift()
`;
const views = `
import gymnasium, numpy
class Rows(gymnasium.Env):
    observation_space = gymnasium.spaces.Box(0, 255, (4, 4), numpy.uint8)
    action_space = gymnasium.spaces.Discrete(4)
    def __init__(self):
        self.grid = numpy.zeros((4, 4), numpy.uint8)
        self.rows, self.turned = list(self.grid), self.grid.T
        self.dice = numpy.random.RandomState(3)
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.grid[:] = 0
        if seed is not None:
            self.dice.seed(seed)
        return self.grid, {}
    def step(self, action):
        self.rows[action][self.dice.randint(4)] += 1
        self.turned[self.np_random.integers(4)] += 1
        return self.grid, 0.0, bool(self.grid.max() > 20), False, {}
env = Rows()
`;
// it draws from the system's entropy at each step, which no two runs share
const overcooked = `
import cogrid.envs, numpy
from numpy.random._generator import default_rng as fresh
numpy.random.default_rng = lambda seed=5: fresh(seed)
from cogrid.envs import registry
env = registry.make("Overcooked-CrampedRoom-V0")
`;
const classic = ['pettingzoo', 'pygame-ce'];
const particles = ['mpe2', 'pygame-ce'];
const grids = ['minigrid', 'pygame-ce'];
const box2d = ['gymnasium', 'box2d-py', 'pygame-ce'];

/** @type {readonly Row[]} */
export const rows = [
  made('CartPole-v1', upTo(2), 'rgb_array'),
  made('MountainCar-v0', upTo(3), 'rgb_array'),
  made('MountainCarContinuous-v0', box([-1], [0.5], [1]), 'rgb_array'),
  made('Pendulum-v1', box([-2], [0.25], [2]), 'rgb_array'),
  made('Acrobot-v1', upTo(3), 'rgb_array'),
  made('FrozenLake-v1', upTo(4), 'ansi'),
  made('FrozenLake8x8-v1', upTo(4), 'ansi'),
  made('CliffWalking-v1', upTo(4), 'ansi'),
  made('Taxi-v4', upTo(6), 'ansi'),
  made('Blackjack-v1', upTo(2), null),
  made('LunarLander-v3', upTo(4), 'rgb_array', { needs: box2d }),
  made('BipedalWalker-v3', box([0.1, -1, 1, 0], [1, 0, -1, 0.5]), 'rgb_array', { needs: box2d }),
  made('CarRacing-v3', box([0, 0.5, 0], [-0.5, 0.2, 0.1]), 'rgb_array', { needs: box2d }),
  {
    name: 'CartPole-v1, three at once',
    kind: 'vector',
    size: 3,
    actions: upTo(2),
    needs: gymnasium,
    withoutInfo: true,
    expected: { rollout: ['refused', 'vector envs are stepped'] },
    spec: { make: 'CartPole-v1', numEnvs: 3, packages: gymnasium },
  },
  written('Pendulum-v1 in five wrappers', box([-1], [0.25], [1]), pendulum, { withoutInfo: true }),
  written('MountainCarContinuous-v0, normalized', box([-1], [0.5], [1]), normalized),
  written('an env of EzPickle', upTo(3), reborn),
  written('rows that are views of one array', upTo(4), views),
  named('pettingzoo.classic.rps_v2:parallel_env', 'parallel', 3, classic),
  named('pettingzoo.classic.rps_v2:env', 'turns', 3, classic),
  named('pettingzoo.classic.tictactoe_v3:env', 'turns', 9, classic),
  named('pettingzoo.classic.connect_four_v3:env', 'turns', 7, classic),
  named('pettingzoo.classic.chess_v6:env', 'turns', 4672, [...classic, 'chess']),
  named('mpe2.simple_v3:parallel_env', 'parallel', 5, particles),
  named('mpe2.simple_adversary_v3:parallel_env', 'parallel', 5, particles),
  named('mpe2.simple_crypto_v3:parallel_env', 'parallel', 4, particles),
  named('mpe2.simple_push_v3:parallel_env', 'parallel', 5, particles),
  named('mpe2.simple_reference_v3:parallel_env', 'parallel', 50, particles),
  named('mpe2.simple_speaker_listener_v4:parallel_env', 'parallel', 3, particles),
  named('mpe2.simple_spread_v3:parallel_env', 'parallel', 5, particles),
  named('mpe2.simple_tag_v3:parallel_env', 'parallel', 5, particles),
  named('mpe2.simple_world_comm_v3:parallel_env', 'parallel', 5, particles),
  named('mpe2.simple_spread_v3:env', 'turns', 5, particles),
  made('minigrid:MiniGrid-Empty-8x8-v0', upTo(7), 'rgb_array', { needs: grids }),
  made('minigrid:MiniGrid-DoorKey-5x5-v0', upTo(7), 'rgb_array', { needs: grids }),
  made('minigrid:MiniGrid-Dynamic-Obstacles-6x6-v0', upTo(3), 'rgb_array', { needs: grids }),
  made('minigrid:MiniGrid-MultiRoom-N2-S4-v0', upTo(7), 'rgb_array', { needs: grids }),
  made('minigrid:BabyAI-GoToRedBall-v0', upTo(7), 'rgb_array', { needs: grids }),
  written("CoGrid's Overcooked, cramped room", upTo(7), overcooked, { kind: 'parallel', needs: ['cogrid'] }),
];
