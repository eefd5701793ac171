import { element } from '../shared/element.js';
import type { Chronicle, Incident } from './incidents.js';
import { facts, story, summary, titles } from './words.js';

const list = element('#incidents', HTMLOListElement);
const none = element('#none', HTMLElement);
const said = element('#said', HTMLElement);
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Shows the incidents, the newest first. Only the newest ever changes. */
export function showIncidents({ recent }: Chronicle) {
  none.hidden = recent.length > 0;
  const [newest] = recent;
  if (!newest) return;
  const known = list.firstElementChild;
  const wasOpen = known instanceof HTMLElement && known.dataset['state'] === 'open';
  if (wasOpen) known.replaceWith(item(newest));
  else list.prepend(item(newest));
  while (list.children.length > recent.length) list.lastElementChild?.remove();
  if (newest.until !== undefined) said.textContent = summary(newest);
}

function item(incident: Incident): HTMLLIElement {
  const { fault, since, until } = incident;
  const li = document.createElement('li');
  li.dataset['fault'] = fault;
  li.dataset['state'] = until === undefined ? 'open' : 'over';
  const time = add(li, 'time', clock.format(since));
  time.dateTime = new Date(since).toISOString();
  add(li, 'h3', titles[fault]);
  add(li, 'p', until === undefined ? story(incident) || 'The game stands still …' : story(incident));
  const dl = add(li, 'dl', '');
  for (const [label, value] of facts(incident)) {
    const pair = add(dl, 'div', '');
    add(pair, 'dt', label);
    add(pair, 'dd', value);
  }
  return li;
}

function add<K extends keyof HTMLElementTagNameMap>(parent: HTMLElement, tag: K, text: string) {
  const child = document.createElement(tag);
  child.textContent = text;
  parent.append(child);
  return child;
}
