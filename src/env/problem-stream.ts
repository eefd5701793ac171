import { Subject, filter, finalize, takeUntil, tap, type Observable } from 'rxjs';
import type { DescribedReport, ProblemKind, ProblemReport } from '../protocol/messages.js';

/** Something that went wrong in an env and ends nothing: a picture that cannot be had, a space that raises. */
export interface Problem {
  /**
   * `render`: what there is to see; `space`: what the env says of its spaces; `observe`: what an agent of a
   * turn-based env sees; `state`: the checkpoints that bring it back.
   */
  readonly kind: ProblemKind;
  readonly message: string;
  /** What to do about it, for instance ``add `pygame-ce` to packages``; null where nothing is known to help. */
  readonly hint: string | null;
  /** The episode, as in a step's `episode`; 0 before the first. */
  readonly episode: number;
  /** How many times it came up so far, this time included. Those that died untold with their interpreter are missing. */
  readonly count: number;
}

/** What was told of a problem so far. */
interface Told {
  readonly episode: number;
  readonly count: number;
}

/**
 * The problems of an env, each once an episode, also where an interpreter that came later says it again. Those that
 * nobody looks at go to the console, each once. Messages that differ in numbers only are one problem.
 */
export class ProblemStream {
  /** Only observes. */
  readonly problems$: Observable<Problem>;

  readonly #problems$ = new Subject<Problem>();
  readonly #told = new Map<string, Told>();

  constructor(ofEnvs$: Observable<ProblemReport | DescribedReport>, env: number, ended$: Observable<void>) {
    this.problems$ = this.#problems$.asObservable();
    ofEnvs$
      .pipe(
        filter((said): said is ProblemReport => said.type === 'problem' && said.env === env),
        tap((report) => {
          this.#tell(report);
        }),
        finalize(() => {
          this.#problems$.complete();
        }),
        takeUntil(ended$),
      )
      .subscribe();
  }

  #tell({ kind, message, hint, episode, count: since }: ProblemReport): void {
    const name = `${kind} ${message.replace(/0x[\da-f]+|\d+/gi, '#')}`;
    const told = this.#told.get(name);
    const count = (told?.count ?? 0) + since;
    this.#told.set(name, { episode, count });
    if (told?.episode === episode) return;
    if (this.#problems$.observed) this.#problems$.next({ kind, message, hint, episode, count });
    else if (!told) console.warn(`rxgym: ${kind}: ${message}${hint === null ? '' : ` (${hint})`}`);
  }
}
