import { EMPTY, catchError, concat, concatMap, count, defer, from, ignoreElements, map, type Observable } from 'rxjs';
import type { Action, AnyStep } from '../env/step.js';
import type { Persistable } from './persistable.js';
import { stepDigest } from '../env/digest.js';
import type { Operation, StepOperation, StoredGame } from './stored-game.js';

/** Steps in one message: short enough that no deadline is near and the page can leave. */
const atOnce = 64;

/**
 * Brings the env where the stored game was left, and completes. Errors where the replay comes to something else than the
 * page had seen, and where the env refuses the state or an action.
 */
export function wayBack<S extends AnyStep>(env: Persistable<S>, { head, operations }: StoredGame): Observable<never> {
  return defer(() => {
    const state$ = head.checkpoint ? env.setState(head.checkpoint) : EMPTY;
    const replay$ = from(batches(operations)).pipe(concatMap((batch) => replayed(env, batch)));
    // a replay shows its last step; where there is no picture, the game goes on without
    const picture$ = operations.length === 0 ? (env.render?.() ?? EMPTY).pipe(catchError(() => EMPTY)) : EMPTY;
    return concat(state$, replay$, picture$).pipe(ignoreElements());
  });
}

type Batch = { readonly seed: number | null } | readonly StepOperation[];

function batches(operations: readonly Operation[]): readonly Batch[] {
  const all: Batch[] = [];
  let steps: StepOperation[] = [];
  for (const operation of operations) {
    if (operation.type === 'reset') {
      all.push({ seed: operation.seed });
      steps = [];
      continue;
    }
    if (steps.length === 0 || steps.length === atOnce) all.push((steps = []));
    steps.push(operation);
  }
  return all;
}

function replayed<S extends AnyStep>(env: Persistable<S>, batch: Batch): Observable<unknown> {
  if ('seed' in batch) return env.reset({ ...(batch.seed !== null && { seed: batch.seed }), onCrash: 'resume' });
  const actions = batch.map(({ action }) => action as Action);
  const steps$ = env.stepMany
    ? env.stepMany(actions, { onCrash: 'resume' })
    : from(actions).pipe(concatMap((action) => env.step(action, { onCrash: 'resume' })));
  return steps$.pipe(
    map((step, i) => {
      if (stepDigest(step) !== batch[i]?.digest) throw new Error(`step ${step.index} came to something else`);
    }),
    count(),
    map((steps) => {
      if (steps < batch.length) throw new Error('the episode ended earlier');
    }),
  );
}
