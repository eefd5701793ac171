import { wrap } from 'comlink';
import { fromWorker } from 'observable-webworker';
import { Subject, firstValueFrom } from 'rxjs';
import workerpool from 'workerpool';
import type { Methods } from '../peers/methods.js';

export type Method = keyof Methods;
export type PeerName = 'raw' | 'comlink' | 'observable-webworker' | 'workerpool';

/** Calls a method in a worker, one call at a time. */
export type Call = (method: Method, argument: unknown) => PromiseLike<unknown>;

const script = (name: PeerName) => new URL(`peers/${name}.js`, document.baseURI);
const start = (name: PeerName) => new Worker(script(name), { type: 'module' });

/** Each as its documentation has it, and all that can be reused is reused. */
export const connect: Readonly<Record<PeerName, () => Call>> = {
  raw() {
    const worker = start('raw');
    let settle: (value: unknown) => void;
    worker.onmessage = ({ data }) => settle(data);
    return (method, argument) => {
      worker.postMessage([method, argument]);
      return new Promise((resolve) => (settle = resolve));
    };
  },
  comlink() {
    const remote = wrap<Record<Method, (argument: unknown) => unknown>>(start('comlink'));
    const kept = new Map<Method, (argument: unknown) => Promise<unknown>>();
    return (method, argument) => {
      const call = kept.get(method) ?? remote[method];
      kept.set(method, call);
      return call(argument);
    };
  },
  'observable-webworker'() {
    const calls$ = new Subject<[Method, unknown]>();
    const answers$ = new Subject<unknown>();
    fromWorker(() => start('observable-webworker'), calls$).subscribe(answers$);
    return (method, argument) => {
      const answer = firstValueFrom(answers$);
      calls$.next([method, argument]);
      return answer;
    };
  },
  workerpool() {
    const pool = workerpool.pool(script('workerpool').href, {
      maxWorkers: 1,
      workerType: 'web',
      workerOpts: { type: 'module' },
    });
    return (method, argument) => pool.exec(method, [argument]);
  },
};
