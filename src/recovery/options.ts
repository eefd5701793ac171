/** How an env is recovered after its interpreter died. */
export interface RecoveryOptions {
  /** Operations between two checkpoints; a whole number from 1. Default 250. */
  readonly every?: number;
  /** The longest time in ms between two checkpoints of an env that is stepped; above 0. Default 2,000. */
  readonly ms?: number;
  /** The part of the time that checkpoints may take: the interval stretches until they do. Default 0.02. */
  readonly share?: number;
  /**
   * The longest time in ms for which a checkpoint may hold up an env that is stepped. Default 8. One that takes longer
   * is given up and tried again when nothing is sent for a while, or when the log is half full.
   */
  readonly stall?: number;
  /**
   * How many operations the log holds; a whole number from 1. Default 20,000. Only an env whose state can be neither
   * captured nor asked for, and so has no checkpoints, comes near. Beyond, it cannot be recovered, only set up afresh.
   */
  readonly log?: number;
}

export const recoveryDefaults: Required<RecoveryOptions> = {
  every: 250,
  ms: 2000,
  share: 0.02,
  stall: 8,
  log: 20_000,
};
