import { Subject, filter, merge, startWith, switchMap, tap, type Observable } from 'rxjs';
import type { CrashCause } from '../errors.js';
import type { FromWorker } from '../protocol/messages.js';
import { connect, type Connection } from './connection.js';
import type { Settings } from './options.js';
import { Requests } from './requests.js';

/** What a worker says unasked. */
export type Said = Extract<FromWorker, { readonly type: 'progress' | 'output' | 'problem' | 'described' }>;

const isSaid = (message: FromWorker): message is Said =>
  ['progress', 'output', 'problem', 'described'].includes(message.type);

/** A worker, with requests of its own to boot it. Users' requests wait elsewhere until `adopt`. */
export interface Channel {
  readonly connection: Connection;
  /** To be attached to the connection when somebody listens. */
  readonly requests: Requests;
  /** All but the answers. It has to be subscribed: it also routes answers to the adopted requests. */
  readonly reports$: Observable<Said>;
  /** Emits when the worker is dead, or has to go. */
  readonly deaths$: Observable<CrashCause>;
  /** From now on answers go to these requests, which are attached. */
  readonly adopt: (requests: Requests) => void;
  readonly close: () => void;
}

export function openChannel({ worker, deadlines }: Settings): Channel {
  const connection = connect(worker, deadlines.stall);
  const own = new Requests({ queue: Infinity, grace: deadlines.grace, tries: 1 });
  let current = own;
  const reports$ = connection.messages$.pipe(
    tap((message) => {
      if (message.type === 'question') current.ask(message.prompt);
      if (message.type === 'answer' || message.type === 'failure') current.settle(message);
    }),
    filter(isSaid),
  );
  const adopted$ = new Subject<Requests>();
  const stuck$ = adopted$.pipe(
    startWith(own),
    switchMap(({ stuck$ }) => stuck$),
  );
  return {
    connection,
    requests: own,
    reports$,
    deaths$: merge(connection.lost$, stuck$),
    adopt(requests) {
      current = requests;
      adopted$.next(requests);
      requests.attach(connection);
    },
    close() {
      own.detach(new Error('the session is over')); // its timers
      connection.close();
    },
  };
}
