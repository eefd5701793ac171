import {
  concat,
  defer,
  EMPTY,
  filter,
  finalize,
  ignoreElements,
  map,
  merge,
  of,
  share,
  Subject,
  take,
  takeUntil,
  tap,
  timeout,
  timer,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import {
  paint,
  persist,
  record,
  rounds,
  scoreboard$,
  type AnyStep,
  type Frame,
  type PaintConfig,
  type Persistable,
  type PersistConfig,
  type RecordConfig,
  type Recorder,
  type Round,
  type RoundsConfig,
} from '../index.js';
import type { RoundsView } from './rounds-view.js';
import { TrialData, type RoundsData } from './trial-data.js';

/** What a trial needs of an env. A `GymEnv` is one. */
export interface TrialEnv<S extends AnyStep> extends Persistable<S> {
  readonly frames$: Observable<Frame>;
}

/** Records of a trial: the options of {@link record}, but for the pictures, of which the trial knows itself. */
export type TrialRecordConfig = Omit<RecordConfig, 'painted$'>;

export interface Trial<S extends AnyStep> {
  readonly env: TrialEnv<S>;
  readonly play: OperatorFunction<unknown, S>;
  readonly config: RoundsConfig;
  readonly view: RoundsView;
  readonly paint: PaintConfig;
  readonly record: TrialRecordConfig | null;
  readonly persist: PersistConfig | null;
  /** How long the last round's result is shown, in ms. */
  readonly resultTime: number;
  /** How long the end of the trial waits for its records to be stored, in ms. */
  readonly recordWait: number;
  /** Whether the data have a row for each step. */
  readonly steps: boolean;
}

/** Plays the rounds of a trial, waits until they are recorded, and then emits the trial's data. */
export function playTrial<S extends AnyStep>(trial: Trial<S>): Observable<RoundsData> {
  const { env, play, config, view } = trial;
  return defer(() => {
    const data = new TrialData(trial.steps);
    const over$ = new Subject<void>();
    const painted$ = view.canvas ? env.frames$.pipe(paint(view.canvas, trial.paint), share()) : EMPTY;
    const recorder = trial.record && record({ ...trial.record, ...(view.canvas && { painted$ }) });
    let isRecorded: boolean | null = null;

    const rounds$ = trial.persist
      ? persist(env, trial.persist, (from) => rounds(env, play, from ? { ...config, from } : config))
      : rounds(env, play, config);
    const events$ = (recorder ? rounds$.pipe(recorder<Round<S>>) : rounds$).pipe(
      tap((event) => {
        data.take(event);
        view.show(event);
      }),
    );
    const game$ = scoreboard$(events$).pipe(
      tap((board) => {
        data.score(board.total);
        view.score?.(board);
      }),
      ignoreElements(),
    );
    const shown$ = timer(trial.resultTime, config.scheduler).pipe(ignoreElements());
    const stored$ = recorder
      ? storedWithin(recorder, trial, () => view.saving?.()).pipe(
          tap((isStored) => (isRecorded = isStored)),
          ignoreElements(),
        )
      : EMPTY;
    const data$ = defer(() => of(data.of(recorder?.session ?? null, isRecorded)));
    return merge(
      painted$.pipe(ignoreElements(), takeUntil(over$)),
      concat(game$, shown$, stored$, data$).pipe(finalize(() => over$.next())),
    );
  });
}

/** Whether the recorder had stored all, before the trial's patience was over. */
function storedWithin(
  { stored$ }: Recorder,
  { recordWait, config }: Pick<Trial<AnyStep>, 'recordWait' | 'config'>,
  begin: () => void,
): Observable<boolean> {
  return defer(() => {
    begin();
    return stored$.pipe(
      filter(({ waiting }) => waiting === 0),
      take(1),
      map(() => true),
      timeout({ first: recordWait, with: () => of(false), ...(config.scheduler && { scheduler: config.scheduler }) }),
    );
  });
}
