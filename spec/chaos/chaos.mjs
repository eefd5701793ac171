// @ts-check
// The chaos run: the same operations twice, undisturbed and with faults, compared one by one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setEnvironmentData } from 'node:worker_threads';
import { catchError, lastValueFrom, of } from 'rxjs';
import { Faults } from './faults.mjs';
import { plan, randomFrom } from './plan.mjs';

/**
 * @typedef {import('../../src/index.js').PythonRuntime} PythonRuntime
 * @typedef {import('../../src/index.js').RuntimeOptions} RuntimeOptions
 * @typedef {import('../../src/index.js').Endpoint} Endpoint
 * @typedef {import('../../src/index.js').EnvState} EnvState
 * @typedef {import('./plan.mjs').Injection} Injection
 */
/**
 * What the run is about: the sources in the specs, what is built on the command line.
 * @typedef {object} Subject
 * @property {(options: RuntimeOptions) => PythonRuntime} createRuntime
 * @property {(script: URL) => Endpoint} nodeWorker
 * @property {string} root the repository's folder, with a built dist
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
/**
 * @typedef {object} Report
 * @property {Config} config
 * @property {Record<string, number>} compared how many of each operation, and how many raised
 * @property {Record<string, number>} injected by kind
 * @property {Record<string, number>} missed armed, but their place was not passed in time
 * @property {Record<string, number>} crashes by cause
 * @property {{ count: number, fromCheckpoint: number, replayed: number, ms: number }} recoveries
 * @property {number} again operations that ended with a CrashError or DeadlineError and were sent again
 * @property {string[]} differences
 * @property {{ undisturbed: number, disturbed: number }} seconds
 */

/**
 * @param {Subject} subject
 * @param {Config} config
 * @returns {Promise<Report>}
 */
export async function chaos(subject, config) {
  const { kind = 'pickled', log = () => undefined } = config;
  const without = kind === 'unpicklable' ? ['get-state', 'set-state'] : [];
  const undisturbed = await play(subject, config, []);
  log(`undisturbed: ${undisturbed.records.length} operations in ${undisturbed.seconds.toFixed(1)} s`);
  const disturbed = await play(subject, config, plan({ ...config, without }));
  const { injected, missed, crashes, recoveries, again, failure } = disturbed;
  const differences = [...compare(undisturbed.records, disturbed.records), ...failure];
  return {
    config,
    compared: count(
      disturbed.records.map(({ what, came }) => (came.includes('raised') ? `${what} that raised` : what)),
    ),
    injected,
    missed,
    crashes,
    recoveries,
    again,
    differences,
    seconds: { undisturbed: undisturbed.seconds, disturbed: disturbed.seconds },
  };
}

/**
 * The report as lines.
 * @param {Report} report
 */
export function lines({ config, compared, injected, missed, crashes, recoveries, again, differences, seconds }) {
  const { steps, faults, seed, kind = 'pickled' } = config;
  const table = (/** @type {Record<string, number>} */ counts) =>
    Object.entries(counts)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, times]) => `  ${String(times).padStart(6)}  ${name}`);
  return [
    `chaos: ${steps} steps, ${faults} faults, seed ${seed}, state ${kind}`,
    `injected: ${sum(injected)}`,
    ...table(injected),
    ...(Object.keys(missed).length ? ['not struck:', ...table(missed)] : []),
    'crashes, by cause:',
    ...table(crashes),
    `recoveries: ${recoveries.count}, ${recoveries.fromCheckpoint} of them from a checkpoint; ` +
      `${recoveries.replayed} operations replayed, ${Math.round(recoveries.ms / 1000)} s from death to return; ${again} sent again`,
    'compared with the undisturbed run:',
    ...table(compared),
    `seconds: undisturbed ${seconds.undisturbed.toFixed(1)}, disturbed ${seconds.disturbed.toFixed(1)}`,
    `differences: ${differences.length}`,
    ...differences.slice(0, 10).map((difference) => `  ${difference}`),
  ];
}

/** @param {Record<string, number>} counts */
export const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0);

/** @typedef {{ what: string, came: string }} Rec */

/**
 * @param {Subject} subject
 * @param {Config} config
 * @param {{ at: number, injection: Injection }[]} faultPlan
 */
async function play(subject, { steps, seed, kind = 'pickled', options = {}, log = () => undefined }, faultPlan) {
  const startedAt = performance.now();
  const faults = new Faults();
  const workers = workerShop(subject, faults);
  const runtime = subject.createRuntime({
    worker: workers.make,
    indexURL: pathToFileURL(join(subject.root, 'node_modules/pyodide')).href,
    globals: { kind },
    deadlines: { grace: 250 },
    restart: { limit: 1000, backoff: 0 },
    ...options,
  });
  const env = runtime.env({
    source: readFileSync(join(subject.root, 'spec/chaos/chaotic-env.py'), 'utf8'),
    recovery: { every: 40, ms: 400 },
  });

  /** @type {Rec[]} */
  const records = [];
  /** @type {string[]} */
  const failure = [];
  /** @type {string[]} */
  const injected = [];
  /** @type {string[]} */
  const missed = [];
  /** @type {string[]} */
  const causes = [];
  const recoveries = { count: 0, fromCheckpoint: 0, replayed: 0, ms: 0 };
  let again = 0;
  runtime.crashes$.subscribe((report) => {
    if (report.name === 'CrashError') causes.push(report.cause.kind);
    else if (report.name !== 'Recovered') failure.push(report.message);
    else {
      recoveries.count += 1;
      recoveries.fromCheckpoint += report.checkpoint ? 1 : 0;
      recoveries.replayed += report.replayed;
      recoveries.ms += report.ms;
    }
  });

  // What is done follows from the seed and from what came of it; what disturbs it follows from another stream.
  const random = randomFrom(seed);
  const chance = (/** @type {number} */ share) => random() < share;
  const whole = (/** @type {number} */ below) => Math.floor(random() * below);
  const mood = randomFrom(seed ^ 0x5eed);

  /** @type {Record<Injection['during'], Injection[]>} */
  const pending = { step: [], reset: [], run: [], getState: [], setState: [] };
  /** @type {Injection | undefined} */
  let armed;
  let struckBefore = 0;
  let done = 0;

  /**
   * @param {Injection['during']} during
   * @param {(injection: Injection) => number} [passing] how often its place is passed before the first may strike
   */
  const arm = (during, passing = () => 0) => {
    while ((faultPlan[0]?.at ?? Infinity) <= done) {
      const { injection } = /** @type {{ injection: Injection }} */ (faultPlan.shift());
      pending[injection.during].push(injection);
    }
    settle();
    armed = pending[during].shift();
    if (!armed) return undefined;
    struckBefore = faults.struck;
    const after = passing(armed);
    faults.arm(armed.faults.map((fault, index) => (index === 0 ? { ...fault, after } : fault)));
    return armed;
  };
  /** Says what became of the latest injection. */
  const settle = () => {
    if (!armed) return;
    const struck = faults.struck - struckBefore;
    if (struck < armed.faults.length) {
      faults.disarm();
      missed.push(struck === 0 ? armed.name : `${armed.name} (only the first)`);
    }
    if (struck > 0 || armed.faults.length === 0) injected.push(armed.name);
    if (injected.length % 20 === 0) log(`${done} steps, ${injected.length} faults`);
    armed = undefined;
  };

  /**
   * Sends until it is acknowledged, as a user would who wants it done.
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
        again += 1;
      }
    }
  };
  /**
   * @param {string} what
   * @param {unknown} came
   */
  const record = (what, came) => void records.push({ what, came: canonical(came) });
  /**
   * @param {import('../../src/index.js').Data} action
   * @param {import('../../src/index.js').StepOptions} limit
   */
  const step = (action, limit) => env.step(action, limit).pipe(catchError((error) => of(raised(error))));

  const patient = /** @type {const} */ ({ onCrash: 'resume', deadline: 20_000 });
  const hasty = /** @type {const} */ ({ onCrash: 'resume', deadline: 200 });

  /** @param {number} amount */
  const batch = async (amount) => {
    const actions = Array.from({ length: amount }, () => ({
      push: random() * 2 - 1,
      where: whole(12),
      raises: chance(0.03),
    }));
    // what is unsubscribed and sent again is the last of them, so that their order stays
    const injection = arm('step', ({ deed }) => (deed === 'unsubscribe' ? amount - 1 : Math.floor(mood() * amount)));
    const limit = injection?.deed === 'nothing' ? hasty : patient;
    if (injection?.deed === 'terminate idle') workers.terminate(faults.thread);
    if (injection?.deed === 'terminate boot') workers.terminateNext(mood() * 1500);
    const last = injection?.deed.startsWith('unsubscribe') ? actions.pop() : undefined;
    const answers = actions.map((action) => lastValueFrom(step(action, limit)));
    if (injection?.deed === 'terminate') {
      await faults.strike(struckBefore);
      workers.terminate(faults.thread);
    }
    if (last) {
      /** @type {Came | undefined} */
      let answer;
      const sent = step(last, patient).subscribe({
        next: (came) => {
          answer = came;
        },
        error: (/** @type {Error} */ error) => failure.push(`unsubscribed: ${error.message}`),
      });
      if (injection?.deed === 'unsubscribe') await faults.strike(struckBefore);
      else if (mood() < 0.6) await new Promise((resolve) => setTimeout(resolve, mood() * 3));
      sent.unsubscribe();
      answers.push(answer ? Promise.resolve(answer) : lastValueFrom(step(last, patient)));
    }
    const results = await Promise.all(answers);
    for (const result of results) record('step', result);
    done += amount;
    return results.some((result) => 'done' in result && result.done);
  };

  const reset = async () => {
    const options = chance(0.3) ? { level: whole(9), raises: chance(0.2) } : undefined;
    const seeded = chance(0.5) ? { seed: whole(2 ** 31) } : {};
    const injection = arm('reset');
    record('reset', await sure(() => env.reset({ ...seeded, options, ...(injection ? hasty : patient) })));
  };

  try {
    record('seed', await sure(() => env.seed(whole(2 ** 31))));
    record('reset', await sure(() => env.reset({ seed: whole(2 ** 31) })));
    /** @type {EnvState | undefined} */
    let kept;
    while (done < steps) {
      const isOver = await batch(Math.min(steps - done, chance(0.6) ? 1 : 1 + whole(6)));
      if (isOver || chance(0.005)) await reset();
      if (chance(0.03)) {
        const amount = random();
        const deadline = arm('run') ? 200 : 20_000;
        const code = 'trip("run")\nbonus = bonus / 2 + amount\nenv.energy -= amount\nif raises: raise Deliberate()';
        const globals = { amount, raises: chance(0.2) };
        record('run', await sure(() => runtime.run(code, { globals, deadline })));
      }
      if (chance(0.02)) {
        const weight = random() * 2;
        record('setGlobals', await sure(() => runtime.setGlobals({ weight })));
      }
      if (chance(0.01)) {
        const number = whole(2 ** 31);
        record('seed', await sure(() => env.seed(number)));
      }
      if (chance(0.02)) record('stateHash', await sure(() => env.stateHash()));
      if (chance(0.015)) {
        arm('getState');
        kept = /** @type {EnvState} */ (await sure(() => env.getState()));
        record('getState', typeof kept === 'string' ? kept : 'bytes');
      }
      if (kept && chance(0.02)) {
        const state = kept;
        if (typeof state !== 'string') {
          arm('setState');
          record('setState', await sure(() => env.setState(state)));
        }
      }
    }
    settle();
    record('stateHash', await sure(() => env.stateHash()));
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error);
    failure.push(`after ${done} steps, with ${armed?.name ?? 'no fault'}: ${name}: ${message}`);
  }
  for (const injection of Object.values(pending).flat()) missed.push(injection.name);
  runtime.dispose();
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    records,
    failure,
    injected: count(injected),
    missed: count(missed),
    crashes: count(causes),
    recoveries,
    again,
    seconds,
  };
}

/** @typedef {import('../../src/index.js').Step | { readonly raised: 'Deliberate' }} Came */

/**
 * What the env raises when it is told to is an outcome like any other.
 * @param {unknown} error
 * @returns {{ readonly raised: 'Deliberate' }}
 */
function raised(error) {
  if (/** @type {{ type?: string }} */ (error).type === 'Deliberate') return { raised: 'Deliberate' };
  throw error;
}

/**
 * Makes the workers and holds on to them, to kill them from outside.
 * @param {Subject} subject
 * @param {Faults} faults
 */
function workerShop({ nodeWorker, root }, faults) {
  /** @type {Endpoint[]} */
  const made = [];
  /** @type {number | undefined} */
  let fuse;
  return {
    make() {
      const script = pathToFileURL(join(root, 'dist/node-worker.js')).href;
      setEnvironmentData('chaos', { memory: faults.memory, script, thread: made.length });
      const worker = nodeWorker(pathToFileURL(join(root, 'spec/chaos/worker.mjs')));
      made.push(worker);
      if (fuse !== undefined) setTimeout(() => worker.terminate(), fuse);
      fuse = undefined;
      return worker;
    },
    /** @param {number} thread */
    terminate(thread) {
      made[thread]?.terminate();
    },
    /** @param {number} ms */
    terminateNext(ms) {
      fuse = ms;
    },
  };
}

/**
 * @param {readonly Rec[]} expected
 * @param {readonly Rec[]} got
 */
function compare(expected, got) {
  const differences = [];
  for (const [index, { what, came }] of expected.entries()) {
    const other = got[index];
    if (!other) break;
    if (other.what === what && other.came === came) continue;
    differences.push(`operation ${index}: ${what} ${came}, but disturbed ${other.what} ${other.came}`);
  }
  if (expected.length !== got.length) differences.push(`${expected.length} operations, but disturbed ${got.length}`);
  return differences;
}

/** @param {readonly string[]} names */
function count(names) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
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
