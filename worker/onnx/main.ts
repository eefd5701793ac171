import type { Connect, ToWorker } from '../../src/onnx/messages.js';
import { serveModel } from './serve-model.js';

addEventListener(
  'message',
  ({ data }: MessageEvent<Connect>) => {
    const answer = serveModel((message) => data.port.postMessage(message));
    data.port.onmessage = (event: MessageEvent<ToWorker>) => void answer(event.data);
  },
  { once: true },
);
