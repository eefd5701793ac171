// package.json's `jest` names this file, so that plain `jest` and editors find it.
import { dirname } from 'node:path';
import { constants } from '../scripts/constants.mjs';
import { libraries, specifierOf } from './entries.mjs';

const rootDir = dirname(import.meta.dirname);

// Specs run from the sources, as CommonJS: Jest's ES-module mode needs a flag of Node and loses its mocks.
const shared = {
  rootDir,
  globals: constants,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: [],
  moduleFileExtensions: ['ts', 'mjs', 'js', 'cjs', 'json', 'node'],
  moduleNameMapper: {
    ...Object.fromEntries(libraries.map((entry) => [`^${specifierOf(entry)}$`, `<rootDir>/${entry.source}`])),
    // TypeScript sources name the files that they become.
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '\\.(ts|mjs)$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
    '\\.py$': '<rootDir>/spec/helpers/python-text.mjs',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/temp/'],
};

/** Specs that start a Python or a browser. (Jest takes `testTimeout` for all projects or for none.) */
const slow = { setupFilesAfterEnv: ['<rootDir>/spec/helpers/slow.ts'] };
const python = { ...slow, globalSetup: '<rootDir>/spec/helpers/quick/set-up.mjs' };
const browser = {
  ...slow,
  globalSetup: '<rootDir>/spec/browser/set-up.mjs',
  globalTeardown: '<rootDir>/spec/browser/tear-down.mjs',
};

/** Browser specs that need a fixed rate, or measure memory: they run one at a time. */
const rhythm = ['brisk', 'cancel', 'hidden-tab', 'memory', 'overload', 'page-thread', 'pool', 'socket-io'];

export default {
  rootDir,
  testSequencer: '<rootDir>/spec/helpers/long-first.mjs',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/spec/**/*.spec.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/spec/(contract|browser|consumer|zoo)/'],
    },
    { ...shared, ...python, displayName: 'contract', testMatch: ['<rootDir>/spec/{contract,zoo}/**/*.spec.ts'] },
    {
      ...shared,
      ...browser,
      displayName: 'browser',
      testMatch: ['<rootDir>/spec/{browser,consumer}/**/*.spec.ts'],
      testPathIgnorePatterns: ['/node_modules/', `/(${rhythm.join('|')})[.]spec[.]ts$`],
    },
    {
      ...shared,
      ...browser,
      displayName: 'rhythm',
      testMatch: [`<rootDir>/spec/browser/(${rhythm.join('|')}).spec.ts`],
    },
  ],
};
