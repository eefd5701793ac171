// The rows of the failure matrix in which an interpreter dies that was up.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Phase, Strike } from './pages/failures';
import type { Site } from './site';
import { wheel } from './wheel';

/**
 * How soon a death is to be told: in beats of the page's pulse, of which there are 20 a second, and fewer where the machine
 * has much else to do. Where it has not, it is the first or second. No deadline and no poll ends so soon.
 */
export const soon = 10;
/** Chromium lets a worker that computes live on for 2 s after its end. */
export const agony = 40;

export interface Death extends Pick<Strike, 'code' | 'outside'> {
  readonly cause: string;
  /** The `cause.kind` of its CrashError. */
  readonly kind: string;
  /** Chromium lets a worker that computes live on for 2 s. */
  readonly lingers?: boolean;
  /** Those where it can meet, and of several in which the same code finds it, one. */
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
/** Where the event loop runs: Python that computes holds it, and with it what it was to bring. */
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

export const deaths: readonly Death[] = [
  { cause: 'a fatal wasm error', kind: 'fatal', code: 'here()\nctypes.string_at(1 << 31)', phases: anywhere },
  {
    cause: 'os._exit',
    kind: 'exit',
    code: 'here()\nos._exit(1)',
    phases: ['idle', 'awaiting', 'stepping'],
  },
  // a background task's MemoryError is told on stderr, as any exception that nobody awaits
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
    lingers: true,
    phases: ['stepping', 'resetting', 'recovering'],
  },
  {
    cause: 'a message that is none of the protocol',
    kind: 'protocol',
    code: forged('{"type": "nonsense"}'),
    phases: ['idle', 'installing', 'stepping', 'setting up'],
  },
  {
    cause: 'an answer to nothing that was asked',
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

/** What a crash calls the phase. */
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
/** Runs what it is told to install. */
const micropip = wheel(
  'micropip',
  `
import asyncio

async def install(code):
    exec(code, {})
    await asyncio.sleep(100)
`,
);
export const lockFile = JSON.parse(
  readFileSync(join(__dirname, '../../node_modules/pyodide/pyodide-lock.json'), 'utf8'),
) as { packages: Record<string, object> };

/**
 * Serves what the page of failures asks for; \`/life/name\` answers how often it was asked for, in
 * `lives`.
 */
export function serveDeaths(site: Site, lives: Map<string, number>): void {
  const lock = { ...lockFile, packages: { ...lockFile.packages, micropip: micropip.lock } };
  site.intercept(({ url = '' }, response) => {
    const life = (lives.get(url) ?? 0) + 1;
    if (url.startsWith('/life/')) {
      lives.set(url, life);
      response.end(String(life));
    } else if (url === '/forging-worker.js') {
      response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(forgingWorker);
    } else if (url === '/pyodide/pyodide-lock.json') response.end(JSON.stringify(lock));
    else if (url.endsWith(micropip.file)) response.end(micropip.bytes);
    else return false;
    return true;
  });
}
