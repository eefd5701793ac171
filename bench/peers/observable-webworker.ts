import { runWorker, type DoTransferableWork } from 'observable-webworker';
import { concatMap, of, type Observable } from 'rxjs';
import { methods, type Methods } from './methods.js';

type Call = readonly [method: keyof Methods, argument: never];

const served = methods();

class Work implements DoTransferableWork<Call, unknown> {
  readonly #transfers = new WeakMap<object, Transferable[]>();

  work(calls$: Observable<Call>): Observable<unknown> {
    return calls$.pipe(
      concatMap(([method, argument]) => {
        const answer = served[method](argument);
        if (answer instanceof Promise) return answer.then(({ value }) => value);
        if (answer.transfer.length) this.#transfers.set(answer.value as object, answer.transfer);
        return of(answer.value);
      }),
    );
  }

  selectTransferables(value: unknown): Transferable[] {
    return this.#transfers.get(value as object) ?? [];
  }
}

runWorker(Work);
