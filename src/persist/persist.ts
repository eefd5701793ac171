import {
  Subject,
  catchError,
  concat,
  concatMap,
  defer,
  finalize,
  from,
  ignoreElements,
  merge,
  of,
  shareReplay,
  take,
  takeUntil,
  takeWhile,
  tap,
  type Observable,
} from 'rxjs';
import { check, checkOptions, checkValue, countRule, nameRule, type Rules } from '../check.js';
import type { AnyStep, Step } from '../env/step.js';
import { BootError, DisposedError, type PersistError } from '../errors.js';
import type { Round } from '../loop/round.js';
import type { RoundsStart } from '../loop/rounds-config.js';
import { tellHandOver } from '../records/hand-over.js';
import { Checkpoints } from './checkpoints.js';
import { GameLog } from './game-log.js';
import { GameWriter } from './game-writer.js';
import { ownTab } from './own-tab.js';
import type { Persistable, PersistablePolicy } from './persistable.js';
import { StatesOfPolicies } from './policy-states.js';
import { isReplayable, type StoredGame } from './stored-game.js';
import { versionOf } from './version-of.js';
import { wayBack } from './way-back.js';

/** The options of {@link persist}. */
export interface PersistConfig {
  /** The game's name in the browser's storage, at most 200 characters: one for each study and participant. */
  readonly key: string;
  /**
   * Of the page: what is stored under another version is forgotten. Change it with the play, the rounds or a bot. The env's
   * own spec counts anyway; of files at addresses only the addresses do. Default: none.
   */
  readonly version?: string | number | undefined;
  /**
   * Operations (steps and resets) from one checkpoint of the env to the next; a whole number from 1. So many at most are
   * replayed after a reload, where checkpoints are quick: they take at most 2 % of the time. Default 100.
   */
  readonly every?: number | undefined;
  /** So many operations without a checkpoint are kept; a whole number from 100 to 1,000,000. Default 20,000. */
  readonly limit?: number | undefined;
  /**
   * When a step counts as stored. `'relaxed'`: the operating system has it, so it survives reloads and crashes of the tab or
   * the browser. `'strict'`: the disk has it. Default `'relaxed'`.
   */
  readonly durability?: 'relaxed' | 'strict' | undefined;
  /** Policies whose states go with each step, by any names: `{ bot: onnxPolicy('bot.onnx') }`. Default: none. */
  readonly policies?: Readonly<Record<string, PersistablePolicy>> | undefined;
  /** Is told of what goes wrong; the game goes on. Default: a console warning. */
  readonly onProblem?: ((problem: PersistError) => void) | undefined;
}

const isPolicy = (value: unknown): boolean =>
  ['getState', 'setState'].every((name) => typeof (value as Record<string, unknown> | null)?.[name] === 'function');
const rules: Rules<PersistConfig> = {
  key: nameRule,
  version: { expected: 'a string or a number', fits: (value) => ['string', 'number'].includes(typeof value) },
  every: countRule,
  limit: { min: 100, max: 1_000_000, whole: true },
  durability: { words: ['relaxed', 'strict'] },
  policies: {
    expected: 'policies with getState and setState, by name',
    fits: (value) => typeof value === 'object' && value !== null && Object.values(value).every(isPolicy),
  },
  onProblem: { expected: 'a function', fits: (value) => typeof value === 'function' },
};

/**
 * Keeps a game in the browser's storage (IndexedDB), so that a page that is reloaded, discarded or crashed goes on in the
 * middle of the episode: at the step after the last one that it saw, with the rounds' results so far.
 *
 * `play` makes the game, with {@link rounds}; hand on its `from`, which is undefined where the game begins. The env is
 * brought back to its last step within its first boot, from a checkpoint and the operations behind it, or, where its state
 * cannot be had, from the round's reset with its seed. The replay is compared with what the page had seen. Each event is
 * handed to the browser before it is passed on; nothing waits for the disk. Behind `finished` the game is forgotten.
 *
 * What goes wrong with the storage is told, and the game goes on without; where the env cannot be brought back, its round
 * begins anew. Errors: `UsageError` at the call for a bad option; those of the game.
 *
 * @example
 * const game$ = persist(env, { key: `orchard ${participant}` }, (from) => rounds(env, play, { count: 3, seed: 7, from }));
 */
export function persist<S extends AnyStep = Step>(
  env: Persistable<S>,
  config: PersistConfig,
  play: (from: RoundsStart | undefined) => Observable<Round<S>>,
): Observable<Round<S>> {
  checkOptions('persist', config, rules);
  const { key, version, every = 100, limit = 20_000, durability = 'relaxed', policies = {} } = config;
  checkValue('persist.key', key, nameRule);
  check('persist.play', play, 'a function that makes the game: (from) => rounds(…)', typeof play === 'function');
  const tell = config.onProblem ?? (({ message }: PersistError) => console.warn(`rxgym: ${message}`));

  return defer(() => {
    const log = new GameLog({ key, version: versionOf(env.spec, version), durability, limit, tell });
    const states = new StatesOfPolicies(policies, log);
    const checkpoints = new Checkpoints(env, log, every);
    const writer = new GameWriter<S>(log, states, checkpoints);

    const back = (stored: StoredGame): Observable<boolean> => {
      const { isOver } = stored.head;
      const isBack$ = defer(() => {
        if (!isOver) {
          const { latest } = env;
          writer.goOn(stored.head.round, latest?.episode ?? 0, latest && 'index' in latest ? latest.index : 0);
          const number = stored.head.first + stored.operations.length - 1;
          if (stored.policies?.at === number) states.set(stored.policies.states);
        }
        return of(!isOver);
      });
      return concat(wayBack(env, stored), isBack$);
    };
    const backOrAnew = (stored: StoredGame): Observable<boolean> =>
      defer(() => {
        if (isReplayable(stored)) return back(stored);
        throw new Error('there is neither a state of the env nor a seed');
      }).pipe(
        catchError((error: unknown) => {
          // a retry may bring it back
          if (error instanceof BootError || error instanceof DisposedError) throw error;
          log.giveUp();
          if (!stored.head.isOver) log.tellReplay(error);
          return of(false);
        }),
      );
    const startOf = (stored: StoredGame | undefined): RoundsStart | undefined => {
      if (!stored) return undefined;
      const { round, isOver, results, seed } = stored.head;
      const state = backOrAnew(stored);
      if (isOver) return { round: round + 1, state, results };
      const last = stored.operations.at(-1);
      return { round, state, results, seed, timeLeft: last?.type === 'step' ? last.timeLeft : null };
    };

    const over$ = new Subject<void>();
    const isMine$ = ownTab(key).pipe(
      tap((isMine) => {
        if (!isMine) log.leave();
      }),
      takeWhile((isMine) => isMine, true),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
    const stored$ = isMine$.pipe(
      take(1),
      concatMap((isMine) => (isMine ? from(log.open()) : of(undefined))),
    );
    const game$ = stored$.pipe(
      concatMap((stored) => play(startOf(stored))),
      tap((event) => {
        writer.write(event);
        // when the event has been recorded, so that the game is not stored further than its records
        queueMicrotask(tellHandOver);
      }),
      finalize(() => over$.next()),
    );
    // the tab is held as long as the game is played
    return merge(isMine$.pipe(ignoreElements(), takeUntil(over$)), game$).pipe(
      finalize(() => {
        checkpoints.stop();
        log.stop();
      }),
    );
  });
}
