import type { Observable } from 'rxjs';
import type { AnyStep, PaintableCanvas, Round, Scoreboard } from '../index.js';

/**
 * What the participant sees of a trial. A view of your own is an object of this shape, made by the parameter `view`; all that
 * it puts into the trial's element is removed at the trial's end.
 */
export interface RoundsView {
  /** Where the env's frames are painted; null to paint none. */
  readonly canvas: PaintableCanvas | null;
  /** Its first value after `waiting` begins a round: a click on a start button. */
  readonly start$: Observable<unknown>;
  /** Puts on the page where the game stands. Called with each event of {@link rounds}. */
  show(event: Round<AnyStep>): void;
  /** Puts the score on the page. */
  score?(board: Scoreboard): void;
  /** All rounds are over, and their records are being stored. */
  saving?(): void;
  /** The trial cannot go on, and will not: its error also rejects `jsPsych.run`. */
  broken?(error: unknown): void;
}
