import { defer, forkJoin, fromEvent, ignoreElements, merge, pipe, share, switchMap, take, tap } from 'rxjs';
import { actions, createPool, createRuntime, rounds, stepWith, type TurnStep } from 'rxgym';
import { dataset } from '../shared/dataset.js';
import { element } from '../shared/element.js';
import { indexURL } from '../shared/index-url.js';
import source from './connect_four.py';
import search from './search.py';
import { searching } from './searching.js';
import { columns$, draw, go, loadingBot, show, think } from './view.js';

const budget = element('#budget', HTMLSelectElement);

const runtime = createRuntime({ indexURL: indexURL() });
const game = runtime.env<TurnStep>({ source });
const pool = createPool({ indexURL: indexURL(), size: 2 });
const thinkers = pool.env<TurnStep>({ source: `${source}\n${search}` });
const bot = searching(game, pool, thinkers, () => Number(budget.value));

const play = pipe(actions(game, { you: columns$, bot: bot.policy }), stepWith(game, { onCrash: 'resume' }));
const next$ = fromEvent(go, 'click').pipe(take(1));
// behind the game's own boot, and again for a round that is begun anew: what has failed boots again
const thinkersReady$ = defer(() =>
  merge(pool.boot().pipe(switchMap(() => thinkers.ready$)), thinkers.progress$.pipe(tap(loadingBot), ignoreElements())),
).pipe(take(1));
const game$ = rounds(game, play, {
  count: 4,
  seed: 0, // of the round: who begins changes with it
  fps: 20,
  // one click begins the first round, and another each of those behind it
  ready: (round) => (round === 0 ? forkJoin([thinkersReady$, next$]) : thinkersReady$),
  between: () => next$,
}).pipe(share());

merge(
  game$.pipe(tap(show)),
  bot.thoughts$.pipe(tap(think)),
  dataset(element('main', HTMLElement), {
    status$: runtime.status$,
    steps$: game.steps$,
    frames$: game.frames$.pipe(tap(draw)),
  }),
).subscribe();

element('#source', HTMLPreElement).textContent = source;
element('#search', HTMLPreElement).textContent = search;
