import { ReplyWait } from '../src/protocol/reply.js';

export interface AskPage {
  /** Puts a question to the page, and waits for the reply: `a` and the answer, or `p` and why there is none. */
  readonly ask: (prompt: string) => string;
  /** From now on these are the next answers, and the page is not asked; null: it is asked again. */
  readonly answerWith: (answers: readonly string[] | null) => void;
}

/** How long Python waits at a stretch, in ms. An interrupt ends the wait at once. */
const stretch = 250;

export function askPage(
  memory: SharedArrayBuffer | null,
  ask: (prompt: string) => void,
  /** Throws where Python is to be interrupted. */
  checkInterrupt: () => void,
): AskPage {
  const box = memory && new ReplyWait(memory);
  let given: string[] | null = null;

  function fromPage(prompt: string): string {
    if (!box) return `p${notIsolated}`;
    box.open();
    ask(prompt);
    try {
      for (;;) {
        const reply = box.wait(stretch);
        if (reply) return 'text' in reply ? `a${reply.text}` : `p${reply.problem}`;
        checkInterrupt();
      }
    } finally {
      box.close();
    }
  }

  return {
    ask(prompt) {
      if (!given) return fromPage(prompt);
      const text = given.shift();
      return text === undefined ? 'pa replay has no more answers than were given before' : `a${text}`;
    },
    answerWith(answers) {
      given = answers && [...(given ?? []), ...answers];
    },
  };
}

const notIsolated =
  'nobody can answer it here: Python can wait for an answer only where the page is cross-origin isolated ' +
  '(COOP and COEP), and has `input` in the spec of the env or the options of the runtime';
