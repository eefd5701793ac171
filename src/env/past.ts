import { longestTimer } from '../check.js';
import type { CommandBody, MainEntry, Replay, ReplayEntry } from '../protocol/messages.js';
import { withEntry } from '../runtime/main-log.js';
import type { Request } from '../runtime/requests.js';
import type { EnvHost } from '../runtime/runtime.js';
import type { Recovery } from './recovery.js';
import { setUpMessage, type EnvSpec } from './spec.js';
import { packState, type EnvState } from './state.js';

/** A part of a way back, at its place among those of the runtime's other envs. */
export interface Leg {
  readonly order: number;
  readonly body: CommandBody;
  /** In ms: as long as what it does again had, all together. */
  readonly deadline: number;
}

/** The legs that make an env what it is: what ran in `__main__` before it, its set-up, and what was done since. */
export class Past {
  /** What ran in `__main__` before the env was set up, and since, up to the checkpoint. */
  #before: readonly MainEntry[] = [];
  #since: readonly MainEntry[] = [];
  /** When it was set up, and when it stood at its checkpoint, as `host.tick` counts. */
  #setUpAt = 0;
  #stoodAt = 0;
  /** What the env gets for the system's entropy follows from it, in every interpreter the same, so that a replay does. */
  #entropy = '';
  /** The longest that users gave each kind of command, in ms. */
  readonly #allowed = new Map<string, number>();
  /** How many episodes there were when the env was set up with no past. */
  #episodes = 0;

  constructor(
    private readonly host: EnvHost,
    private readonly id: number,
    private readonly spec: EnvSpec,
    private readonly recovery: Recovery,
  ) {}

  /** Sets the env up with no past; in a new interpreter after all that ran before. */
  begin(episodes: number, isNew: boolean): readonly Leg[] {
    this.recovery.begin();
    this.#entropy = crypto.getRandomValues(new Uint32Array(4)).join();
    this.#episodes = episodes;
    this.#before = this.host.ranSoFar();
    this.#since = [];
    // behind the others' ways back
    return [...(isNew ? this.#replay(this.#before, true) : []), this.#setUp()].map((leg) => ({
      ...leg,
      order: Infinity,
    }));
  }

  /** True when code ran before the set-up. */
  get beganWithRuns(): boolean {
    return this.#before.some(({ kind }) => kind === 'run');
  }

  /** A command may run so long, and when it is done again, too. */
  allows({ type, deadline }: Pick<Request, 'type' | 'deadline'>): void {
    if (deadline > (this.#allowed.get(type) ?? 0)) this.#allowed.set(type, deadline);
  }

  /** The set-up is done, now. */
  isSetUp(): void {
    this.#setUpAt = this.host.tick();
  }

  /** Something ran that was sent before the set-up. */
  ranBefore(entry: MainEntry): void {
    this.#before = withEntry(this.#before, entry, this.host.settings().restart.log);
  }

  /** A state that the env is known to be in now. It holds the env, not what ran beside it. */
  standsAt(state: EnvState): void {
    const most = this.host.settings().restart.log;
    this.#since = this.recovery.way.log
      .filter(isMain)
      .reduce((since, entry) => withEntry(since, entry, most), this.#since);
    this.#stoodAt = this.host.tick();
    this.recovery.took(state);
  }

  /** To the last acknowledged operation: in a new interpreter, or in the same. */
  wayBack(isNew: boolean): readonly Leg[] {
    const { checkpoint, log } = this.recovery.way;
    // the same interpreter is as it was, but for the env; unless the log has what changes more
    const isBare = isNew || !checkpoint || log.some(isMain);
    return [
      ...(isBare ? [...this.#replay(this.#before, isNew), this.#setUp(), ...this.#replay(this.#since, isNew)] : []),
      ...(checkpoint ? [this.#restore(checkpoint)] : []),
      ...this.#replay(log, isNew),
    ];
  }

  /** As far as a spare interpreter goes ahead. */
  beginning(): readonly Leg[] {
    return [...this.#replay(this.#before, true), this.#setUp()];
  }

  #setUp(): Leg {
    const past = { episodes: this.#episodes, entropy: this.#entropy };
    const { run } = this.host.settings().deadlines;
    return { order: this.#setUpAt, body: setUpMessage(this.id, this.spec, past), deadline: run };
  }

  #restore(checkpoint: EnvState): Leg {
    const { run } = this.host.settings().deadlines;
    const body = { type: 'setState', env: this.id, state: packState(checkpoint), main: true } as const;
    return { order: this.#stoodAt, body, deadline: run };
  }

  /** Each that ran in `__main__` begins a leg of its own where another env has to see it at the same time. */
  #replay(entries: readonly ReplayEntry[], once: boolean): Leg[] {
    const isShared = this.host.isShared();
    const legs: { order: number; body: Replay & { readonly entries: ReplayEntry[] }; deadline: number }[] = [];
    for (const [from, entry] of entries.entries()) {
      const latest = legs.at(-1);
      const deadline = this.#deadlineOf(entry);
      if (latest && !(isShared && isMain(entry))) {
        latest.body.entries.push(entry);
        latest.deadline = Math.min(latest.deadline + deadline, longestTimer);
      } else {
        const body = { type: 'replay' as const, env: this.id, entries: [entry], from, once };
        legs.push({ order: entry.number, body, deadline });
      }
    }
    return legs;
  }

  #deadlineOf({ kind }: ReplayEntry): number {
    const { step, reset, run } = this.host.settings().deadlines;
    const usual = kind === 'reset' ? reset : ['run', 'setGlobals', 'rollout'].includes(kind) ? run : step;
    const many = kind === 'step' ? (this.#allowed.get('stepMany') ?? 0) : 0;
    return Math.max(usual, this.#allowed.get(kind) ?? 0, many);
  }
}

const isMain = (entry: ReplayEntry): entry is MainEntry => !('came' in entry);
