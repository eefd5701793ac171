import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs a program of this project and waits for its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, env?: Record<string, string> }} [options] quiet: keep the output instead of showing it
 * @returns {Promise<{ code: number, output: string, seconds: number }>} code 127 when it could not be started
 */
export function run(command, args, { quiet = false, env = {} } = {}) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: new URL('../', import.meta.url),
      env: { ...process.env, ...env },
      stdio: ['inherit', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
      // npm and npx are batch files there.
      shell: process.platform === 'win32',
    });
    let output = '';
    /** @param {number} code */
    const end = (code) => resolve({ code, output, seconds: (performance.now() - started) / 1000 });
    child.stdout?.on('data', (text) => (output += text));
    child.stderr?.on('data', (text) => (output += text));
    child.on('error', (error) => {
      output += `${command}: ${error.message}\n`;
      end(127);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}

/**
 * Runs a program of node_modules/.bin; faster and quieter than npx.
 * @param {string} name
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean }} [options]
 */
export const tool = (name, args, options = { quiet: true }) =>
  run(fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url)), args, options);
