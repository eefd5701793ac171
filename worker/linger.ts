import type { Mailbox } from '../src/protocol/mailbox.js';

/** How long is looked for the next command, how soon after an answer one counts as brisk, and how long at a stretch; ms. */
const [patience, brisk, stretch] = [0.15, 0.3, 8];

export interface Linger {
  /** A command came by message. */
  came(): void;
  /**
   * After an answer: takes commands out of the mailbox as long as one comes at the heels of the other, but not for so long
   * that timers and messages would be kept waiting.
   */
  forMore(take: (text: string) => boolean): void;
}

/**
 * Only where the page steps as fast as it can is it worth it to look: not for a game at its frame rate, nor where the looking
 * has been in vain; there it is tried again ever more seldom.
 */
export function linger(mailbox: Pick<Mailbox, 'look'>): Linger {
  let answeredAt = -Infinity;
  let isBrisk = false;
  let inVain = 0;
  let skip = 0;
  return {
    came() {
      isBrisk = performance.now() - answeredAt < brisk;
    },
    forMore(take) {
      const begun = performance.now();
      answeredAt = begun;
      if (!isBrisk || skip-- > 0) return;
      while (answeredAt - begun < stretch) {
        const text = mailbox.look(patience);
        if (text === undefined) {
          inVain = Math.min(2 * inVain + 1, 31);
          skip = inVain;
          break;
        }
        inVain = 0;
        if (text === null || !take(text)) return;
        answeredAt = performance.now();
      }
    },
  };
}
