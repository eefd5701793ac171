import type { PyodideInterface } from 'pyodide';
import type { PyBuffer, PyProxy } from 'pyodide/ffi';
import { load } from './load.js';

type Globals = { get(name: string): unknown };
type Callable = (argument: unknown) => unknown;

/** The methods of a peer's worker, whatever carries the call. Python is called in the best and in the plain form. */
export interface Methods {
  /** Loads Pyodide, and runs the source, which leaves an `env`. */
  boot(source: string): Promise<Answer>;
  /** Nothing: the cost of a round trip. */
  echo(action: number): Answer;
  /** A step by a kept callable that writes its numbers where JavaScript reads them: nothing is converted. */
  numbers(action: number): Answer;
  /** A step by a kept callable, its five values converted by `toJs`. */
  values(action: number): Answer;
  /** A step as a first program has it: `env` looked up, called, converted. */
  plain(action: number): Answer;
  /** A step as one source string, the action pasted in as JSON. */
  source(action: number): Promise<Answer>;
  /** A step and its frame by a kept callable: the bytes copied out once, and transferred. */
  pixels(action: number): Answer;
  /** The same, converted by `toJs`, and cloned. */
  plainPixels(action: number): Answer;
}

export interface Answer {
  readonly value: unknown;
  readonly transfer: Transferable[];
}

const kept = `
from array import array
from struct import pack_into

peer_numbers = array('d', bytes(8 * 16))

def peer_write(action):
    observation, reward, terminated, truncated, info = env.step(action)
    row = observation if isinstance(observation, array) else (observation,)
    pack_into(f'{len(row) + 3}d', peer_numbers, 0, reward, terminated, truncated, *row)
    return len(row) + 3

def peer_frame(action):
    env.step(action)
    return env.render()
`;

const answer = (value: unknown, transfer: Transferable[] = []): Answer => ({ value, transfer });

/** The proxy's Python object as plain data; destroys the proxy. */
function converted(proxy: PyProxy): unknown {
  try {
    return proxy.toJs({ dict_converter: Object.fromEntries }) as unknown;
  } finally {
    proxy.destroy();
  }
}

export function methods(): Methods {
  let pyodide: PyodideInterface;
  let globals: Globals;
  let write: Callable;
  let step: Callable;
  let frame: Callable;
  let numbers: PyBuffer;
  let view = new Float64Array();

  return {
    async boot(source) {
      pyodide = await load();
      pyodide.runPython(source);
      pyodide.runPython(`${kept}\nenv.reset(seed=1)`);
      globals = pyodide.globals as unknown as Globals;
      write = globals.get('peer_write') as Callable;
      frame = globals.get('peer_frame') as Callable;
      numbers = globals.get('peer_numbers') as PyBuffer;
      step = pyodide.runPython('env.step') as Callable;
      return answer(null);
    },
    echo: (action) => answer([action]),
    numbers(action) {
      const count = write(action) as number;
      // a view of a memory that has grown is empty
      if (!view.length) view = numbers.getBuffer().data as Float64Array<ArrayBuffer>;
      return answer([...view.subarray(0, count)]);
    },
    values: (action) => answer(converted(step(action) as PyProxy)),
    plain(action) {
      const env = globals.get('env') as { step: Callable };
      return answer(converted(env.step(action) as PyProxy));
    },
    async source(action) {
      const result = (await pyodide.runPythonAsync(`
import json
action = json.loads('''${JSON.stringify(action)}''')
observation, reward, terminated, truncated, info = env.step(action)
observation, reward, terminated, truncated, info
`)) as PyProxy;
      return answer(converted(result));
    },
    pixels(action) {
      const proxy = frame(action) as PyBuffer;
      const buffer = proxy.getBuffer('u8');
      const data = (buffer.data as Uint8Array<ArrayBuffer>).slice();
      buffer.release();
      proxy.destroy();
      return answer(data, [data.buffer]);
    },
    plainPixels: (action) => answer(converted(frame(action) as PyProxy)),
  };
}

/** The methods, for a library that calls them by name and marks in its own way what is transferred. */
export const exposed = (handed: (answer: Answer) => unknown): Record<string, (argument: never) => unknown> =>
  Object.fromEntries(
    Object.entries(methods()).map(([name, method]: [string, (argument: never) => Answer | Promise<Answer>]) => [
      name,
      (argument: never) => {
        const answer = method(argument);
        return answer instanceof Promise ? answer.then(handed) : handed(answer);
      },
    ]),
  );
