// One runtime and one env, to which death after death is brought in every phase of their lives.
import { concat, filter, finalize, firstValueFrom, from, interval, map, take, timeout, type Observable } from 'rxjs';
import type { CrashError, GymEnv, PythonRuntime } from 'rxgym';
import executing from '../../envs/executing.py';
import './bench.js';
import { beatsSince } from './pulse.js';

/** What the runtime was doing when it was struck. */
export type Phase = 'idle' | 'awaiting' | 'stepping' | 'resetting' | 'setting up' | 'installing' | 'recovering';

export interface Strike {
  readonly phase: Phase;
  /** Python that dies, or that says `here` and goes on until it is struck from outside. */
  readonly code: string;
  readonly outside?: 'terminate' | 'messageerror' | undefined;
}

/** What came of it. */
export interface Fate {
  /** How the command ended; null for one that was answered. */
  readonly command: { readonly name: string; readonly kind: unknown } | null;
  readonly crash: { readonly kind: string; readonly phase: string };
  /** From the last sign of life until the crash was told, in beats of the page's pulse. */
  readonly beats: number;
  /** Whether both are usable again: what Python answers, and how many acknowledged steps the env does not know of. */
  readonly after: { readonly answer: unknown; readonly lost: number };
}

/** \`here()\`: a sign of life. \`life(name)\`: how often that was asked for, by whichever interpreter. */
const prelude = `
import asyncio, ctypes, js, os
from pyodide.code import run_js
from pyodide.ffi import create_proxy
from pyodide.http import open_url
def here():
    print('here', js.Date.now())
def life(name):
    return int(open_url('/life/' + name).read())
`;
const indented = (code: string): string => code.replace(/^/gm, '    ');

const inOneLife = (code: string, name: string, life: number): string => `${prelude}
if life('${name}') == ${life}:
${indented(code)}
`;

let runtime: PythonRuntime;
let env: GymEnv;
let strikes = 0;
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

/** Brings death where the phase has it happen; the observable ends as its command does. */
const bring: Readonly<Record<Phase, (code: string, name: string) => Observable<unknown>>> = {
  // what users ran is run again when the env is brought back
  idle: (code, name) =>
    runtime.run(`${prelude}
def die():
${indented(code)}
if life('${name}') == 1:
    js.setTimeout(create_proxy(die), 50)
`),
  awaiting: (code) => runtime.run(`${prelude}${code}\nawait asyncio.sleep(100)`),
  stepping: (code) => env.step(prelude + code),
  resetting: (code) => env.reset({ options: { code: prelude + code } }),
  // which is tried again, and then comes to its end
  'setting up': (code, name) => {
    const other = runtime.env({ source: inOneLife(code, name, 1) + executing });
    return concat(other.ready$.pipe(take(1)), other.close());
  },
  // the micropip that the specs serve runs what it is told to install
  installing: (code) => runtime.install([`${prelude}${code}`]),
  // acknowledged in its first life, deadly in the second, when it is done again
  recovering: (code, name) => env.step(inOneLife(code, name, 2)),
};

const failures = {
  /** Makes both, and waits for the snapshot that the restarts are to come from. */
  async begin(): Promise<void> {
    const worker = (): Worker => {
      const spawned = new KnownWorker('/forging-worker.js', { type: 'module' });
      workers.push(spawned);
      return spawned;
    };
    // no deadline may be what finds a death
    const deadlines = { step: 60_000, reset: 60_000 };
    runtime = bench.start({ worker, deadlines, restart: { limit: 100, backoff: 0, snapshot: true } });
    // no checkpoints: all is done again at each recovery
    env = bench.play(executing, { recovery: { ms: 3_600_000 } });
    await firstValueFrom(env.reset());
    await firstValueFrom(interval(50).pipe(filter(() => workers[1]?.isOver === true)));
  },

  /** Strikes, and looks at what is left. */
  async strike({ phase, code, outside }: Strike): Promise<Fate> {
    const deaths$ = runtime.crashes$.pipe(filter((report): report is CrashError => report.name === 'CrashError'));
    let lastSign = Date.now();
    const signs = runtime.stdout$
      .pipe(
        filter((line) => line.startsWith('here')),
        map((line) => Number(line.split(' ')[1])),
      )
      .subscribe((at) => {
        lastSign = at;
        if (!outside) return;
        lastSign = Date.now();
        outsiders[outside]();
      });
    let crashed = firstValueFrom(deaths$);
    const command = bench.outcome(bring[phase](code, `strike-${++strikes}`));
    if (phase === 'recovering') {
      await command;
      steps += 1;
      const first = crashed.then(() => (crashed = firstValueFrom(deaths$)));
      void bench.outcome(runtime.run('import os; os._exit(1)'));
      await first;
    }
    // where nothing is noticed, the page is not to wait for ever
    const crash = await firstValueFrom(
      from(crashed).pipe(
        timeout({ first: 30_000 }),
        finalize(() => signs.unsubscribe()),
      ),
    );
    const beats = beatsSince(lastSign);
    const { error } = await command;
    const answer = await bench.run('1 + 1');
    const step = await firstValueFrom(env.step(''));
    steps += 1;
    return {
      command: error ? { name: error.name, kind: (error['cause'] as { kind?: string } | undefined)?.kind } : null,
      crash: { kind: crash.cause.kind, phase: crash.phase },
      beats,
      after: { answer, lost: steps - Number(step.observation) },
    };
  },
};

declare global {
  var failures: Failures;
}
type Failures = typeof failures;
globalThis.failures = failures;
