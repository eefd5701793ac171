import { defer, fromEvent, retry } from 'rxjs';
import { createRuntime, type Progress } from 'rxgym';
import { dataset } from '../shared/dataset.js';
import { element } from '../shared/element.js';
import { indexURL } from '../shared/index-url.js';
import { smoothness } from './smooth.js';

const bar = element('#bar', HTMLProgressElement);
const label = element('#label', HTMLLabelElement);
const bytes = element('#bytes', HTMLElement);
const said = element('#said', HTMLElement);
const failure = element('#failure', HTMLElement);
const problem = element('#problem', HTMLElement);
const pendulum = element('#pendulum', SVGGElement);
const longest = element('#longest', HTMLElement);
const pictures = element('#pictures', HTMLElement);
const stages = Array.from(document.querySelectorAll<HTMLElement>('[data-stage]'));

element('#distribution', HTMLAnchorElement).href = new URL('pyodide.mjs', indexURL()).href;

const runtime = createRuntime({ indexURL: indexURL() });

// How far it is.
const megabytes = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const size = (count: number) => megabytes.format(count / 1e6);

function showProgress({ stage, label: text, loaded, total, ratio }: Progress) {
  const current = stages.findIndex(({ dataset }) => dataset['stage'] === stage);
  if (label.textContent !== text) label.textContent = text; // or a screen reader would say it again
  bar.value = ratio;
  bytes.textContent =
    loaded === null ? '' : total === null ? `${size(loaded)} MB` : `${size(loaded)} of ${size(total)} MB`;
  stages.forEach((item, index) => {
    item.dataset['state'] = index < current || stage === 'ready' ? 'done' : 'open';
    item.toggleAttribute('aria-current', false);
    if (index === current) item.setAttribute('aria-current', 'step');
  });
}
runtime.progress$.subscribe(showProgress);

// Ready, or failed until someone asks for another try.
const retry$ = fromEvent(element('#retry', HTMLButtonElement), 'click');
defer(() => runtime.boot())
  .pipe(retry({ delay: () => retry$ }))
  .subscribe(({ python, pyodide, bootMs }) => {
    said.textContent = `Python ${python} (Pyodide ${pyodide}) was ready after ${(bootMs / 1000).toFixed(1)} s.`;
  });

runtime.status$.subscribe((status) => {
  failure.hidden = status.state !== 'failed';
  if (status.state !== 'failed') return;
  problem.textContent = status.error.message;
  label.textContent = 'Stopped';
});

// The thing that moves. Who wants less motion sees the figures only.
const still = matchMedia('(prefers-reduced-motion: reduce)');
const again$ = fromEvent(element('#again', HTMLButtonElement), 'click');
smoothness(again$).subscribe(({ elapsed, pictures: count, longest: pause }) => {
  const angle = still.matches ? 20 : 38 * Math.cos((elapsed / 1000) * Math.PI);
  pendulum.setAttribute('transform', `rotate(${angle.toFixed(2)})`);
  pictures.textContent = String(count);
  longest.textContent = `${Math.round(pause)} ms`;
});

// The control: so does a page look whose thread is busy.
fromEvent(element('#hold', HTMLButtonElement), 'click').subscribe(() => {
  const until = performance.now() + 500;
  while (performance.now() < until);
});

dataset(element('main', HTMLElement), runtime).subscribe();
