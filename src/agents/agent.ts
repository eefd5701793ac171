import { EMPTY, from, isObservable, map, race, take, throwIfEmpty, timer, type Observable } from 'rxjs';
import { anyRule, check, checkOptions, deadlineRule, type Rules } from '../check.js';
import type { ActedBy, Action, AnyStep, Origin } from '../env/step.js';
import { UsageError } from '../errors.js';
import type { EpisodeStep, Policy, PolicyContext } from '../operators/episodes.js';
import { idlesOf } from '../operators/idle.js';
import { isPromise } from '../operators/is-promise.js';
import { HeldInput } from './held-input.js';

/** What an agent does when its policy is not asked, or does not answer in time. */
export interface AgentOptions {
  /**
   * A policy is asked at the first step of an episode, and then at every n-th; a whole number from 1. Default 1. In between
   * the agent does `meanwhile`.
   */
  readonly every?: number | undefined;
  /** What it does between two questions: its last action again, or `idle`. Default `'previous'`. */
  readonly meanwhile?: 'previous' | 'idle' | undefined;
  /**
   * Its action while nothing is given: no key was pressed, no button touched. Without it, the env waits for a person whose
   * source gives actions one by one.
   */
  readonly idle?: Action;
  /**
   * What happens when a policy has not answered by the `deadline`: the step waits on, the agent does its last action again,
   * or `idle`. In the last two cases the answer counts for nothing, and the step's `origin` says `'late'`. Runs that wait
   * are repeatable; others depend on the machine. Default `'wait'`.
   */
  readonly late?: 'wait' | 'previous' | 'idle' | undefined;
  /** For `late`: how long a policy may take, in ms from the question. */
  readonly deadline?: number | undefined;
}

const rules: Rules<AgentOptions> = {
  every: { min: 1, whole: true },
  meanwhile: { words: ['previous', 'idle'] },
  idle: anyRule,
  late: { words: ['wait', 'previous', 'idle'] },
  deadline: deadlineRule,
};

/** What an agent acts by: a policy, an Observable of actions, or an action that is always the same. */
export type Source =
  | Observable<Action>
  // of a method, so that a policy may say more exactly what it observes
  | { policy(context: PolicyContext<AgentStep>): ReturnType<Policy<Action, AgentStep>> }['policy']
  | Action;

/** A step as a policy is told of it. */
export interface AgentStep extends EpisodeStep {
  readonly observation: unknown;
  readonly info: unknown;
}

/** One agent's action, and where it comes from. */
export interface Act {
  readonly action: Action;
  readonly origin: Origin;
}

/** Answers with an agent's actions, one for each step. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #input: HeldInput<Action> | undefined;
  #previous: Action;
  #hasPrevious = false;
  #hasActed = false;

  /** `name`: how errors call it, for instance `actions.player_0`. */
  constructor(
    private readonly name: string,
    private readonly source: Source,
    options: AgentOptions = {},
  ) {
    checkOptions(name, options, rules);
    const { late = 'wait', meanwhile = 'previous', deadline } = options;
    const needsIdle = late !== 'wait' || meanwhile === 'idle';
    check(`${name}.idle`, options.idle, 'an action, for `late` and `meanwhile`', !needsIdle || 'idle' in options);
    const isFitting = (late === 'wait') === (deadline === undefined);
    check(`${name}.deadline`, deadline, "a time in ms for late 'previous' or 'idle', and none without", isFitting);
    this.#options = options;
    this.#input = isObservable(source) ? new HeldInput(source) : undefined;
  }

  /** Listens to a person while it is subscribed. */
  get listening$(): Observable<never> {
    return this.#input?.listening$ ?? EMPTY;
  }

  /** False while a person has given no action, and there is none in its place. */
  get isPrepared(): boolean {
    return !this.#input || 'idle' in this.#options || this.#input.isThere;
  }

  /** What a person gave so far does not count, but for what is held. */
  forget(): void {
    this.#input?.forget();
  }

  /** Its action, now or later; undefined where a person has given none. */
  act(context: PolicyContext<AgentStep>): Act | undefined | Observable<Act> {
    if (context.index === 1) this.#hasPrevious = false;
    else if (!this.#hasActed) this.#recall(context);
    this.#hasActed = true;
    const { source } = this;
    if (this.#input) {
      const given = this.#input.take();
      if (given) return this.#did(this.#isIdle(given.action) ? 'idle' : 'input', given.action, given.at);
      return 'idle' in this.#options ? this.#did('idle', this.#options.idle) : undefined;
    }
    if (typeof source !== 'function') return this.#did('constant', source as Action);
    const { every = 1, meanwhile = 'previous' } = this.#options;
    if ((context.index - 1) % every !== 0 && (this.#hasPrevious || meanwhile === 'idle')) return this.#again(meanwhile);
    return this.#ask(source, context);
  }

  /** The episode was begun on another page: its last action is in the step before; not so where agents act in turns. */
  #recall({ agent, last }: PolicyContext<AgentStep>): void {
    if (!last || 'agent' in last) return;
    const { action } = last as Partial<AnyStep>;
    if (agent === undefined) this.#previous = action;
    else if (action instanceof Map) this.#previous = action.get(agent) as Action;
    else if (Array.isArray(action)) this.#previous = action[agent as number] as Action; // of an env of lists
    this.#hasPrevious = this.#previous !== undefined;
  }

  /** Whether nothing is held: the source's word for it, or the agent's. */
  #isIdle(action: Action): boolean {
    const idles = isObservable(this.source) ? idlesOf(this.source) : [];
    return idles.includes(action) || ('idle' in this.#options && this.#options.idle === action);
  }

  #ask(
    policy: (context: PolicyContext<AgentStep>) => ReturnType<Policy<Action, AgentStep>>,
    context: PolicyContext<AgentStep>,
  ): Act | Observable<Act> {
    const answer = policy(context);
    if (!isObservable(answer) && !isPromise(answer)) return this.#did('policy', answer);
    const act$ = from(answer).pipe(
      take(1),
      throwIfEmpty(
        () => new UsageError(this.name, 'a policy that answers an action', 'one that completed without any'),
      ),
      map((action) => this.#did('policy', action)),
    );
    const { late = 'wait', deadline } = this.#options;
    if (late === 'wait' || deadline === undefined) return act$;
    return race(act$, timer(deadline).pipe(map(() => this.#again(late, 'late'))));
  }

  #again(what: 'previous' | 'idle', by: ActedBy = what): Act {
    const action = what === 'previous' && this.#hasPrevious ? this.#previous : this.#options.idle;
    return this.#did(by, action);
  }

  #did(by: ActedBy, action: Action, at = performance.now()): Act {
    if (by === 'policy' || by === 'input') {
      this.#previous = action;
      this.#hasPrevious = true;
    }
    return { action, origin: { by, at } };
  }
}
