import { take } from 'rxjs';
import type { Begun, Provenance } from '../env/provenance.js';
import type { Files, FileContent } from '../runtime/files.js';
import { absolute, withAddresses } from '../runtime/address.js';
import type { RuntimeReady } from '../runtime/status.js';
import { resetDigest } from '../env/digest.js';
import type { EnvMade, ResetMade } from './study-record.js';

/** What {@link record} needs of an env. A `GymEnv` is one. */
export interface RecordableEnv {
  readonly provenance: Provenance | null;
}

/** What of a spec makes the env do what it does; the rest is about frames and recoveries, or is no data. */
const kept = [
  ...['source', 'make', 'numEnvs', 'entryPoint', 'image', 'kwargs', 'packages', 'files', 'globals', 'beforeStep'],
  ...['async', 'maxSteps'],
] as const;

export function envMade({ spec, entropy, episodes, runtime }: Provenance): EnvMade {
  const given = spec as Readonly<Partial<Record<(typeof kept)[number], unknown>>>;
  const data: Partial<Record<string, unknown>> = Object.fromEntries(
    kept.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
  if (typeof data.image === 'string') data.image = absolute(data.image);
  if (spec.packages) data.packages = withAddresses(spec.packages);
  if (data.files) data.files = filesAsData(data.files as Files);
  let ready: RuntimeReady | undefined;
  runtime.status$.pipe(take(1)).subscribe({
    next: (status) => {
      if (status.state === 'ready') ready = status.ready;
    },
    error: () => undefined, // it has none
  });
  const { python = null, pyodide = null } = ready ?? {};
  const { packages } = runtime.settings;
  const rxgym = __RXGYM_VERSION__;
  return { type: 'env', format: 1, spec: { ...data, entropy }, packages, episodes, rxgym, python, pyodide };
}

export const resetMade = ({ reset, seed, options, before }: Begun): ResetMade => ({
  seed: seed ?? null,
  options: options ?? null,
  after: before === null ? null : stepsOf(before),
  digest: resetDigest(reset),
});

/** Of a step or a reset. */
const stepsOf = (said: object | undefined): number => (said && 'index' in said ? (said.index as number) : 0);

const filesAsData = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [path, fileAsData(content)]));

function fileAsData(content: FileContent): FileContent {
  if (content instanceof URL) return { url: content.href };
  return typeof content === 'object' && 'url' in content ? { url: absolute(String(content.url)) } : content;
}
