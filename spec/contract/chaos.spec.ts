import { join } from 'node:path';
import { createRuntime } from '../../src/index';
import { nodeWorker } from '../../src/node/create-runtime';
import { chaos, lines, type Config } from '../chaos/chaos.mjs';
import { injections } from '../chaos/plan.mjs';
import { cold, quick } from '../helpers/real-runtime';

const root = join(__dirname, '..', '..');
const minutes = 60_000;

async function run(config: Config, pyodide = quick) {
  const report = await chaos({ createRuntime, nodeWorker, root, pyodide }, config);
  process.stdout.write(`${lines(report).join('\n')}\n`);
  return report;
}

describe('a run that is killed again and again', () => {
  it(
    'is step for step the undisturbed run: 2,700 steps and 30 faults, each kind once and more',
    async () => {
      const { differences, injected, compared } = await run({ steps: 2700, faults: 30, seed: 3 }, cold);
      expect(differences).toEqual([]);
      expect((compared['step'] ?? 0) + (compared['step that raised'] ?? 0)).toBe(2700);
      for (const what of ['step', 'reset', 'run']) expect(compared[`${what} that raised`]).toBeGreaterThan(0);
      // nearly every kind has struck; whether one that is aimed at a moment hits it is the machine's affair
      expect(Object.keys(injected).length).toBeGreaterThanOrEqual(injections.length - 3);
    },
    15 * minutes,
  );

  it(
    'is so, too, where a spare takes over',
    async () => {
      const options = { restart: { limit: 1000, backoff: 0, spare: true } };
      const { differences, injected } = await run({ steps: 400, faults: 5, seed: 5, options });
      expect(differences).toEqual([]);
      expect(Object.keys(injected).length).toBeGreaterThan(2);
    },
    10 * minutes,
  );

  it.each(['own', 'unpicklable'] as const)(
    'is so, too, where the state is %s',
    async (kind) => {
      const { differences } = await run({ steps: 400, faults: 4, seed: 4, kind });
      expect(differences).toEqual([]);
    },
    10 * minutes,
  );
});
