#!/usr/bin/env node
// `npx rxgym COMMAND`. A command is a file of its own in this folder, with `usage` and `main(args)`; only the one that
// runs is loaded, because each needs packages that the others do not.
import { Problem } from './problem.mjs';

/** @type {Record<string, string>} */
const commands = {
  bake: 'sets an env up, and writes the memory that pages start from',
  copy: "puts the worker's script and Pyodide into a folder that pages are served from",
  collect: 'the server that stores the records of a study',
  verify: 'plays the records of a study again, and says whether they come to the same',
};

const usage = `Usage: npx rxgym COMMAND [options]

${Object.entries(commands)
  .map(([name, text]) => `  ${name.padEnd(9)} ${text}`)
  .join('\n')}

npx rxgym COMMAND --help lists the options of a command`;

/** @param {string[]} args */
async function main([command, ...args]) {
  if (command === undefined) throw new Problem(usage);
  if (command === '--help' || command === '-h' || command === 'help') return console.log(usage);
  if (!Object.hasOwn(commands, command)) {
    throw new Problem(`expected one of ${Object.keys(commands).join(', ')}; got ${command}\n\n${usage}`);
  }
  const module = await import(`./${command}.mjs`);
  const options = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length);
  if (options.includes('--help') || options.includes('-h')) return console.log(module.usage);
  await module.main(args);
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error) => {
    console.error(`rxgym: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  },
);
