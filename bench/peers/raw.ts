import { methods } from './methods.js';

const served = methods();

addEventListener('message', ({ data: [method, argument] }: MessageEvent<[keyof typeof served, never]>) => {
  const answer = served[method](argument);
  if (answer instanceof Promise) void answer.then(({ value }) => postMessage(value));
  else postMessage(answer.value, { transfer: answer.transfer });
});
