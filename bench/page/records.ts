import { firstValueFrom, pipe, toArray } from 'rxjs';
import { actions, createRuntime, randomPolicy, readRecords, record, rounds, stepWith } from 'rxgym';
import { cartPole, indexURL } from './cart-pole.js';

const study = 'kills';

/** Where a record stands: its number, the page that made it, and of a step its episode and index. */
export type Place = readonly [seq: number, page: number, episode: number | null, index: number | null];

/** A game that is recorded, in browsers that do not live long. */
export const records = {
  /** Plays on for ever, and says on the console up to which number the records are on disk. */
  play(seed: number): void {
    const env = createRuntime({ indexURL, restart: { snapshot: false } }).env({ source: cartPole });
    const play = pipe(actions(env, randomPolicy(undefined, { seed })), stepWith(env));
    const recorder = record({ study, session: 's' });
    recorder.stored$.subscribe(({ seq }) => console.info(`stored ${seq}`));
    const game$ = rounds(env, play, { count: Infinity, seed, fps: 200 }).pipe(recorder);
    game$.subscribe((event) => {
      if (event.type === 'failed') console.info(`failed ${event.error.message}`);
    });
  },

  async read(): Promise<readonly Place[]> {
    const all = await firstValueFrom(readRecords(study).pipe(toArray()));
    return all.map((each) =>
      each.type === 'step' ? [each.seq, each.page, each.episode, each.index] : [each.seq, each.page, null, null],
    );
  },
};
