import type { Namespace, Proxy, PythonFunction } from './pyodide.js';

/** Calls of Python that may be suspended, where the browser has JSPI: https://v8.dev/blog/jspi */
export interface WaitingCalls {
  /** Whether a function is called so; `env`: its first argument, where it is one of an env. */
  readonly isFor: (name: string, env: unknown) => boolean;
  readonly call: (work: PythonFunction, args: readonly unknown[]) => Promise<unknown>;
}

/** How often an interrupt is looked for while Python is suspended, in ms: meanwhile Python itself looks for none. */
const pause = 50;

/** Code of users may wait in these, whatever it does. Others are called so for envs whose code waits. */
const always = ['run', 'set_up'];

export function waitingCalls(namespace: Namespace, interrupt: SharedArrayBuffer | null): WaitingCalls | undefined {
  const beginWaiting = namespace.get('begin_waiting') as PythonFunction;
  const endWaiting = namespace.get('end_waiting') as PythonFunction;
  const stopWaiting = namespace.get('stop_waiting') as PythonFunction;
  if (!('Suspending' in WebAssembly) || !beginWaiting.callPromising) return undefined;
  const envs = new Set<unknown>();
  namespace.set('can_wait', (env: number, waits: boolean) => {
    if (waits) envs.add(env);
    else envs.delete(env);
  });
  const byte = interrupt && new Uint8Array(interrupt);
  const isInterrupted = (): boolean => byte !== null && Atomics.exchange(byte, 0, 0) !== 0;

  return {
    isFor: (name, env) => always.includes(name) || (envs.size > 0 && envs.has(env)),
    async call(work, args) {
      const known = beginWaiting() as Proxy;
      const looking = setInterval(() => {
        if (isInterrupted()) stopWaiting(known);
      }, pause);
      try {
        return await work.callPromising?.(...args);
      } finally {
        clearInterval(looking);
        endWaiting();
        known.destroy();
      }
    },
  };
}
