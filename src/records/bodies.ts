import type { AnyStep } from '../env/step.js';
import type { InRound, Round } from '../loop/round.js';
import type { RecordBody, RecordPlace, RoundOver, Stepped } from './study-record.js';

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
  readonly infos: readonly string[];
  readonly observations: boolean;
}

/** Makes the bodies of the records of one game out of its events, none for what is not recorded. */
export class Bodies {
  readonly #chosen: Chosen;
  #begun: RecordPlace | undefined;
  #step: RecordableStep | undefined;
  #place: RecordPlace | undefined;
  #isPainted = true;

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
  *#beginning(event: InRound & { readonly reset?: { readonly observation: unknown } }): Generator<RecordBody> {
    const place = placeOf(event);
    if (this.#begun?.round === place.round && this.#begun.episode === place.episode) return;
    this.#begun = place;
    const { rounds, seed, reset } = event;
    const seen = reset && this.#chosen.observations ? { observation: reset.observation } : {};
    yield { type: 'round', ...place, rounds, seed, ...seen };
  }

  *#ofBareStep(step: RecordableStep): Generator<RecordBody> {
    const place = { round: null, episode: step.episode };
    if (this.#begun?.episode !== place.episode) {
      this.#begun = place;
      yield { type: 'round', ...place, rounds: null, seed: null };
    }
    if (step === this.#step) return;
    yield* this.#stepped(step, place, null);
    if (step.done) yield overAt(step, place);
  }

  *#stepped(step: RecordableStep, place: RecordPlace, seed: number | null): Generator<Stepped> {
    if (step === this.#step) return; // told again, not taken again
    this.#step = step;
    this.#place = place;
    this.#isPainted = false;
    const { index, action, reward, terminated, truncated } = step;
    const body: Stepped = { type: 'step', ...place, seed, index, action, reward, terminated, truncated };
    const more = {
      ...('agent' in step && { agent: step.agent as string }),
      ...('origin' in step && { origin: step.origin as NonNullable<Stepped['origin']> }),
      ...(this.#chosen.infos.length > 0 && { info: chosenOf(step.info, this.#chosen.infos) }),
      ...(this.#chosen.observations && { observation: step.observation }),
    };
    yield { ...body, ...more };
  }
}

const placeOf = ({ round, episode }: InRound): RecordPlace => ({ round, episode });

function overAt(step: RecordableStep, place: RecordPlace): RoundOver {
  const { terminated, index: steps } = step;
  const flags = terminated instanceof Map ? [...terminated.values()] : [terminated];
  const end = flags.includes(true) ? 'terminated' : 'truncated';
  return { type: 'over', ...place, seed: null, end, steps, return: step.return };
}

/** The named ones, by agent where the info is. */
function chosenOf(info: unknown, names: readonly string[]): unknown {
  if (info instanceof Map)
    return new Map(Array.from(info, ([agent, each]) => [agent as unknown, chosenOf(each, names)]));
  const all = (info ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(names.filter((name) => Object.hasOwn(all, name)).map((name) => [name, all[name]]));
}
