// @ts-check
// What each env of a table is put through: it is played, and compared with the same env in plain Python, left alone.
import { filter, firstValueFrom, lastValueFrom, toArray } from 'rxjs';

/**
 * @typedef {import('../../src/index.js').PythonRuntime} PythonRuntime
 * @typedef {import('../../src/index.js').EnvSpec} EnvSpec
 * @typedef {import('../../src/index.js').Frame} Frame
 * @typedef {import('../../src/index.js').GymEnv<any>} AnyEnv
 * @typedef {'single' | 'parallel' | 'team' | 'turns' | 'vector'} Kind `team`: lists for agents without names
 * @typedef {'setUp' | 'steps' | 'frames' | 'state' | 'deaths' | 'rollout' | 'problems'} Pass
 * @typedef {Record<string, any>} Facts
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {Kind} kind
 * @property {EnvSpec} spec
 * @property {readonly any[]} actions Those to choose from.
 * @property {number} [size] How many envs a vector env has, or agents a team.
 * @property {boolean} [alone] Lives in `__main__`, and is brought back without other envs beside it.
 * @property {boolean} [shows] Has pictures: it is watched, also while it dies.
 * @property {boolean} [tuples] Actions are lists here and tuples in Python.
 * @property {boolean} [withoutInfo] Infos are not compared.
 * @property {boolean} [withoutSeed] Its reset takes no seed.
 *
 * @typedef {object} Subject
 * @property {PythonRuntime} runtime Dies.
 * @property {PythonRuntime} other Lives, and has the env alone.
 * @property {string} alone The text of alone.py.
 * @property {(frame: Frame) => void} releaseFrame
 *
 * @typedef {object} Seen
 * @property {Partial<Record<Pass, string>>} verdicts `equal`, or what was otherwise.
 * @property {any} [ready]
 * @property {any} [first] The first step.
 * @property {Facts | undefined} [frame] The first frame.
 */

/** @type {readonly Pass[]} */
const passes = ['setUp', 'steps', 'frames', 'state', 'deaths', 'rollout', 'problems'];

/**
 * @param {Subject} subject
 * @param {readonly Row[]} rows
 * @param {{ steps?: number, only?: readonly Pass[], log?: (line: string) => void }} [options]
 * @returns {Promise<Map<string, Seen>>} by the rows' names
 */
export async function examine(subject, rows, { steps = 50, only = passes, log = () => undefined } = {}) {
  await value(subject.other.run(subject.alone));
  /** @type {Map<string, Seen>} */
  const seen = new Map();
  for (const row of rows) {
    /** @type {Seen} */
    const found = { verdicts: {} };
    seen.set(row.name, found);
    for (const [name, pass] of onePasses) {
      if (!only.includes(name) || (name === 'frames' && !row.shows)) continue;
      const began = performance.now();
      const verdict = await pass(subject, row, steps, found).catch(told);
      found.verdicts[name] = verdict;
      log(`${row.name}: ${name} ${verdict} (${ms(began)})`);
      if (name === 'setUp' && verdict !== 'equal') break;
    }
  }
  if (!only.includes('deaths')) return seen;
  const alive = rows.filter(({ name }) => seen.get(name)?.verdicts.setUp === 'equal');
  const groups = [alive.filter((row) => !row.alone), ...alive.filter((row) => row.alone).map((row) => [row])];
  for (const group of groups.filter(({ length }) => length)) {
    const began = performance.now();
    for (const [name, verdict] of await deaths(subject, group, steps)) {
      /** @type {Seen} */ (seen.get(name)).verdicts.deaths = verdict;
    }
    log(`deaths of ${group.length} (${ms(began)})`);
  }
  return seen;
}

/** @param {number} began */
const ms = (began) => `${Math.round(performance.now() - began)} ms`;
/** @param {import('rxjs').Observable<any>} command$ @returns {Promise<any>} */
const value = (command$) => lastValueFrom(command$);

/** @param {any} error */
const told = (error) => `refused: ${error.name}: ${String(error.message).split('\n', 1)[0]}`;

/** @typedef {(subject: Subject, row: Row, steps: number, found: Seen) => Promise<string>} OnePass */

/** @type {OnePass} */
const setUp = ({ runtime }, row, _, found) =>
  withEnv(runtime, row, async (env) => {
    found.ready = await firstValueFrom(env.ready$);
    return 'equal';
  });

/** @type {OnePass} */
const played = (subject, row, steps, found) =>
  withEnv(subject.runtime, row, async (env) => {
    const play = new Play(env, row);
    await play.reset(7);
    await play.steps(steps);
    found.first = play.first;
    return compared(play, await reference(subject, row, [['reset', 7], ['steps', steps]])); // prettier-ignore
  });

/** @type {OnePass} */
const frames = (subject, row, _, found) =>
  withEnv(subject.runtime, row, async (env) => {
    const play = new Play(env, row);
    const watched = watch(env, subject);
    await play.reset(8);
    await play.steps(15);
    watched.unsubscribe();
    if (watched.problems) found.verdicts.problems = watched.problems.join(', ') || 'none';
    found.frame = watched.frames[0];
    const alone = await reference(subject, row, [['reset', 8], ['steps', 15]], true); // prettier-ignore
    const equal = compared(play, alone);
    if (equal !== 'equal') return equal;
    const expected = alone.frames.map(framed);
    const wrong = watched.frames.findIndex(
      (frame, i) => watched.frames.length === expected.length && expected[i] && text(frame) !== text(expected[i]),
    );
    if (wrong >= 0) return `different picture ${wrong}: ${text(watched.frames[wrong])}, alone ${text(expected[wrong])}`;
    const shown = [...new Set(watched.frames.map(({ kind }) => kind))].join(' and ') || 'none';
    const all = watched.frames.length === expected.length;
    return all || shown === 'none' ? shown : `${shown}, ${watched.frames.length} of ${expected.length}`;
  });

/** @type {OnePass} */
const state = (subject, row) =>
  withEnv(subject.runtime, row, async (env) => {
    const play = new Play(env, row);
    await play.reset(9);
    await play.steps(5);
    const then = await value(env.getState());
    const place = play.place();
    await play.steps(10);
    const alone = await reference(subject, row, [['reset', 9], ['steps', 15]]); // prettier-ignore
    const before = compared(play, alone);
    if (before !== 'equal') return `before it: ${before}`;
    await value(env.setState(then));
    play.goBack(place);
    await play.steps(10);
    const again = compared(play, alone);
    if (again !== 'equal') return again;
    return withEnv(subject.runtime, row, async (second) => {
      await new Play(second, row).reset(1);
      await value(second.setState(then));
      const moved = new Play(second, row);
      moved.goBack(place);
      await moved.steps(10);
      const there = compared(moved, alone);
      return there === 'equal' ? there : `in a second env: ${there}`;
    });
  });

/** @type {OnePass} */
const rollout = (subject, row, steps) =>
  withEnv(subject.runtime, row, async (env) => {
    if (row.kind !== 'single') return rolledOutTogether(subject, row, env);
    await new Play(env, row).reset(11);
    const alone = await reference(subject, row, [['reset', 11], ['steps', steps]]); // prettier-ignore
    // beside the env that is rolled out it would draw from the same generator
    const actions = await withEnv(subject.other, row, async (stepped) => {
      const play = new Play(stepped, row);
      await play.reset(11);
      await play.steps(steps);
      return play.actions;
    });
    const chunks = await value(env.rollout({ actions }).pipe(toArray()));
    const got = chunks.flatMap((/** @type {Facts} */ chunk) => rowsOf(chunk));
    const expected = alone.records
      .filter(([what]) => what !== 'reset')
      .map(([what, seen, reward, over, late]) => (what === 'step' ? [flat(seen), flat(reward), over, late] : [what]));
    const wrong = expected.findIndex((each, i) => text(each) !== text(got[i]));
    return wrong < 0 ? 'equal' : `different at ${wrong}: ${text(got[wrong])}, alone ${text(expected[wrong])}`;
  });

/**
 * The rewards of the same steps in a rollout, by agent.
 * @param {Subject} subject @param {Row} row @param {AnyEnv} env
 */
const rolledOutTogether = ({ runtime }, row, env) =>
  withEnv(runtime, row, async (stepped) => {
    const play = new Play(stepped, row);
    await play.reset(11);
    await play.steps(20);
    if (play.error) throw play.error;
    await new Play(env, row).reset(11);
    /** @type {Map<any, number>[]} */
    const got = [];
    for (const chunk of await value(env.rollout({ actions: play.actions }).pipe(toArray()))) {
      for (const [agent, { rows, rewards }] of chunk.agents) {
        for (const [i, at] of [...rows.data].entries()) {
          // one that is only just there has 0 in the columns, and no reward in a step
          if (rewards.data[i]) (got[chunk.from + at] ??= new Map()).set(agent, rewards.data[i]);
        }
      }
    }
    const rewardAt = row.kind === 'turns' ? 3 : 2;
    const expected = play.records.filter(([what]) => what === 'step').map((record) => record[rewardAt]);
    const rewarded = expected.map((each) => new Map([...each].filter(([, reward]) => reward)));
    const wrong = rewarded.findIndex((each, i) => text(each) !== text(got[i] ?? new Map()));
    return wrong < 0 ? 'equal' : `different at ${wrong}: ${text(got[wrong])}, stepped ${text(rewarded[wrong])}`;
  });

/** @type {readonly (readonly [Pass, OnePass])[]} */
const onePasses = [
  ['setUp', setUp],
  ['steps', played],
  ['frames', frames],
  ['state', state],
  ['rollout', rollout],
];

/**
 * The interpreter dies three times, and all that lives in it is brought back.
 * @param {Subject} subject @param {readonly Row[]} rows @param {number} steps
 */
async function deaths(subject, rows, steps) {
  const share = Math.ceil(steps / 4);
  const plays = rows.map((row) => {
    const env = subject.runtime.env({ ...row.spec, recovery: { every: 3, ms: Infinity, share: 1, stall: Infinity } });
    return { row, play: new Play(env, row), watched: row.shows ? watch(env, subject) : undefined };
  });
  /** @type {string[]} */
  const lost = [];
  const incidents = subject.runtime.incidents$
    .pipe(filter(({ type }) => type === 'unrecoverable'))
    .subscribe((incident) => lost.push(told(/** @type {Facts} */ (incident)['error'])));
  for (const { play } of plays) await play.reset(10);
  for (let death = 0; death < 4; death++) {
    if (death) await value(subject.runtime.run('import os; os._exit(1)')).catch(() => undefined);
    for (const { play } of plays) await play.steps(share);
  }
  /** @type {[string, string][]} */
  const verdicts = [];
  for (const { row, play, watched } of plays) {
    watched?.unsubscribe();
    const plan = [['reset', 10], ['steps', 4 * share]]; // prettier-ignore
    verdicts.push([
      row.name,
      await reference(subject, row, plan, row.shows).then((alone) => compared(play, alone), told),
    ]);
    await value(play.env.close()).catch(() => undefined);
  }
  incidents.unsubscribe();
  const why = lost.length && rows.length === 1 ? ` (${lost.join('; ')})` : '';
  return new Map(verdicts.map(([name, verdict]) => [name, verdict === 'equal' ? verdict : verdict + why]));
}

/**
 * @template T
 * @param {PythonRuntime} runtime @param {Row} row @param {(env: AnyEnv) => Promise<T>} use
 */
async function withEnv(runtime, row, use) {
  const env = /** @type {AnyEnv} */ (runtime.env(row.spec));
  try {
    return await use(env);
  } finally {
    await value(env.close()).catch(() => undefined);
  }
}

/** @param {AnyEnv} env @param {Subject} subject */
function watch(env, { releaseFrame }) {
  /** @type {Facts[]} */
  const frames = [];
  /** @type {Set<string>} */
  const problems = new Set();
  const watching = env.frames$.subscribe((frame) => {
    frames.push(frame.kind === 'pixels' ? { ...frame, data: [...frame.data] } : { ...frame });
    releaseFrame(frame);
  });
  const problems$ = /** @type {Facts} */ (env)['problems$'];
  const listening = problems$?.subscribe((/** @type {Facts} */ problem) => problems.add(problem['kind']));
  return {
    frames,
    get problems() {
      return problems$ && [...problems].sort();
    },
    unsubscribe() {
      watching.unsubscribe();
      listening?.unsubscribe();
    },
  };
}

/** Plays an env, and keeps what there was in the form in which alone.py keeps it. */
class Play {
  /** @type {any[][]} */
  records = [];
  /** @type {any[]} */
  actions = [];
  /** @type {any} */
  first;
  #taken = 0;
  #isOver = false;
  /** @type {any} */
  #seen;
  /** @type {any} */
  #error;

  /** @param {AnyEnv} env @param {Row} row */
  constructor(env, row) {
    this.env = env;
    this.row = row;
  }

  place() {
    return { records: [...this.records], taken: this.#taken, isOver: this.#isOver, seen: this.#seen };
  }

  /** @param {ReturnType<Play['place']>} place */
  goBack({ records, taken, isOver, seen }) {
    this.records = [...records];
    [this.#taken, this.#isOver, this.#seen] = [taken, isOver, seen];
  }

  /** What ended a command for another reason than that Python raised. */
  get error() {
    return this.#error;
  }

  /** @param {number} [seed] */
  async reset(seed) {
    try {
      this.#seen = await value(this.env.reset(seed === undefined || this.row.withoutSeed ? {} : { seed }));
    } catch (error) {
      return this.#raised(error);
    }
    const { agent, observation, info } = this.#seen;
    this.#isOver = false;
    this.#seen.acting = observation instanceof Map ? [...observation.keys()] : [];
    this.records.push(['reset', ...(this.row.kind === 'turns' ? [agent] : []), observation, orNothing(info)]);
  }

  /** @param {number} count */
  async steps(count) {
    for (let i = 0; i < count && !this.#error; i++) {
      if (this.#isOver) await this.reset();
      this.#taken++;
      const action = this.#action();
      this.actions.push(action);
      try {
        this.#seen = await value(this.env.step(action));
        this.first ??= this.#seen;
        this.#record();
      } catch (error) {
        this.#raised(error);
      }
    }
  }

  /** @param {any} error */
  #raised(error) {
    if (error.name !== 'PythonError') this.#error = error;
    this.records.push(['raised', error.type ?? error.name, error.message]);
  }

  #record() {
    const { agent, observation, reward, terminated, truncated, done, info } = this.#seen;
    const total = this.row.kind === 'vector' ? null : this.#seen.return;
    const live = (/** @type {any} */ id) => !get(terminated, id) && !get(truncated, id);
    this.#isOver = done;
    this.#seen.acting = observation instanceof Map ? [...observation.keys()].filter(live) : [];
    const [given, over, late, sum] = [reward, terminated, truncated, total].map(listed);
    const parts = [observation, given, over, late, sum, done, orNothing(info)];
    this.records.push(['step', ...(this.row.kind === 'turns' ? [agent] : []), ...parts]);
  }

  #action() {
    const { kind, actions, size } = this.row;
    const { observation, info, acting } = this.#seen ?? {};
    const at = this.#taken;
    if (kind === 'parallel') {
      return new Map(
        acting.map((/** @type {any} */ agent, /** @type {number} */ i) => [
          agent,
          choose(actions, at, i, maskOf(get(observation, agent)) ?? maskOf(get(info, agent))),
        ]),
      );
    }
    if (size !== undefined) return Array.from({ length: size }, (_, i) => choose(actions, at, i));
    return choose(actions, at, 0, maskOf(observation) ?? maskOf(info));
  }
}

/**
 * What plain Python does.
 * @param {Subject} subject @param {Row} row @param {readonly any[]} plan
 * @returns {Promise<{ records: any[][], frames: any[] }>}
 */
async function reference({ other }, { spec, kind, actions, tuples = false }, plan, renders = false) {
  const { source, make, numEnvs, entryPoint, kwargs } = /** @type {Facts} */ (spec);
  const given = { source, make, numEnvs, entryPoint, kwargs };
  const plain = Object.fromEntries(Object.entries(given).filter(([, each]) => each !== undefined));
  const globals = {
    alone_spec: plain,
    alone_kind: kind,
    alone_actions: actions,
    alone_tuples: tuples,
    alone_plan: plan,
    alone_renders: renders,
  };
  const call = 'play_alone(alone_spec, alone_kind, alone_actions, alone_tuples, alone_plan, alone_renders)';
  const [records, frames] = await value(other.run(call, { globals }));
  return { records, frames };
}

/** @param {Play} play @param {{ records: any[][] }} alone */
function compared({ records, error, row: { withoutInfo } }, alone) {
  const strip = (/** @type {any[]} */ record) => {
    if (record[0] === 'raised') return record.slice(0, 2);
    return withoutInfo ? record.slice(0, -1) : record;
  };
  const expected = alone.records.map(strip);
  const wrong = records.findIndex((record, i) => text(strip(record)) !== text(expected[i]));
  if (error && wrong >= 0) return told(error);
  const [what, type, message] = records[wrong] ?? [];
  if (what === 'raised') return told({ name: type, message });
  if (wrong >= 0) return `different at ${wrong}: ${text(records[wrong])}, alone ${text(expected[wrong])}`;
  return records.length === expected.length ? 'equal' : `different: ${records.length} of ${expected.length} records`;
}

/** Which action comes at this step, by a rule that alone.py has, too. */
function choose(
  /** @type {readonly any[]} */ actions,
  /** @type {number} */ step,
  /** @type {number} */ index,
  /** @type {readonly any[] | undefined} */ mask = undefined,
) {
  const start = step * 7 + index * 3;
  if (!mask) return actions[start % actions.length];
  for (let i = start; i < start + mask.length; i++) if (mask[i % mask.length]) return i % mask.length;
  return 0;
}

/** @param {any} thing @param {any} key */
const get = (thing, key) => (thing instanceof Map ? thing.get(key) : thing?.[key]);

/** @param {any} thing @returns {any[] | undefined} */
function maskOf(thing) {
  const mask = get(thing, 'action_mask');
  return mask?.data ? [...mask.data] : mask;
}

/** None for no infos is the same as none. */
const orNothing = (/** @type {any} */ info) => info ?? {};

/** An array as a list; flags as such. */
const listed = (/** @type {any} */ given) =>
  given?.data && given.dtype
    ? [...given.data].map((each) => (given.dtype === 'bool' ? Boolean(each) : Number(each)))
    : given;

/** All numbers of a value, in their order. @param {any} given @returns {any} */
function flat(given) {
  if (given?.data && given.dtype) return [...given.data].map(Number);
  if (Array.isArray(given)) return given.flatMap(flat);
  if (given instanceof Map) return [...given.values()].flatMap(flat);
  if (typeof given === 'bigint') return [Number(given)];
  if (typeof given?.__repr__ === 'string') return [text(given)];
  return given !== null && typeof given === 'object' ? Object.values(given).flatMap(flat) : [given];
}

/** A rollout's chunk as rows. @param {Facts} chunk */
function rowsOf({ count, observations, rewards, terminations, truncations }) {
  const part = (/** @type {any} */ column, /** @type {number} */ i) =>
    column.data
      ? [...column.data.slice((i * column.data.length) / count, ((i + 1) * column.data.length) / count)]
      : column[i];
  return Array.from({ length: count }, (_, i) => [
    flat(part(observations, i)),
    flat(part(rewards, i)),
    Boolean(terminations.data[i]),
    Boolean(truncations.data[i]),
  ]);
}

/** What render() returned, as the frame that it has to be; undefined where alone.py cannot tell. @param {any} seen */
function framed(seen) {
  if (typeof seen === 'string') return { kind: 'text', text: seen };
  if (Array.isArray(seen) && seen.length && seen.every((each) => each?.object_type)) {
    return { kind: 'objects', objects: seen, delta: false, removed: [] };
  }
  if (seen?.dtype !== 'uint8' || seen.shape.length !== 3 || seen.shape[2] !== 3) return undefined;
  const [height, width] = seen.shape;
  const data = Array.from({ length: height * width * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : seen.data[(i >> 2) * 3 + (i % 4)],
  );
  return { kind: 'pixels', width, height, channels: 4, data };
}

/** A value as text that is the same for equal values. @param {any} given @returns {string} */
function text(given) {
  if (typeof given === 'bigint') return `${given}`;
  if (typeof given === 'number') return Object.is(given, -0) ? '0' : `${given}`;
  if (given === null || given === undefined || typeof given !== 'object') return JSON.stringify(given ?? null);
  if (given.data && given.dtype) return `${given.dtype}${text(given.shape)}[${[...given.data].join()}]`;
  if (Array.isArray(given)) return `[${given.map(text).join()}]`;
  if (typeof given.__repr__ === 'string') return given.__repr__.replace(/0x[0-9a-f]+/g, '0x');
  const entries = given instanceof Map ? [...given] : Object.entries(given);
  return `{${entries.map(([key, each]) => `${text(key)}:${text(each)}`).sort().join()}}`; // prettier-ignore
}
