// One runtime and one env, whose interpreter crashes again and again, in every phase of its lifecycle.
import { concat, filter, finalize, firstValueFrom, from, interval, map, take, timeout, type Observable } from 'rxjs';
import type { GymEnv, PythonRuntime } from 'rxgym';
import executing from '../../envs/executing.py';
import './bench.js';

/** What the runtime is doing when it crashes. */
export type Phase = 'idle' | 'awaiting' | 'stepping' | 'resetting' | 'setting up' | 'installing' | 'recovering';

export interface Fault {
  readonly phase: Phase;
  /** Python that dies, or that says `here` and goes on until the fault comes from outside. */
  readonly code: string;
  readonly outside?: 'terminate' | 'messageerror' | undefined;
}

/** What the page sees of it. */
export interface Observed {
  /** The command's error; null if it succeeded. */
  readonly command: { readonly name: string; readonly kind: unknown } | null;
  readonly crash: { readonly kind: string; readonly phase: string };
  /** Whether both are usable again: what Python computes, and how many acknowledged steps the env has lost. */
  readonly after: { readonly answer: unknown; readonly lost: number };
}

/** `here()` says when Python was there. `visit(name)` counts its calls, over all interpreters. */
const prelude = `
import asyncio, ctypes, js, os
from pyodide.code import run_js
from pyodide.ffi import create_proxy
from pyodide.http import open_url
def here():
    print('here')
def visit(name):
    return int(open_url('/visits/' + name).read())
`;
const indented = (code: string): string => code.replace(/^/gm, '    ');

/** Code that does nothing but at this visit. */
const atVisit = (count: number, code: string, name: string): string => `${prelude}
if visit('${name}') == ${count}:
${indented(code)}
`;

let runtime: PythonRuntime;
let env: GymEnv;
let faults = 0;
let steps = 0;
const workers: KnownWorker[] = [];
const ports: MessagePort[] = [];

class KnownWorker extends Worker {
  isOver = false;
  override terminate(): void {
    this.isOver = true;
    super.terminate();
  }
}

/** The page's end of every interpreter's port. */
class KnownChannel extends MessageChannel {
  constructor() {
    super();
    ports.push(this.port1);
  }
}
globalThis.MessageChannel = KnownChannel;

const outsiders = {
  terminate: () => workers.at(-1)?.terminate(),
  messageerror: () => ports.at(-1)?.dispatchEvent(new MessageEvent('messageerror')),
};

/** The command that makes the code crash in that phase. */
const commands: Readonly<Record<Phase, (code: string, name: string) => Observable<unknown>>> = {
  // what users ran is run again at a recovery
  idle: (code, name) =>
    runtime.run(`${prelude}
def die():
${indented(code)}
if visit('${name}') == 1:
    js.setTimeout(create_proxy(die), 50)
`),
  awaiting: (code) => runtime.run(`${prelude}${code}\nawait asyncio.sleep(100)`),
  stepping: (code) => env.step(prelude + code),
  resetting: (code) => env.reset({ options: { code: prelude + code } }),
  // which is tried again, and then succeeds
  'setting up': (code, name) => {
    const other = runtime.env({ source: atVisit(1, code, name) + executing });
    return concat(other.ready$.pipe(take(1)), other.close());
  },
  // the micropip that the specs serve runs the code that it is asked to install
  installing: (code) => runtime.install([`${prelude}${code}`]),
  // acknowledged at the first visit, deadly when it is replayed
  recovering: (code, name) => env.step(atVisit(2, code, name)),
};

const failures = {
  /** Makes both, and waits for the snapshot from which the restarts boot. */
  async begin(): Promise<void> {
    const worker = (): Worker => {
      const spawned = new KnownWorker('/forging-worker.js', { type: 'module' });
      workers.push(spawned);
      return spawned;
    };
    // no deadline may be what finds a crash
    const deadlines = { install: Infinity, run: Infinity, reset: Infinity, step: Infinity, stall: Infinity };
    runtime = bench.start({ worker, deadlines, restart: { limit: 100, backoff: 0, snapshot: true } });
    // no checkpoints: all is replayed at each recovery
    env = bench.play(executing, { recovery: { ms: 3_600_000 } });
    await firstValueFrom(env.reset());
    await firstValueFrom(interval(50).pipe(filter(() => workers[1]?.isOver === true)));
  },

  /** Injects a fault, and waits for the recovery. */
  async inject({ phase, code, outside }: Fault): Promise<Observed> {
    const crashes$ = runtime.incidents$.pipe(
      filter((incident) => incident.type === 'crash'),
      map(({ error }) => error),
    );
    const watching = runtime.stdout$.pipe(filter((line) => line === 'here')).subscribe(() => {
      if (outside) outsiders[outside]();
    });
    let crashed = firstValueFrom(crashes$);
    const command = bench.outcome(commands[phase](code, `fault-${++faults}`));
    if (phase === 'recovering') {
      await command;
      steps += 1;
      const first = crashed.then(() => (crashed = firstValueFrom(crashes$)));
      void bench.exit();
      await first;
    }
    // if nothing is noticed, the page does not wait for ever
    const crash = await firstValueFrom(
      from(crashed).pipe(
        timeout({ first: 30_000 }),
        finalize(() => watching.unsubscribe()),
      ),
    );
    const { error } = await command;
    const answer = await bench.run('1 + 1');
    const step = await firstValueFrom(env.step(''));
    steps += 1;
    return {
      command: error ? { name: error.name, kind: (error['cause'] as { kind?: string } | undefined)?.kind } : null,
      crash: { kind: crash.cause.kind, phase: crash.phase },
      after: { answer, lost: steps - Number(step.observation) },
    };
  },
};

declare global {
  var failures: Failures;
}
type Failures = typeof failures;
globalThis.failures = failures;
