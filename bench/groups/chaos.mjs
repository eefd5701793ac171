// Differences between a run with random faults and the undisturbed one, as `npm run chaos` writes them; no figure if it
// writes none.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { run } from '../../scripts/run.mjs';
import { missing } from '../figure.mjs';

const root = new URL('../../', import.meta.url);
const results = new URL('temp/chaos.json', root);

/**
 * What `npm run chaos` leaves in temp/chaos.json.
 * @typedef {{ steps: number, faults: number, seed: number, differences: number }} ChaosResult
 */

/** @type {import('../figure.mjs').Group} */
export const chaos = {
  name: 'chaos',
  ids: ['chaos'],
  async measure({ seed, quick, say }) {
    const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
    if (!('chaos' in scripts)) return { chaos: missing('package.json has no script `chaos`') };
    rmSync(results, { force: true });
    const [steps, faults] = quick ? [5000, 60] : [20_000, 200];
    const args = ['--steps', steps, '--faults', faults, '--seed', seed].map(String);
    const { code, output, seconds } = await run('npm', ['run', '--silent', 'chaos', '--', ...args], { quiet: true });
    say(`chaos ended with ${code} after ${Math.round(seconds)} s`);
    if (!existsSync(results)) {
      return {
        chaos: missing(`\`npm run chaos\` (exit ${code}) wrote no temp/chaos.json: ${output.trim().slice(-200)}`),
      };
    }
    /** @type {ChaosResult} */
    const result = JSON.parse(readFileSync(results, 'utf8'));
    return {
      chaos: {
        value: result.differences,
        unit: 'differences',
        limit: 0,
        against: 'the undisturbed run',
        note: `${result.steps} steps, ${result.faults} faults, seed ${result.seed}`,
      },
    };
  },
};
