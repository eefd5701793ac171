import { firstValueFrom, lastValueFrom, map, of, pipe, type Observable } from 'rxjs';
import type { GymEnv } from '../../src/env/env';
import { rounds } from '../../src/loop/rounds';
import { episodes } from '../../src/operators/episodes';
import { stepWith } from '../../src/operators/step-with';
import { fromPlain, toPlain } from '../../src/protocol/plain';
import type { Recordable } from '../../src/records/bodies';
import { record, type RecordConfig } from '../../src/records/record';
import type { StudyRecord } from '../../src/records/study-record';
import dice from '../envs/dice.py';
import { realRuntime } from '../helpers/real-runtime';
import { readAll, untilRead } from '../records/fake-storage';

let studies = 0;
const recording = realRuntime();
afterAll(() => {
  recording.dispose();
});

/** What a game leaves in a file. */
export async function recorded(
  play: (env: GymEnv) => Observable<Recordable>,
  { clock = false, ...config }: Partial<RecordConfig> & { clock?: boolean } = {},
): Promise<StudyRecord[]> {
  const study = `study ${(studies += 1)}`;
  const env = recording.env({ source: dice, globals: { clock } });
  const recorder = record({ study, env, ...config });
  await lastValueFrom(play(env).pipe(recorder), { defaultValue: null });
  await firstValueFrom(env.close());
  let last = -1;
  recorder.stored$.subscribe(({ seq, waiting }) => (last = waiting === 0 ? seq : -1));
  await untilRead(study, (records) => last >= 0 && records.length === last + 1);
  const text = JSON.stringify(toPlain(await readAll(study)));
  return fromPlain(JSON.parse(text)) as StudyRecord[];
}

export const actions = (env: GymEnv) =>
  pipe(
    map((_, i: number) => i % 3),
    stepWith(env, { busy: 'queue', onCrash: 'resume' }),
  );
/** Two rounds of five steps. */
export const seeded = (env: GymEnv) => rounds(env, actions(env), { count: 2, seed: 7, fps: of(1, 2, 3, 4, 5, 6) });
/** Three episodes of five steps. */
export const unseeded = (env: GymEnv) => episodes(env, ({ index }) => index, { count: 3 });
