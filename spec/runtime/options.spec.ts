import { createRuntime } from '../../src/index';
import { settingsFrom } from '../../src/runtime/options';

const defaults = { indexURL: 'https://cdn.test/pyodide', worker: (script?: string) => ({ script }) as never };

it('fills in the documented defaults', () => {
  expect(settingsFrom({}, defaults)).toEqual({
    indexURL: 'https://cdn.test/pyodide/',
    worker: expect.any(Function),
    packages: [],
    globals: {},
    cache: null,
    cacheKey: '',
    image: null,
    expectedPackages: [],
    expectedEnvs: [],
    queue: 1024,
    input: undefined,
    deadlines: {
      boot: 120_000,
      install: 120_000,
      run: 60_000,
      reset: 30_000,
      step: 10_000,
      grace: 1_000,
      stall: 30_000,
    },
    restart: { limit: 3, within: 60_000, backoff: 100, spare: false, snapshot: true, log: 1000 },
  });
});

it('keeps given values, and fills in defaults for undefined', () => {
  const deadlines = { step: 5, boot: undefined } as unknown as { step: number };
  const settings = settingsFrom({ deadlines, indexURL: 'http://here.test/py' }, defaults);
  expect(settings.deadlines).toMatchObject({ step: 5, boot: 120_000 });
  expect(settings.indexURL).toBe('http://here.test/py/');
});

it('takes a worker by the address of its script, or a function that makes one', () => {
  const made = (worker?: string | URL) => settingsFrom({ worker }, defaults).worker();
  expect(made()).toEqual({ script: undefined });
  expect(made('/rxgym/worker.js')).toEqual({ script: '/rxgym/worker.js' });
  expect(made(new URL('https://here.test/worker.js'))).toEqual({ script: 'https://here.test/worker.js' });
  const worker = () => ({ script: 'mine' }) as never;
  expect(settingsFrom({ worker }, defaults).worker).toBe(worker);
});

it('takes a bound for the cache, and has one', () => {
  expect(settingsFrom({ cache: 'snapshot' }, defaults).cache).toBe(150e6);
  expect(settingsFrom({ cache: { limit: 5e6 } }, defaults).cache).toBe(5e6);
  expect(settingsFrom({ cache: {} }, defaults).cache).toBe(150e6);
});

it.each<[options: object, option: string, got: string]>([
  [{ indexURL: '' }, 'indexURL', ''],
  [{ indexURL: 3 }, 'indexURL', '3'],
  [{ worker: '' }, 'worker', ''],
  [{ worker: 5 }, 'worker', '5'],
  [{ packages: 'numpy' }, 'packages', 'numpy'],
  [{ packages: [''] }, 'packages', '[""]'],
  [{ globals: 1 }, 'globals', '1'],
  [{ cache: true }, 'cache', 'true'],
  [{ cache: { limit: 0 } }, 'cache.limit', '0'],
  [{ cache: { size: 1 } }, 'cache.size', 'size'],
  [{ queue: 0 }, 'queue', '0'],
  [{ queue: 1.5 }, 'queue', '1.5'],
  [{ deadlines: { step: 0 } }, 'deadlines.step', '0'],
  [{ deadlines: { step: NaN } }, 'deadlines.step', 'NaN'],
  [{ deadlines: { steps: 1 } }, 'deadlines.steps', 'steps'],
  [{ restart: { limit: -1 } }, 'restart.limit', '-1'],
  [{ restart: { within: 0 } }, 'restart.within', '0'],
  [{ restart: { backoff: Infinity } }, 'restart.backoff', 'Infinity'],
])('refuses %j with what was expected and what came', (options, option, got) => {
  const refusal: unknown = (() => {
    try {
      return createRuntime(options);
    } catch (error) {
      return error;
    }
  })();
  expect(refusal).toMatchObject({ name: 'UsageError', option, got });
  expect((refusal as { expected: string }).expected).not.toBe('');
});
