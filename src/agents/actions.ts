import {
  EMPTY,
  Observable,
  catchError,
  concatMap,
  defer,
  forkJoin,
  ignoreElements,
  isObservable,
  map,
  merge,
  of,
  tap,
  type OperatorFunction,
} from 'rxjs';
import { check } from '../check.js';
import type { EnvReady, PerAgent, Space } from '../env/spaces.js';
import type { Action, AgentId, AnyStep, Origin, Reset } from '../env/step.js';
import { UsageError } from '../errors.js';
import { Choice, type Chosen } from '../operators/choice.js';
import type { PolicyContext } from '../operators/episodes.js';
import { isNdArray } from '../protocol/ndarray.js';
import { Agent, type Act, type AgentOptions, type AgentStep, type Source } from './agent.js';
import { gateOf, type Gate } from '../operators/gate.js';
import { maskOf } from '../operators/mask.js';
import type { Playable } from './playable.js';

/** One for each agent, by its name: as an object or a Map. */
export type ByAgent<T> = Readonly<Record<string, T>> | ReadonlyMap<AgentId, T>;

/**
 * From ticks to actions: with each value of its source it emits a {@link Choice}, which `stepWith` makes when the step is
 * due. So nobody is asked before the step before is known, however fast the ticks come.
 *
 * Each agent acts by a {@link Source}; an env with one agent takes the source itself.
 * - An Observable: a person. `pressedKeys`, `heldButtons` and whatever else emits when it is subscribed says what is held,
 *   and is read at each step. `keystrokes` and the like give actions one by one, each for one step: without an `idle`
 *   action the env waits for the next.
 * - A function: a policy. It is asked with `{ observation, info, mask, space, agent, index, episode, last }` and answers
 *   with an action, a Promise or an Observable of one.
 * - Anything else: the action that it always does. (`of(action)` for an object or a Map.)
 *
 * A parallel env gets a Map of actions, by the agents that are still there. Of a turn-based env the one whose turn it is
 * acts, with what was given since its turn began. An env that was never reset is reset first.
 *
 * Errors: what a source or a policy raises; `UsageError` for an agent without a source, one source where the env has several
 * agents, sources by agent where it has one, or a bad option.
 *
 * @example
 * ticks(10).pipe(
 *   actions(env, { cook: pressedKeys(keys, { idle: 6 }), helper: onnxPolicy('helper.onnx') }, { helper: { every: 4 } }),
 *   stepWith(env),
 * )
 */
export function actions<S extends AnyStep>(
  env: Playable<S>,
  sources: Source | ByAgent<Source>,
  options: AgentOptions | ByAgent<AgentOptions> = {},
): OperatorFunction<unknown, Choice<Action>> {
  const agents = new Agents(sources, options);
  return (ticks$) =>
    new Observable((subscriber) => {
      const chooser = new Chooser(env, agents, gateOf(ticks$));
      const choice = new Choice(chooser.choose);
      subscriber.add(chooser.listening$.subscribe({ error: (error: unknown) => subscriber.error(error) }));
      subscriber.add(ticks$.pipe(map(() => choice)).subscribe(subscriber));
    });
}

/** Chooses the actions of one game. */
class Chooser<S extends AnyStep> {
  /** Listens to the persons and to what the env says of itself; emits nothing. */
  readonly listening$: Observable<never>;
  #ready: EnvReady | undefined;
  #turn = '';

  constructor(
    private readonly env: Playable<S>,
    private readonly agents: Agents,
    private readonly gate?: Gate,
  ) {
    const ready$ = env.ready$.pipe(
      tap((ready) => (this.#ready = ready)),
      ignoreElements(),
      catchError(() => EMPTY), // the command that sets the env up says it, too
    );
    const opens$ = (gate?.opens$ ?? EMPTY).pipe(
      tap(() => agents.forget()), // what was pressed in a pause
      ignoreElements(),
    );
    this.listening$ = merge(agents.listening$, ready$, opens$);
  }

  readonly choose = (): Observable<Chosen<Action>> =>
    defer(() => {
      if (this.gate?.isOpen === false) return EMPTY;
      const { latest } = this.env;
      return latest ? this.#chooseAfter(latest) : this.env.reset().pipe(concatMap((reset) => this.#chooseAfter(reset)));
    });

  #chooseAfter(outcome: Reset | S): Observable<Chosen<Action>> {
    const { agents } = this;
    agents.check(outcome, this.#ready);
    // nobody acts when it is over: the step is refused, or resets
    if ('done' in outcome && outcome.done) return of({ action: null, origin: new Map() });
    if (!agents.areMany) return later(agents.only.act(this.#contextOf(outcome, undefined)));
    if ('agent' in outcome) return outcome.agent === null ? EMPTY : this.#chooseInTurn(outcome, outcome.agent ?? '');
    // the lists of an env of lists are known as such from its first step on, and all of its agents act to the end
    const isList = Array.isArray(outcome.observation);
    agents.isTeam ||= isList;
    const names = agents.isTeam ? agents.names.map((_, i) => i) : agentsOf(outcome);
    return joint(
      names.map((name) => [name, agents.of(name), this.#contextOf(outcome, name)] as const),
      isList,
    );
  }

  #chooseInTurn(outcome: Reset | S, name: AgentId): Observable<Chosen<Action>> {
    const agent = this.agents.of(name);
    const context = this.#contextOf(outcome, name);
    const turn = `${context.episode},${context.index}`;
    if (turn !== this.#turn) agent.forget();
    this.#turn = turn;
    return later(agent.act(context));
  }

  #contextOf(outcome: Reset | S, agent: AgentId | undefined): PolicyContext<AgentStep> {
    const isOfAll = agent !== undefined && !('agent' in outcome);
    const own = (values: unknown): unknown => {
      if (isOfAll && values instanceof Map) return values.get(agent) as unknown;
      return isOfAll && Array.isArray(values) ? (values[agent as number] as unknown) : values;
    };
    const observation = own(outcome.observation);
    const info = own(outcome.info);
    const last = 'done' in outcome ? outcome : undefined;
    return {
      ...(agent !== undefined && { agent }),
      observation,
      info,
      mask: maskOf(observation, info),
      space: spaceOf(this.#ready?.actionSpace, agent),
      episode: outcome.episode,
      index: last ? last.index + 1 : 1,
      last,
    };
  }
}

/** The agents of a game, by their names. */
class Agents {
  /** False where the env has one agent, which has no name. */
  readonly areMany: boolean;
  readonly listening$: Observable<never>;
  /** Whether their values are lists. */
  isTeam = false;
  readonly #agents: ReadonlyMap<string, Agent>;

  constructor(sources: Source | ByAgent<Source>, options: AgentOptions | ByAgent<AgentOptions>) {
    this.areMany = isByAgent(sources);
    if (isByAgent(sources)) {
      const given = entriesOf(options as ByAgent<AgentOptions>);
      const names = [...entriesOf(sources).keys()];
      for (const name of given.keys())
        check('actions.options', name, `one of ${names.join(', ')}`, names.includes(name));
      this.#agents = new Map(
        [...entriesOf(sources)].map(([name, source]) => [name, new Agent(`actions.${name}`, source, given.get(name))]),
      );
    } else this.#agents = new Map([['', new Agent('actions', sources, options as AgentOptions)]]);
    this.listening$ = merge(...[...this.#agents.values()].map(({ listening$ }) => listening$));
  }

  get only(): Agent {
    return this.of('');
  }

  of(name: AgentId): Agent {
    const agent = this.#agents.get(String(name));
    if (!agent) throw new UsageError('actions.sources', `a source for the agent ${name}`, this.#given);
    return agent;
  }

  /** Throws where the env has several agents and one source was given, or the other way round. */
  check({ observation }: Reset | AnyStep, ready: EnvReady | undefined): void {
    const names = ready?.agents ?? [];
    const option = 'actions.sources';
    check(option, 'one source for all', `sources by agent: { ${names.join(', ')} }`, this.areMany || !names.length);
    const isOfMany = ready?.kind !== 'single' || observation instanceof Map || Array.isArray(observation);
    const expected = 'the source of the only agent; write of(action) for an action that is an object';
    check(option, this.#given, expected, isOfMany || !this.areMany);
  }

  forget(): void {
    for (const agent of this.#agents.values()) agent.forget();
  }

  get names(): readonly string[] {
    return [...this.#agents.keys()];
  }

  get #given(): string {
    return `{ ${this.names.join(', ')} }`;
  }
}

function isByAgent(sources: Source | ByAgent<Source>): sources is ByAgent<Source> {
  if (typeof sources !== 'object' || sources === null || isObservable(sources) || isNdArray(sources)) return false;
  return !Array.isArray(sources) && !ArrayBuffer.isView(sources);
}

const entriesOf = <T>(values: ByAgent<T>): ReadonlyMap<string, T> =>
  new Map(
    [...(values instanceof Map ? values : Object.entries(values))].map(([name, value]) => [String(name), value as T]),
  );

/** Those of a parallel env that still act. */
function agentsOf(outcome: Reset | AnyStep): readonly AgentId[] {
  const { observation } = outcome;
  const names = observation instanceof Map ? ([...observation.keys()] as AgentId[]) : [];
  if (!('done' in outcome)) return names;
  const isOut = (agent: AgentId): boolean =>
    [outcome.terminated, outcome.truncated].some((flags) => flags instanceof Map && flags.get(agent) === true);
  return names.filter((agent) => !isOut(agent));
}

function spaceOf(spaces: PerAgent<Space | null> | undefined, agent: AgentId | undefined): Space | undefined {
  const space =
    agent !== undefined && spaces instanceof Map ? (spaces as ReadonlyMap<AgentId, Space>).get(agent) : spaces;
  return (space as Space | null | undefined) ?? undefined;
}

type Acting = Act | undefined | Observable<Act>;

/** None where the agent has no action yet. */
function later(act: Acting): Observable<Chosen<Action>> {
  if (act === undefined) return EMPTY;
  return isObservable(act) ? act : of(act);
}

/** All of them, or none while a person has given no action yet: then no policy is asked in vain. */
function joint(
  agents: readonly (readonly [AgentId, Agent, PolicyContext<AgentStep>])[],
  isList: boolean,
): Observable<Chosen<Action>> {
  if (!agents.every(([, agent]) => agent.isPrepared)) return EMPTY;
  const acts = agents.map(([, agent, context]) => agent.act(context));
  const together = (all: readonly Act[]): Chosen<Action> => {
    const action = new Map<AgentId, Action>();
    const origin = new Map<AgentId, Origin>();
    for (const [i, act] of all.entries()) {
      const [name = i] = agents[i] ?? [];
      action.set(name, act.action);
      origin.set(name, act.origin);
    }
    return { action: isList ? [...action.values()] : action, origin };
  };
  if (!acts.some(isObservable)) return of(together(acts as readonly Act[]));
  return forkJoin(acts.map((act) => later(act))).pipe(map((all) => together(all as readonly Act[])));
}
