import type { Page } from 'puppeteer';
import { useSite } from './site';

// Python may know the form of an answer, but has to guess its id.
const forge = `
globalThis.forgeAll = (post) => {
  for (let id = 1; id < 200; id++) post({ type: 'answer', id, value: { json: '"forged"', buffers: [] } });
};
`;

const attempts: readonly (readonly [string, string])[] = [
  ['posts answers to the page', 'forgeAll((message) => postMessage(message))'],
  [
    'replaces postMessage of ports',
    `const { postMessage } = MessagePort.prototype;
     MessagePort.prototype.postMessage = function () { forgeAll((message) => postMessage.call(this, message)); }`,
  ],
  [
    'replaces onmessage of ports',
    `Object.defineProperty(MessagePort.prototype, 'onmessage', {
       set(listener) { forgeAll((message) => this.postMessage(message)); },
     });`,
  ],
  [
    'listens to whatever the worker hears',
    `addEventListener('message', ({ target, ports }) => {
       for (const port of [target, ...ports]) forgeAll((message) => port.postMessage(message));
     });`,
  ],
  [
    'connects a port of its own',
    `const { port1, port2 } = new MessageChannel();
     const hello = (port) => ({ type: 'connect', version: 1, port, interrupt: null });
     dispatchEvent(new MessageEvent('message', { data: hello(port1) }));
     postMessage(hello(port2), [port2]);
     forgeAll((message) => port1.postMessage(message));`,
  ],
  [
    'reads the port off the messages that come on it',
    `const { get } = Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data');
     Object.defineProperty(MessageEvent.prototype, 'data', {
       get() {
         const message = get.call(this);
         this.target.postMessage({ type: 'answer', id: message.id, value: { json: '"forged"', buffers: [] } });
         return message;
       },
     });`,
  ],
];

describe('Python cannot forge an answer to the page', () => {
  const site = useSite();
  let page: Page;

  beforeEach(async () => {
    page = await site.open();
  });

  it.each(attempts)('when it %s', async (_, code) => {
    const result = await page.evaluate(
      async (forge, code) => {
        const runtime = await bench.boot({ restart: { limit: 0 } });
        const crashes = bench.watch(runtime.crashes$);
        const answers = [];
        answers.push(
          bench.outcome(
            runtime.run(`from pyodide.code import run_js; run_js(code); 'tried'`, { globals: { code: forge + code } }),
          ),
        );
        answers.push(bench.outcome(runtime.run(`20 + 1`)));
        answers.push(bench.outcome(runtime.run(`import asyncio; await asyncio.sleep(0.01); 20 + 2`)));
        answers.push(bench.outcome(runtime.run(`20 + 3`)));
        return { answers: await Promise.all(answers), crashes: crashes.values };
      },
      forge,
      code,
    );

    expect(result.crashes).toEqual([]);
    expect(result.answers).toEqual(['tried', 21, 22, 23].map((value) => ({ values: [value], error: null })));
  });
});
