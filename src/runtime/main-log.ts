import type { MainEntry } from '../protocol/messages.js';

/** What ran in `__main__`, and one more; at most so many, the latest. Names that are set again at once count once. */
export function withEntry(entries: readonly MainEntry[], entry: MainEntry, most: number): readonly MainEntry[] {
  const latest = entries.at(-1);
  const kept = latest && isOverwritten(latest, entry) ? entries.slice(0, -1) : entries;
  return [...kept, entry].slice(-most);
}

function isOverwritten(earlier: MainEntry, later: MainEntry): boolean {
  if (earlier.kind !== 'setGlobals' || later.kind !== 'setGlobals') return false;
  const names = namesOf(later);
  return namesOf(earlier).every((name) => name !== '$' && names.includes(name));
}

export const namesOf = ({ globals }: Pick<MainEntry, 'globals'>): string[] =>
  Object.keys(JSON.parse(globals.json) as object);
