import { filter, firstValueFrom, tap } from 'rxjs';
import { createRuntime, type Recovered } from 'rxgym';
import { fatal, game, indexURL, cartPoleWithFatal } from './cart-pole.js';

export type BootKind = 'spare' | 'snapshot' | 'cold';
export type CrashKind = 'fatal' | 'terminated';

export interface Restart {
  /** From `boot()` to `ready$`, of the first interpreter. */
  readonly bootMs: number;
  /** From the crash to the next step. */
  readonly ms: number;
  /** From the crash to the `CrashError`. */
  readonly noticedMs: number;
  readonly how: string;
  readonly replayed: number;
}

const script = new URL('rxgym/worker', import.meta.url);

/** Boots, plays a while, kills the interpreter, and measures the time until the game has its next step. */
export async function restart(how: BootKind, crashKind: CrashKind): Promise<Restart> {
  const spawned: Worker[] = [];
  const runtime = createRuntime({
    indexURL,
    restart: { spare: how === 'spare', snapshot: how === 'snapshot' },
    worker: () => {
      const worker = new Worker(script, { type: 'module' });
      spawned.push(worker);
      return worker;
    },
  });
  const env = runtime.env({ source: cartPoleWithFatal });
  const begun = performance.now();
  await firstValueFrom(runtime.boot());
  const bootMs = performance.now() - begun;
  await firstValueFrom(env.reset({ seed: 1 }));

  const settled = performance.now() + (how === 'cold' ? 2500 : 4000 + 2 * bootMs);
  let crashedAt = Infinity;
  let noticedAt = Infinity;
  let recovered: Recovered | undefined;
  runtime.incidents$.subscribe((incident) => {
    if (incident.type === 'crash') noticedAt = performance.now();
    if (incident.type === 'recovered') recovered = incident;
  });
  const crash = () => {
    crashedAt = performance.now();
    if (crashKind === 'terminated') spawned[0]?.terminate();
    else runtime.run(fatal).subscribe({ error: () => undefined });
  };
  await firstValueFrom(
    game(env).pipe(
      // Between two steps, so that the next one comes from the next interpreter.
      tap(() => {
        if (crashedAt === Infinity && performance.now() >= settled) crash();
      }),
      filter(() => noticedAt < Infinity),
    ),
  );
  const ms = performance.now() - crashedAt;
  const ready = await firstValueFrom(runtime.ready$);
  runtime.dispose();
  return {
    bootMs,
    ms,
    noticedMs: noticedAt - crashedAt,
    how: ready.how,
    replayed: recovered?.replayed ?? 0,
  };
}
