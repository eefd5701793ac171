// Not at the top of the repository: `npm run lint` names it, and an editor needs the same (VS Code:
// `"eslint.options": { "overrideConfigFile": "config/eslint.config.js" }`). Globs start at the folder that eslint runs in.
import { dirname } from 'node:path';
import js from '@eslint/js';
import rxjsX from 'eslint-plugin-rxjs-x';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { projects } from './entries.mjs';

const typescript = {
  extends: [js.configs.recommended, tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
  languageOptions: {
    parserOptions: {
      // Named, not found by nearness: worker/ holds two of them.
      project: [
        ...projects,
        'examples/tsconfig.json',
        'spec/tsconfig.json',
        'spec/worker/tsconfig.json',
        'bench/tsconfig.json',
      ],
      tsconfigRootDir: dirname(import.meta.dirname),
    },
  },
  linterOptions: { reportUnusedDisableDirectives: /** @type {const} */ ('error') },
};

export default defineConfig(
  globalIgnores(['dist/', 'temp/', 'coverage/', '.cache/']),
  {
    name: 'rxgym/typescript',
    files: ['src/**/*.ts', 'worker/**/*.ts', 'examples/**/*.ts', 'spec/**/*.ts', 'bench/**/*.ts'],
    ...typescript,
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // Messages are made of numbers too.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `dataset['status']` shows that the key is not declared.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // `interface` and `type` both have their use: unions and mapped types are types.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // A leading _ marks what is unused on purpose.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-implied-eval': 'error',
    },
  },
  {
    name: 'rxgym/streams',
    files: ['src/**/*.ts', 'examples/**/*.ts', 'spec/**/*.ts', 'bench/**/*.ts'],
    extends: [rxjsX.configs.strict],
    rules: {
      // What catchError caught is unknown, and is rethrown as it is.
      'rxjs-x/throw-error': ['error', { allowThrowingAny: false, allowThrowingUnknown: true }],
    },
  },
  {
    name: 'rxgym/examples',
    files: ['examples/**/*.ts', 'spec/browser/pages/*.ts', 'bench/**/*.ts'],
    // RxJS reports unhandled errors to the console.
    rules: { 'rxjs-x/no-ignored-error': 'off' },
  },
  {
    name: 'rxgym/bench',
    files: ['bench/**/*.ts'],
    // A stream that ends without a value fails the measurement.
    rules: { 'rxjs-x/no-ignored-default-value': 'off' },
  },
  {
    name: 'rxgym/specs',
    files: ['spec/**/*.ts'],
    rules: {
      // Matchers such as expect.any() and page.evaluate() return `any`; a spec knows what it just made.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // Classes stand in for objects that cannot be sent.
      '@typescript-eslint/no-extraneous-class': 'off',
      'rxjs-x/no-ignored-error': 'off',
      'rxjs-x/no-nested-subscribe': 'off',
      // `await firstValueFrom(command)` fails the spec when there is no value.
      'rxjs-x/no-ignored-default-value': 'off',
    },
  },
  {
    name: 'rxgym/scripts',
    files: ['config/*.{js,mjs}', 'scripts/**/*.mjs', 'bench/**/*.mjs', 'bin/**/*.mjs', '*.js', 'spec/**/*.mjs'],
    extends: [js.configs.recommended],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // tsc knows Node's globals (scripts/tsconfig.json), and checks them.
      'no-undef': 'off',
      eqeqeq: 'error',
    },
  },
);
