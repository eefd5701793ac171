import type { FromWorker, Run, ToWorker } from '../../src/onnx/messages.js';
import { load, LoadFailure, type Model } from './load.js';

/** Answers the page. The page waits for `loaded` before it asks anything. */
export function serveModel(post: (message: FromWorker) => void): (message: ToWorker) => Promise<void> {
  let model: Model | undefined;
  // one at a time: a session must not be run again before it has answered
  let last = Promise.resolve();

  async function run({ id, inputs, outputs }: Run): Promise<void> {
    try {
      if (!model) throw new Error('no model is loaded');
      post({ type: 'ran', id, outputs: await model.run(inputs, outputs) });
    } catch (error) {
      post({ type: 'run-failed', id, problem: problemOf(error) });
    }
  }

  return async (message) => {
    if (message.type === 'run') return (last = last.then(() => run(message)));
    try {
      model = await load(message, post);
      post({ type: 'loaded', signature: model.signature });
    } catch (error) {
      const { reason, url, status } = error instanceof LoadFailure ? error : unknown(message.url);
      post({ type: 'load-failed', reason, url, status, problem: problemOf(error) });
    }
  };
}

const unknown = (url: string) => ({ reason: 'runtime', url, status: null }) as const;

const problemOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
