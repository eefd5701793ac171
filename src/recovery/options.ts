/** How an env is recovered after its interpreter died. */
export interface RecoveryOptions {
  /** Operations between two checkpoints; a whole number from 1. Default 250. */
  readonly every?: number;
  /** The longest time in ms between two checkpoints of an env that is stepped; above 0. Default 2,000. */
  readonly ms?: number;
  /**
   * How many operations the log holds; a whole number from 1. Default 20,000. Only an env whose state can be neither
   * asked for nor pickled, and so has no checkpoints, comes near. Beyond, it cannot be recovered, only set up afresh.
   */
  readonly log?: number;
}

export const recoveryDefaults: Required<RecoveryOptions> = { every: 250, ms: 2000, log: 20_000 };
