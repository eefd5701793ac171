import type { MailboxWatch } from '../src/protocol/mailbox.js';

// All in ms. How long one look for the next command takes at most: a page that steps as fast as it can sends it sooner.
const patience = 0.15;
// How soon after an answer the next command must come to count as brisk.
const brisk = 0.3;
// How long the worker spins at a stretch: timers and messages wait meanwhile.
const stretch = 8;

export interface SpinWait {
  /** A command came by message. */
  messageArrived(): void;
  /** After an answer: takes commands from the mailbox as long as they come one right after the other. */
  takeMore(take: (text: string) => boolean): void;
}

/**
 * Waits for the next command in a loop, since waking a thread by a message takes longer than a step. It does so only where
 * the page steps as fast as it can, not at the rate of a game's frames; and after waiting in vain it waits ever more seldom.
 */
export function spinWait(mailbox: Pick<MailboxWatch, 'look'>): SpinWait {
  let answeredAt = -Infinity;
  let isBrisk = false;
  let inVain = 0;
  let skip = 0;
  return {
    messageArrived() {
      isBrisk = performance.now() - answeredAt < brisk;
    },
    takeMore(take) {
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
