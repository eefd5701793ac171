import type { AnyStep } from '../env/step.js';
import type { InRound, Round } from '../loop/round.js';
import type { Checkpoints } from './checkpoints.js';
import { stepDigest } from '../env/digest.js';
import type { GameLog } from './game-log.js';
import type { StatesOfPolicies } from './policy-states.js';

/** Makes operations of a game's events. */
export class GameWriter<S extends AnyStep> {
  #at: { readonly round: number; readonly episode: number } | undefined;
  /** Where the env is, within the round: an autoreset begins another episode. */
  #episode = 0;
  #index = 0;

  constructor(
    private readonly log: GameLog,
    private readonly states: StatesOfPolicies,
    private readonly checkpoints: Checkpoints<S>,
  ) {}

  /** The log has the round's reset. */
  goOn(round: number, episode: number, index: number): void {
    this.#at = { round, episode };
    this.#episode = episode;
    this.#index = index;
  }

  write(event: Round<S>): void {
    if (event.type === 'finished') this.log.forget();
    if (!('round' in event)) return;
    this.#writeBegin(event);
    if (event.type === 'playing' && event.step) this.#writeStep(event.step, event.timeLeft);
    if (event.type === 'over') {
      this.log.onOver(event);
      this.checkpoints.onLogged(this.#episode, this.#index, true);
    }
  }

  #writeBegin({ round, episode, seed }: InRound): void {
    if (this.#at?.round === round && this.#at.episode === episode) return;
    this.goOn(round, episode, 0);
    this.log.onRound(round, seed);
    this.checkpoints.onLogged(episode, 0, true);
  }

  #writeStep(step: S, timeLeft: number | null): void {
    const { episode, index, action } = step;
    // a step of index 0 is a reset
    if (episode !== this.#episode || index === 0) this.log.onReset();
    this.#episode = episode;
    this.#index = index;
    if (index > 0) {
      this.log.onStep({ type: 'step', action, digest: stepDigest(step), timeLeft }, this.states.take());
    }
    this.checkpoints.onLogged(episode, index, false);
  }
}
