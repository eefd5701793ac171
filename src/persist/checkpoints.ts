import { Subscription } from 'rxjs';
import type { AnyStep, Reset } from '../env/step.js';
import { StateError } from '../errors.js';
import { messageOf } from '../records/database.js';
import type { GameLog } from './game-log.js';
import type { Persistable } from './persistable.js';

/** The part of the time that checkpoints may take. */
const share = 0.02;

/** Takes checkpoints of a game: at each reset and each round's end, and every so many operations. */
export class Checkpoints<S extends AnyStep> {
  readonly #taking = new Subscription();
  #isTaking = false;
  #hasState = true;
  #isTold = false;
  #notBefore = 0;

  constructor(
    private readonly env: Persistable<S>,
    private readonly log: GameLog,
    private readonly every: number,
  ) {}

  /** The env has answered with this, and the log has it. */
  onLogged(episode: number, index: number, isTurn: boolean): void {
    const { env, log, every } = this;
    if (isTurn) this.#hasState = true; // an env may have none in the middle of an episode only
    const isDue = isTurn || !log.isReplayable || log.sinceCheckpoint >= every;
    const mayBe = performance.now() >= this.#notBefore || !log.isReplayable;
    if (this.#isTaking || !this.#hasState || !isDue || !mayBe) return;
    const said = env.latest;
    if (!isAt(said, episode, index)) return; // it is ahead of the page
    this.#isTaking = true;
    const at = log.next;
    const begun = performance.now();
    const ended = () => {
      this.#isTaking = false;
      const now = performance.now();
      this.#notBefore = now + (now - begun) / share;
    };
    const taking = env.getState().subscribe({
      next: (state) => {
        if (isAt(state.latest as typeof said, episode, index)) log.onCheckpoint(state, at);
      },
      error: (error: unknown) => {
        ended();
        if (error instanceof StateError) this.#onNoState(error);
      },
      complete: ended,
    });
    this.#taking.add(taking);
  }

  stop(): void {
    this.#taking.unsubscribe();
  }

  #onNoState(error: StateError): void {
    this.#hasState = false;
    if (this.log.isReplayable || this.#isTold) return;
    this.#isTold = true;
    const why = `the env has no state (${messageOf(error)}), and its round no seed`;
    this.log.tell('state', `${why}. A reload begins the round anew; give the rounds a seed.`, error);
  }
}

const isAt = (said: Reset | AnyStep | null, episode: number, index: number): boolean =>
  said?.episode === episode && ('index' in said ? said.index : 0) === index;
