// The rows of the failure matrix in which an interpreter dies that was up.
import { at, script } from './answers';
import type { Fault, Phase } from './pages/failures';
import type { Site } from './site';
import { lockFileWith, wheel } from './wheel';

export interface CrashCause extends Pick<Fault, 'code' | 'outside'> {
  readonly cause: string;
  /** The `cause.kind` of its CrashError. */
  readonly kind: string;
  /** Those in which it can happen, and of several in which the same code finds it, one. */
  readonly phases: readonly Phase[];
}

/** Wherever Python runs. An `idle` worker's event loop runs Python, too: what a timer calls. */
const anywhere: readonly Phase[] = [
  'idle',
  'awaiting',
  'installing',
  'stepping',
  'resetting',
  'setting up',
  'recovering',
];
/** Where the event loop runs: while Python computes, nothing comes from it. */
const open: readonly Phase[] = ['idle', 'awaiting', 'installing'];

/** Arrays that nobody has written to, for the sake of the machine that runs this. */
const growing = `
unwritten = ctypes.pythonapi.PyBytes_FromStringAndSize
unwritten.restype, unwritten.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_ssize_t]
arrays = []
try:
    while True:
        arrays.append(unwritten(None, 64 * 2**20))
except MemoryError:
    here()
    raise`;
const nested = `
lists = []
for _ in range(100_000):
    lists = [lists]
here()
repr(lists)`;
const forged = (message: string): string => `here()\njs.forge('${message}')`;
const anAnswer = (id: string, json: string): string =>
  `{"type": "answer", "id": ${id}, "value": {"json": "${json}", "buffers": []}}`;

export const crashCauses: readonly CrashCause[] = [
  { cause: 'a fatal wasm error', kind: 'fatal', code: 'here()\nctypes.string_at(1 << 31)', phases: anywhere },
  {
    cause: 'os._exit',
    kind: 'exit',
    code: 'here()\nos._exit(1)',
    phases: ['idle', 'awaiting', 'stepping'],
  },
  // a background task's MemoryError only goes to stderr, as any exception that nobody awaits
  {
    cause: 'a heap that is full',
    kind: 'memory',
    code: growing,
    phases: ['installing', 'stepping', 'resetting', 'recovering'],
  },
  { cause: 'a stack overflow', kind: 'stack', code: nested, phases: ['idle', 'stepping'] },
  {
    cause: 'an error that nobody catches',
    kind: 'worker-error',
    code: "here()\nrun_js('setTimeout(() => missing())')",
    phases: open,
  },
  {
    cause: 'a rejection that nobody handles',
    kind: 'worker-error',
    code: `here()\nrun_js('void Promise.reject(new Error("nobody"))')`,
    phases: ['idle', 'awaiting'],
  },
  { cause: 'self.close()', kind: 'closed', code: 'here()\njs.self.close()', phases: ['idle', 'installing'] },
  {
    cause: 'terminate() from outside',
    kind: 'closed',
    code: 'here()',
    outside: 'terminate',
    phases: ['idle', 'installing'],
  },
  {
    cause: 'terminate() from outside of a Python that computes',
    kind: 'closed',
    code: 'here()\nwhile True: pass',
    outside: 'terminate',
    phases: ['stepping', 'resetting', 'recovering'],
  },
  {
    cause: 'a message that is none of the protocol',
    kind: 'protocol',
    code: forged('{"type": "nonsense"}'),
    phases: ['idle', 'installing', 'stepping', 'setting up'],
  },
  {
    cause: 'an answer to no command',
    kind: 'protocol',
    code: forged(anAnswer('987654321', 'null')),
    phases: ['stepping'],
  },
  {
    cause: 'an answer that does not decode',
    kind: 'protocol',
    code: forged(anAnswer('"$id"', 'no JSON')),
    phases: ['awaiting', 'recovering'],
  },
  {
    cause: 'a message that cannot be read',
    kind: 'protocol',
    code: 'here()',
    outside: 'messageerror',
    phases: ['stepping'],
  },
];

/** The `phase` of the CrashError. */
export const namesOfPhases: Readonly<Record<Phase, string>> = {
  idle: 'idle',
  awaiting: 'run',
  stepping: 'step',
  resetting: 'reset',
  'setting up': 'setUp',
  installing: 'install',
  recovering: 'replay',
};

/** The worker's script, and beside it a way for Python to send what the worker never would. */
const forgingWorker = `
import '/dist/worker.js';
addEventListener('message', ({ data: { port } }) => {
  let id;
  port.addEventListener('message', ({ data }) => (id = data.id));
  globalThis.forge = (message) => port.postMessage(JSON.parse(message.replace('"$id"', id)));
}, { once: true });
`;
/** A micropip that runs the code that it is asked to install. */
const micropip = wheel(
  'micropip',
  `
import asyncio

async def install(code):
    exec(code, {})
    await asyncio.sleep(100)
`,
);
const lock = lockFileWith(micropip);

/** Serves what the page of failures asks for; `/visits/NAME` answers how often it was asked for, counted in `visits`. */
export function serveFailures(site: Site, visits: Map<string, number>): void {
  const answer = at({
    '/forging-worker.js': script(forgingWorker),
    '/pyodide/pyodide-lock.json': (response) => response.end(lock),
    [`/pyodide/${micropip.file}`]: (response) => response.end(micropip.bytes),
  });
  site.intercept((request, response) => {
    const { url = '' } = request;
    if (!url.startsWith('/visits/')) return answer(request, response);
    const visit = (visits.get(url) ?? 0) + 1;
    visits.set(url, visit);
    response.end(String(visit));
    return true;
  });
}
