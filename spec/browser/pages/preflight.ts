import { createRuntime, preflight } from 'rxgym';

const bar = document.querySelector('progress')!;
const said = document.querySelector('p')!;
const begin = document.querySelector('button')!;
const source = await fetch('cart_pole.py').then((file) => file.text());

const runtime = createRuntime({ indexURL: '/pyodide/' });
const env = runtime.env({ source });

preflight(runtime, env, { needs: { stepsPerSecond: 10, storageMB: 5 } }).subscribe((event) => {
  if (event.type === 'measuring') {
    bar.value = event.ratio;
    said.textContent = event.label;
  } else {
    begin.disabled = event.verdict === 'unfit';
    said.textContent = event.reasons.map(({ message }) => message).join('; ') || 'All is well.';
    document.body.dataset['verdict'] = event.verdict;
  }
});
