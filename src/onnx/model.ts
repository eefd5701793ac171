import {
  defer,
  filter,
  finalize,
  fromEvent,
  ignoreElements,
  map,
  merge,
  NEVER,
  Subject,
  take,
  takeWhile,
  tap,
  throwError,
  timeout,
  timer,
  type Observable,
} from 'rxjs';
import type { Endpoint, WorkerFactory } from '../index.js';
import { describe } from '../describe.js';
import { OnnxModelError, OnnxWorkerError } from './errors.js';
import type { Connect, FromWorker, Loaded, Loading, Signature, Starting, Tensors, ToWorker } from './messages.js';

/** A model that was loaded, in a worker of its own. */
export interface Model {
  readonly signature: Signature;
  /**
   * Sends the inputs when it is subscribed to, and emits the outputs once. It ends with an {@link OnnxWorkerError} where
   * onnxruntime refuses them; where the worker dies or is late, the stream that the model came by ends instead.
   */
  run(inputs: Tensors, outputs: readonly string[]): Observable<Tensors>;
}

export interface ModelOptions {
  /** Both absolute. */
  readonly url: string;
  readonly indexURL: string;
  readonly worker: WorkerFactory;
  /** In ms. */
  readonly deadline: number;
  readonly stall: number;
}

type Report = Loading | Starting | (Loaded & { readonly model: Model });

/**
 * Spawns a worker that loads a model. Emits what it reports, at last the model, and does not complete. Unsubscribing ends
 * the worker. Errors: {@link OnnxModelError}, and {@link OnnxWorkerError} where the worker cannot be made, dies or is late.
 */
export function loadModel({ url, indexURL, worker, deadline, stall }: ModelOptions): Observable<Report> {
  return defer(() => {
    const endpoint = spawned(worker);
    const { port1: port, port2 } = new MessageChannel();
    const late$ = new Subject<never>();
    let runs = 0;
    const messages$ = fromEvent<MessageEvent<FromWorker>>(port, 'message').pipe(map(({ data }) => data));
    const send = (message: ToWorker) => port.postMessage(message);

    const answerTo = (wanted: number): Observable<Tensors> =>
      messages$.pipe(
        filter((message) => (message.type === 'ran' || message.type === 'run-failed') && message.id === wanted),
        take(1),
        map((message) => {
          if (message.type === 'ran') return message.outputs;
          throw new OnnxWorkerError(
            'run',
            `onnxruntime refused the question: ${(message as { problem: string }).problem}`,
          );
        }),
      );
    const tooLate$ = defer(() => (deadline === Infinity ? NEVER : timer(deadline))).pipe(
      tap(() => late$.error(lateBy(deadline))),
      ignoreElements(),
    );
    const run: Model['run'] = (inputs, outputs) =>
      defer(() => {
        const id = runs++;
        const answer$ = merge(answerTo(id), tooLate$).pipe(take(1));
        send({ type: 'run', id, inputs, outputs });
        return answer$;
      });

    const reports$ = messages$.pipe(
      takeWhile((message) => message.type !== 'loaded', true),
      timeout({ each: stall, with: () => throwError(() => stalled(url, stall)) }),
      map((message): Report => {
        if (message.type === 'loaded') return { ...message, model: { signature: message.signature, run } };
        if (message.type !== 'load-failed') return message as Loading | Starting;
        throw new OnnxModelError(message.url, message.reason, message.status, message.problem);
      }),
    );
    const deaths$ = merge(
      ...(['error', 'messageerror', 'close'] as const).map((type) => fromEvent<Event>(endpoint, type)),
    ).pipe(
      map((event): never => {
        throw died(event);
      }),
    );
    endpoint.postMessage({ type: 'connect', port: port2 } satisfies Connect, [port2]);
    port.start();
    send({ type: 'load', url, indexURL });
    return merge(reports$, deaths$, late$).pipe(
      finalize(() => {
        endpoint.terminate();
        port.close();
      }),
    );
  });
}

/** Calls the user's factory. */
function spawned(factory: WorkerFactory): Endpoint {
  try {
    const endpoint = factory() as Partial<Endpoint> | undefined;
    if (typeof endpoint?.postMessage === 'function' && typeof endpoint.terminate === 'function') {
      return endpoint as Endpoint;
    }
    throw new TypeError(`it returned ${describe(endpoint)}, which is no worker`);
  } catch (error) {
    const advice = 'check the option `worker`, and that the Content Security Policy allows workers';
    throw new OnnxWorkerError('spawn', `the worker of the ONNX policy was not made (${String(error)}); ${advice}`, {
      cause: error,
    });
  }
}

const lateBy = (deadline: number): OnnxWorkerError =>
  new OnnxWorkerError(
    'deadline',
    `the model did not answer within ${deadline} ms, and its worker was ended; the next question begins a new one. ` +
      'Take a smaller model, or raise the option `deadline`',
  );

const stalled = (url: string, stall: number): OnnxModelError =>
  new OnnxModelError(
    url,
    'network',
    null,
    `nothing came for ${stall} ms; check the network, or raise the option \`stall\``,
  );

function died(event: Event): OnnxWorkerError {
  const { message } = event as Partial<ErrorEvent>;
  return new OnnxWorkerError(
    'died',
    `the worker of the ONNX policy died (${event.type}${message ? `: ${message}` : ''}); the next question begins a new ` +
      'one. Check that onnx-worker.js lies beside onnx.js, and that there is memory enough',
  );
}
