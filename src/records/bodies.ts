import type { AnyStep } from '../env/step.js';
import { episodeEnd, type InRound, type Round } from '../loop/round.js';
import { stepDigest } from '../env/digest.js';
import { envMade, resetMade, type RecordableEnv } from './env-made.js';
import type { RecordBody, RecordPlace, RoundBegun, RoundOver, Stepped } from './study-record.js';

/** A step, as far as a record reads it. */
export interface RecordableStep {
  readonly index: number;
  readonly episode: number;
  readonly done: boolean;
  readonly action: unknown;
  readonly observation: unknown;
  readonly reward: unknown;
  readonly terminated: unknown;
  readonly truncated: unknown;
  readonly info: unknown;
  readonly return: unknown;
}

/** What {@link record} takes: the events of `rounds`, or the steps of `stepWith`, `episodes` and `env.steps$`. */
export type Recordable = RecordableStep | { readonly type: Round['type'] };

export interface Chosen {
  /** Their names; true for all. */
  readonly infos: readonly string[] | true;
  readonly observations: boolean;
  readonly env?: RecordableEnv | undefined;
}

/** Makes the bodies of the records of one game out of its events, none for what is not recorded. */
export class Bodies {
  readonly #chosen: Chosen;
  #begun: RecordPlace | undefined;
  #step: RecordableStep | undefined;
  #place: RecordPlace | undefined;
  #isPainted = true;
  #setUp: string | null | undefined;
  #seed: number | null = null;

  constructor(chosen: Chosen) {
    this.#chosen = chosen;
  }

  /** Of an event of the game. */
  of(event: Recordable): readonly RecordBody[] {
    if ('type' in event) return [...this.#ofRound(event as Round<AnyStep>)];
    return [...this.#ofBareStep(event)];
  }

  /** Of a frame that was painted: it shows the latest step, since the painter skips older frames. */
  ofPainted(): readonly RecordBody[] {
    if (this.#isPainted || !this.#step || !this.#place) return [];
    this.#isPainted = true;
    return [{ type: 'painted', ...this.#place, index: this.#step.index }];
  }

  *#ofRound(event: Round<AnyStep>): Generator<RecordBody> {
    if ('round' in event) yield* this.#beginning(event);
    switch (event.type) {
      case 'playing':
        if (event.step) yield* this.#stepped(event.step, placeOf(event), event.seed);
        else yield { type: 'play', ...placeOf(event) };
        break;
      case 'paused':
        yield { type: 'paused', ...placeOf(event) };
        break;
      case 'over': {
        const { end, steps, seed } = event;
        yield { type: 'over', ...placeOf(event), seed, end, steps, return: event.return };
        break;
      }
      case 'finished':
        yield { type: 'finished', rounds: event.results.length };
        break;
      case 'failed':
        yield { type: 'failed', error: `${event.error.name}: ${event.error.message}` };
        break;
      case 'loading':
      case 'resumed':
      case 'waiting':
      case 'countdown':
    }
  }

  /** Once a round's episode, at whichever event comes first. */
  *#beginning(event: InRound & { readonly step?: object | null }): Generator<RecordBody> {
    const place = placeOf(event);
    if (this.#begun?.round === place.round && this.#begun.episode === place.episode) return;
    const { rounds, seed, begun, step } = event;
    const isReset = begun && !('index' in begun); // a round that goes on tells its latest step
    const seen = isReset && this.#chosen.observations ? { observation: begun.observation } : {};
    yield* this.#begin(place, { rounds, seed }, !!step, seen);
  }

  *#ofBareStep(step: RecordableStep): Generator<RecordBody> {
    const place = { round: null, episode: step.episode };
    if (this.#begun?.episode !== place.episode)
      yield* this.#begin(place, { rounds: null, seed: null }, step.index === 1);
    if (step === this.#step) return;
    yield* this.#stepped(step, place, this.#seed);
    if (step.done) yield overAt(step, place, this.#seed);
  }

  /** `byStep`: that its first step is what begins it, hence may have reset the env. */
  *#begin(
    place: RecordPlace,
    { rounds, seed }: Pick<RoundBegun, 'rounds' | 'seed'>,
    byStep: boolean,
    seen: { readonly observation?: unknown } = {},
  ): Generator<RecordBody> {
    this.#begun = place;
    const provenance = this.#chosen.env?.provenance;
    const setUp = provenance && `${provenance.episodes} ${provenance.entropy}`;
    if (provenance && setUp !== this.#setUp) {
      this.#setUp = setUp;
      yield envMade(provenance);
    }
    const begun = provenance?.begun;
    const isIts = begun?.reset.episode === place.episode;
    this.#seed = isIts ? (begun.seed ?? null) : seed;
    const known = {
      ...(isIts && this.#chosen.observations && { observation: begun.reset.observation }),
      ...(isIts && { reset: resetMade(begun) }),
      ...(provenance && begun === undefined && byStep && { reset: null }),
    };
    yield { type: 'round', ...place, rounds, seed: this.#seed, ...seen, ...known };
  }

  *#stepped(step: RecordableStep, place: RecordPlace, seed: number | null): Generator<Stepped> {
    if (step === this.#step) return; // told again, not taken again
    this.#step = step;
    this.#place = place;
    this.#isPainted = false;
    const { infos } = this.#chosen;
    const { index, action, reward, terminated, truncated } = step;
    const body: Stepped = { type: 'step', ...place, seed, index, action, reward, terminated, truncated };
    const more = {
      ...('agent' in step && { agent: step.agent as string }),
      ...('origin' in step && { origin: step.origin as NonNullable<Stepped['origin']> }),
      ...('startedAt' in step && { startedAt: step.startedAt as number }),
      ...(infos === true && { info: copyOf(step.info) }),
      ...(infos !== true && infos.length > 0 && { info: copyOf(chosenOf(step.info, infos)) }),
      ...(this.#chosen.observations && { observation: copyOf(step.observation) }),
      ...(this.#chosen.env && { digest: stepDigest(step) }),
    };
    yield { ...body, ...more };
  }
}

/** As it is now: the page may change its own before it is stored. What is no data stays, and is told when it is stored. */
function copyOf(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
}

const placeOf = ({ round, episode }: InRound): RecordPlace => ({ round, episode });

function overAt(step: RecordableStep, place: RecordPlace, seed: number | null): RoundOver {
  const { terminated, index: steps } = step;
  return { type: 'over', ...place, seed, end: episodeEnd(terminated), steps, return: step.return };
}

/** The named ones, by agent where the info is. */
export function chosenOf(info: unknown, names: readonly string[]): unknown {
  if (info instanceof Map)
    return new Map(Array.from(info, ([agent, each]) => [agent as unknown, chosenOf(each, names)]));
  const all = (info ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(names.filter((name) => Object.hasOwn(all, name)).map((name) => [name, all[name]]));
}
