import {
  defer,
  filter,
  map,
  ReplaySubject,
  scan,
  share,
  switchMap,
  take,
  takeUntil,
  throwIfEmpty,
  type Observable,
} from 'rxjs';
import { DisposedError, UsageError, type Action, type Data, type EpisodeStep, type PolicyContext } from '../index.js';
import { isText } from '../check.js';
import { describe } from '../describe.js';
import { absolute } from '../runtime/address.js';
import { actionOf } from './action.js';
import { loadModel, type Model } from './model.js';
import { checkPolicyOptions, type OnnxPolicyOptions } from './options.js';
import { pageWorker } from './page-worker.js';
import { observed, planFor, type Plan } from './plan.js';
import { downloading, ready, starting, type OnnxProgress } from './progress.js';
import { seededRandom } from '../agents/random.js';
import { RecurrentState, type Asker } from './recurrent-state.js';
import { Turns } from './turns.js';

/** The folder of the one version of onnxruntime-web that this library is built for and tested with, on jsDelivr. */
export const defaultOnnxURL = `https://cdn.jsdelivr.net/npm/onnxruntime-web@${__ORT_VERSION__}/dist/`;

/** A bot: an ONNX model that chooses actions. Made by {@link onnxPolicy}. */
export interface OnnxPolicy {
  /**
   * Asks the model: a cold observable of one action. An agent's questions are answered one after the other, in the order
   * of the subscriptions. Unsubscribing takes a question back, unless the worker has it already: then it is answered
   * unseen, and counts for the recurrent state.
   *
   * Errors: `OnnxModelError`, `OnnxInputError`, `OnnxActionError`, `OnnxWorkerError`; `QueueOverflowError` where more than
   * `limit` questions of an agent wait; `DisposedError`.
   */
  (context: PolicyContext<EpisodeStep>): Observable<Action>;
  /**
   * How far the loading has come; replays the latest. The first subscription starts it, as does the first question. It
   * stays open behind `ready`, errors when the loading fails or the worker dies (subscribe again to load again), and
   * completes when the policy is disposed of. Unsubscribing ends nothing.
   */
  readonly progress$: Observable<OnnxProgress>;
  /** The recurrent state of all agents after the last answer, as plain data; an empty list where the model has none. */
  getState(): Data;
  /**
   * Goes on from a state that `getState()` returned, here or in another policy of the same model. What is being answered
   * does not change it any more. Throws a `UsageError` for anything else.
   */
  setState(state: Data): void;
  /** Ends the worker. Questions that wait end with a `DisposedError`, as do all later ones. */
  dispose(): void;
}

interface Event {
  readonly progress: OnnxProgress;
  readonly loaded?: { readonly model: Model; readonly plan: Plan };
}

/**
 * A policy that asks an ONNX model, for `episodes` and wherever else a policy is wanted. The model runs in a worker of its
 * own, by onnxruntime-web (wasm, one thread), which needs no COOP and COEP. Nothing is loaded before the first question or
 * the first subscription to `progress$`; the worker lives until `dispose()`. One policy may play all agents of one env.
 *
 * The model gets the observation as float32 (or as the type that it asks for), in one row `[1, n]`, or in the observation's
 * own shape `[1, …]` where it takes that. Dicts go in the order of their sorted keys. It answers logits (a `Discrete` or
 * `MultiDiscrete` space; also where no space is known), integers or a single number (the action itself), or the numbers of
 * a `Box`, which are kept within its bounds. Recurrent state is kept by agent, and is zero at the start of an episode.
 *
 * `url` is relative to the page. Errors: `UsageError` for a bad option; all others come by the observables.
 *
 * @example
 * const bot = onnxPolicy('bots/overcooked.onnx', { sample: 'argmax' });
 * bot.progress$.subscribe(({ ratio }) => (bar.value = ratio));
 * episodes(env, bot, { count: 10 }).subscribe({ complete: () => bot.dispose() });
 *
 * @example A bot that looks at a part of the observation only
 * episodes(env, (context) => bot({ ...context, observation: context.observation.get('board') }))
 */
export function onnxPolicy(url: string, options: OnnxPolicyOptions = {}): OnnxPolicy {
  if (!isText(url)) throw new UsageError('onnxPolicy.url', 'the address of an ONNX model', describe(url));
  checkPolicyOptions(options);
  const { shape, sample = 'softmax', temperature = 1, seed, mask: keepsMask = true, limit = 8 } = options;
  const { indexURL = defaultOnnxURL, worker = pageWorker, deadline = 10_000, stall = 30_000 } = options;

  const disposed$ = new ReplaySubject<void>(1);
  /** The model itself is not what the options say: another worker would not help. */
  let refusal: unknown;
  const state = new RecurrentState();
  const turns = new Turns<Asker>('onnxPolicy', limit);

  const planned = (model: Model): Plan => {
    try {
      return planFor(model.signature, options);
    } catch (error) {
      refusal = error;
      throw error;
    }
  };

  const events$ = defer(() => {
    if (refusal) throw refusal as Error;
    const folder = absolute(indexURL).replace(/[/]?$/, '/');
    return loadModel({ url: absolute(url), indexURL: folder, worker, deadline, stall });
  }).pipe(
    map((report): Event => {
      if (report.type === 'loading') return { progress: downloading(report.loaded, report.total) };
      if (report.type === 'starting') return { progress: starting };
      return { progress: ready, loaded: { model: report.model, plan: planned(report.model) } };
    }),
    scan((before, now) => {
      const { ratio } = before.progress;
      return now.progress.ratio < ratio ? { ...now, progress: { ...now.progress, ratio } } : now;
    }),
    takeUntil(disposed$),
    // it lives on when nobody subscribes; after an error the next subscriber loads again
    share({ connector: () => new ReplaySubject<Event>(1), resetOnRefCountZero: false, resetOnComplete: false }),
  );

  const answer = (
    context: PolicyContext<EpisodeStep>,
    { model, plan }: NonNullable<Event['loaded']>,
    commit: () => void,
  ) => {
    const agent = context.agent ?? null;
    const { generation } = state;
    const observation = observed(context.observation, plan, model.signature, shape);
    const before = state.before(agent, context, plan);
    const inputs = { ...plan.fixed, ...before, [plan.observation.name]: observation };
    const fedBack = [...plan.state.values()].map(({ output }) => output);
    commit();
    return model.run(inputs, [...new Set([plan.output, ...fedBack])]).pipe(
      map((outputs) => {
        const output = outputs[plan.output];
        if (!output) throw new TypeError(`no output ${plan.output}`); // the worker was asked for it
        const asked = { space: context.space, mask: keepsMask ? context.mask : undefined };
        const random = seed === undefined ? Math.random : seededRandom(seed, context);
        const action = actionOf(output, asked, { sample, temperature }, random);
        state.after(agent, context, plan, outputs, generation);
        return action;
      }),
    );
  };

  const ask = (context: PolicyContext<EpisodeStep>): Observable<Action> =>
    turns
      .take(context.agent ?? null, (commit) =>
        events$.pipe(
          map(({ loaded }) => loaded),
          filter((loaded) => loaded !== undefined),
          switchMap((loaded) => answer(context, loaded, commit)),
          take(1),
          takeUntil(disposed$),
        ),
      )
      .pipe(throwIfEmpty(() => new DisposedError('the ONNX policy')));

  return Object.assign(ask, {
    progress$: events$.pipe(map(({ progress }) => progress)),
    getState: () => state.get(),
    setState: (given: Data) => state.set(given),
    dispose() {
      disposed$.next();
    },
  });
}
