// Bots by ONNX, for the functions that a spec runs in the page.
import { concatMap, from } from 'rxjs';
import type { Action, EpisodeStep, PolicyContext } from 'rxgym';
import * as rxgymOnnx from 'rxgym/onnx';
import type { Outcome } from './bench';
import './bench.js';

type Context = Partial<PolicyContext<EpisodeStep>>;

const bots = {
  ...rxgymOnnx,

  /** A policy by the model of that name, and the onnxruntime that the spec's server has. */
  make(model: string, options: rxgymOnnx.OnnxPolicyOptions = {}): rxgymOnnx.OnnxPolicy {
    return rxgymOnnx.onnxPolicy(`/models/${model}.onnx`, { indexURL: '/ort/', ...options });
  },

  context: (observation: unknown, more: Context = {}): PolicyContext<EpisodeStep> => ({
    observation,
    info: {},
    episode: 1,
    index: 1,
    last: undefined,
    ...more,
  }),

  /** Asks one after the other. */
  ask(bot: rxgymOnnx.OnnxPolicy, contexts: readonly PolicyContext<EpisodeStep>[]): Promise<Outcome<Action>> {
    return bench.outcome(from(contexts).pipe(concatMap((context) => bot(context))));
  },

  /** Makes a policy, asks it once and disposes of it. */
  async once(
    model: string,
    observation: unknown,
    options: rxgymOnnx.OnnxPolicyOptions = {},
    more: Context = {},
  ): Promise<Outcome<Action>> {
    const bot = bots.make(model, options);
    const outcome = await bots.ask(bot, [bots.context(observation, more)]);
    bot.dispose();
    return outcome;
  },
};

declare global {
  var bots: Bots;
  /** For a spec that needs it twice. */
  var bot: rxgymOnnx.OnnxPolicy;
}
type Bots = typeof bots;
globalThis.bots = bots;
