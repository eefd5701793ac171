import { filter, map, of, shareReplay, take, type Observable } from 'rxjs';
import { isNdArray, type AgentStep, type PolicyContext, type PythonRuntime, type Source } from 'rxgym';
import { onnxPolicy } from 'rxgym/onnx';
import python from './bot.py';

export interface Bot {
  readonly source: Source;
  /** Emits when it need not load anything any more. */
  readonly ready$: Observable<unknown>;
}

type Asked = PolicyContext<AgentStep>;

const moves = [
  [0, 0],
  [0, -1],
  [1, -1],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
  [-1, -1],
];

/** The same bot three times: it goes to the apple that is nearest to it. */
export function bots(runtime: PythonRuntime): Readonly<Record<string, Bot>> {
  const loaded$ = runtime.run(python).pipe(shareReplay({ bufferSize: 1, refCount: false }));
  const model = onnxPolicy('./bot.onnx', { sample: 'argmax', indexURL: '/onnxruntime/' });
  return {
    javascript: {
      source: ({ observation }: Asked) => {
        const [right = 0, down = 0] = isNdArray(observation) ? Array.from(observation.data, Number) : [];
        return moves.findIndex(([x, y]) => x === Math.sign(right) && y === Math.sign(down));
      },
      ready$: of(true),
    },
    python: {
      source: ({ observation }: Asked) =>
        runtime
          .run('act(observation)', { globals: { observation: observation as never } })
          .pipe(map((action) => Number(action))),
      ready$: loaded$,
    },
    onnx: {
      source: model,
      ready$: model.progress$.pipe(
        filter(({ stage }) => stage === 'ready'),
        take(1),
      ),
    },
  };
}
