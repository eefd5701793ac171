import { map, shareReplay, switchMap } from 'rxjs';
import { isNdArray, type AgentStep, type PolicyContext, type PythonRuntime, type Source } from 'rxgym';
import { onnxPolicy } from 'rxgym/onnx';
import python from './bot.py';

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

/** Goes to the apple that is nearest to it: the same bot three times. */
export function bots(runtime: PythonRuntime): Readonly<Record<string, Source>> {
  const loaded$ = runtime.run(python).pipe(shareReplay({ bufferSize: 1, refCount: false }));
  return {
    javascript: ({ observation }: PolicyContext<AgentStep>) => {
      const [right = 0, down = 0] = isNdArray(observation) ? Array.from(observation.data, Number) : [];
      return moves.findIndex(([x, y]) => x === Math.sign(right) && y === Math.sign(down));
    },
    python: ({ observation }: PolicyContext<AgentStep>) =>
      loaded$.pipe(
        switchMap(() => runtime.run('act(observation)', { globals: { observation: observation as never } })),
        map((action) => Number(action)),
      ),
    onnx: onnxPolicy('./bot.onnx', { sample: 'argmax', indexURL: '/onnxruntime/' }),
  };
}
