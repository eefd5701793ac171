// @ts-check
// One run: operations that follow from the seed and from their results, and faults that follow from another seed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { catchError, lastValueFrom, of } from 'rxjs';
import { randomFrom } from '../helpers/random.mjs';
import { Faults } from './faults.mjs';
import { Injector } from './injector.mjs';
import { Workers } from './workers.mjs';

/**
 * @typedef {import('../../src/index.js').PythonRuntime} PythonRuntime
 * @typedef {import('../../src/index.js').RuntimeOptions} RuntimeOptions
 * @typedef {import('../../src/index.js').StepOptions} StepOptions
 * @typedef {import('../../src/index.js').EnvState} EnvState
 * @typedef {import('./plan.mjs').Injection} Injection
 */
/**
 * What is run: the sources in the specs, what is built on the command line.
 * @typedef {object} Subject
 * @property {(options: RuntimeOptions) => PythonRuntime} createRuntime
 * @property {(script: URL) => import('../../src/index.js').Endpoint} nodeWorker
 * @property {string} root the repository's folder, with a built dist
 * @property {string} [pyodide] the folder in it that has Pyodide; default node_modules/pyodide
 */
/**
 * @typedef {object} Config
 * @property {number} steps
 * @property {number} faults
 * @property {number} seed
 * @property {'pickled' | 'own' | 'unpicklable'} [kind] how the env's state is had; default pickled
 * @property {RuntimeOptions} [options] more options for the disturbed runtime
 * @property {(line: string) => void} [log]
 */
/** @typedef {{ readonly operation: string, readonly result: string }} Acknowledged */
/** @typedef {'Deliberate' | 'ResetNeeded'} Raised what an action asks for, and what comes behind an episode's end */
/** @typedef {import('../../src/index.js').Step | { readonly raised: Raised }} StepResult */

const patient = /** @type {const} */ ({ onCrash: 'resume', deadline: 20_000 });
const hasty = /** @type {const} */ ({ onCrash: 'resume', deadline: 200 });

/**
 * @param {Subject} subject
 * @param {Config} config
 * @param {readonly { at: number, injection: Injection }[]} plan
 */
export async function play(subject, { steps, seed, kind = 'pickled', options = {}, log = () => undefined }, plan) {
  const startedAt = performance.now();
  const faults = new Faults();
  const workers = new Workers(subject, faults);
  const runtime = subject.createRuntime({
    worker: workers.make,
    indexURL: pathToFileURL(join(subject.root, subject.pyodide ?? 'node_modules/pyodide')).href,
    globals: { kind },
    deadlines: { grace: 250 },
    restart: { limit: 1000, backoff: 0 },
    ...options,
  });
  const env = runtime.env({
    source: readFileSync(join(subject.root, 'spec/chaos/chaotic-env.py'), 'utf8'),
    recovery: { every: 40, ms: 400 },
  });

  /** @type {Acknowledged[]} */
  const records = [];
  /** @type {string[]} */
  const failures = [];
  /** @type {string[]} */
  const crashes = [];
  const recoveries = { count: 0, fromCheckpoint: 0, replayed: 0, ms: 0 };
  let resent = 0;
  runtime.incidents$.subscribe((incident) => {
    if (incident.type === 'crash') crashes.push(incident.error.cause.kind);
    else if (incident.type === 'unrecoverable') failures.push(incident.error.message);
    else {
      recoveries.count += 1;
      recoveries.fromCheckpoint += incident.checkpoint ? 1 : 0;
      recoveries.replayed += incident.replayed;
      recoveries.ms += incident.ms;
    }
  });

  const random = randomFrom(seed);
  const chance = (/** @type {number} */ share) => random() < share;
  const whole = (/** @type {number} */ below) => Math.floor(random() * below);
  // not the same stream: the undisturbed run has to draw the same operations
  const disturbance = randomFrom(seed ^ 0x5eed);
  let done = 0;
  const injector = new Injector(faults, plan, (injected) => {
    if (injected % 20 === 0) log(`${done} steps, ${injected} faults`);
  });

  /**
   * Sends a command until it is acknowledged, as an insistent user would.
   * @param {() => import('rxjs').Observable<unknown>} send
   */
  const sure = async (send) => {
    for (;;) {
      try {
        return await lastValueFrom(send());
      } catch (error) {
        const { name } = /** @type {Error} */ (error);
        if (name === 'StateError' && kind === 'unpicklable') return name;
        if (name !== 'CrashError' && name !== 'DeadlineError') return raised(error);
        resent += 1;
      }
    }
  };
  /**
   * @param {string} operation
   * @param {unknown} result
   */
  const record = (operation, result) => void records.push({ operation, result: canonical(result) });
  /**
   * @param {import('../../src/index.js').Data} action
   * @param {StepOptions} limit
   */
  const step = (action, limit) => env.step(action, limit).pipe(catchError((error) => of(raised(error))));

  /**
   * Sends a step, unsubscribes from it, and sends it again unless it was acknowledged before.
   * @param {import('../../src/index.js').Data} action
   * @param {Injection} injection
   * @returns {Promise<StepResult>}
   */
  const cancelled = async (action, { intervention }) => {
    /** @type {StepResult | undefined} */
    let result;
    /** @type {() => void} */
    let over = () => undefined;
    const ended = new Promise((resolve) => {
      over = () => resolve(undefined);
    });
    const sent = step(action, patient).subscribe({
      next: (value) => {
        result = value;
        over();
      },
      error: (/** @type {Error} */ error) => failures.push(`unsubscribed: ${error.message}`),
    });
    if (intervention === 'unsubscribe') await Promise.race([injector.untilTriggered(), ended]);
    else if (disturbance() < 0.6) await new Promise((resolve) => setTimeout(resolve, disturbance() * 3));
    sent.unsubscribe();
    return result ?? lastValueFrom(step(action, patient));
  };

  /** @param {number} amount */
  const batch = async (amount) => {
    const actions = Array.from({ length: amount }, () => ({
      push: random() * 2 - 1,
      where: whole(12),
      raises: chance(0.03),
    }));
    // only the last of them is unsubscribed and sent again, so that their order stays
    const injection = injector.arm('step', done, ({ intervention }) =>
      intervention === 'unsubscribe' ? amount - 1 : Math.floor(disturbance() * amount),
    );
    const limit = injection?.intervention === 'nothing' ? hasty : patient;
    if (injection?.intervention === 'terminate idle') workers.terminate(faults.thread);
    if (injection?.intervention === 'terminate boot') workers.terminateNext(disturbance() * 1500);
    const last = injection?.intervention.startsWith('unsubscribe') ? actions.pop() : undefined;
    const sent = actions.map((action) => lastValueFrom(step(action, limit)));
    if (injection?.intervention === 'terminate') {
      // a step behind the episode's end is refused before the fault
      await Promise.race([injector.untilTriggered(), Promise.all(sent)]);
      workers.terminate(faults.thread);
    }
    if (injection && last) sent.push(cancelled(last, injection));
    const results = await Promise.all(sent);
    for (const result of results) record('step', result);
    done += amount;
    return results.some((result) => ('done' in result ? result.done : result.raised === 'ResetNeeded'));
  };

  const reset = async () => {
    const options = chance(0.3) ? { level: whole(9), raises: chance(0.2) } : undefined;
    const seeded = chance(0.5) ? { seed: whole(2 ** 31) } : {};
    const injection = injector.arm('reset', done);
    record('reset', await sure(() => env.reset({ ...seeded, options, ...(injection ? hasty : patient) })));
  };

  const run = async () => {
    const amount = random();
    const deadline = injector.arm('run', done) ? 200 : 20_000;
    const code = 'trip("run")\nbonus = bonus / 2 + amount\nenv.energy -= amount\nif raises: raise Deliberate()';
    const globals = { amount, raises: chance(0.2) };
    record('run', await sure(() => runtime.run(code, { globals, deadline })));
  };

  const seedEnv = async () => {
    const number = whole(2 ** 31);
    record('seed', await sure(() => env.seed(number)));
  };

  const getState = async () => {
    injector.arm('getState', done);
    const state = /** @type {EnvState | string} */ (await sure(() => env.getState()));
    record('getState', typeof state === 'string' ? state : 'bytes');
    return state;
  };

  try {
    await seedEnv();
    record('reset', await sure(() => env.reset({ seed: whole(2 ** 31) })));
    /** @type {EnvState | string | undefined} */
    let state;
    while (done < steps) {
      const isOver = await batch(Math.min(steps - done, chance(0.6) ? 1 : 1 + whole(6)));
      if (isOver || chance(0.005)) await reset();
      if (chance(0.03)) await run();
      if (chance(0.02)) {
        const weight = random() * 2;
        record('setGlobals', await sure(() => runtime.setGlobals({ weight })));
      }
      if (chance(0.01)) await seedEnv();
      if (chance(0.02)) record('stateHash', await sure(() => env.stateHash()));
      if (chance(0.015)) state = await getState();
      if (state && chance(0.02) && typeof state !== 'string') {
        const stored = state;
        injector.arm('setState', done);
        record('setState', await sure(() => env.setState(stored)));
      }
    }
    injector.settle();
    record('stateHash', await sure(() => env.stateHash()));
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error);
    failures.push(`after ${done} steps, with ${injector.armed?.name ?? 'no fault'}: ${name}: ${message}`);
  }
  injector.end();
  runtime.dispose();
  const { injected, missed } = injector;
  const seconds = (performance.now() - startedAt) / 1000;
  return { records, failures, injected, missed, crashes, recoveries, resent, seconds };
}

/**
 * An expected exception is a result like any other.
 * @param {unknown} error
 * @returns {{ readonly raised: Raised }}
 */
function raised(error) {
  const { type } = /** @type {{ type?: string }} */ (error);
  if (type === 'Deliberate' || type === 'ResetNeeded') return { raised: type };
  throw error;
}

/**
 * As text in which all that can differ differs.
 * @param {unknown} value
 */
function canonical(value) {
  return JSON.stringify(value, (_, item) => {
    if (item instanceof Map) return { map: [...item] };
    if (ArrayBuffer.isView(item)) return { [item.constructor.name]: Array.from(/** @type {Float64Array} */ (item)) };
    if (typeof item === 'bigint' || Object.is(item, -0)) return { number: Object.is(item, -0) ? '-0' : String(item) };
    return item;
  });
}
