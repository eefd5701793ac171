import { isNdArray, type NdArray } from '../protocol/ndarray.js';
import { plainly } from './batch.js';
import type { RecordHead, Stepped } from './study-record.js';

/** One step as cells by column, in the groups in which columns are sorted. */
export type Row = ReadonlyMap<string, unknown>;
export type StepRecord = RecordHead & Stepped;

const head = ['study', 'participant', 'session', 'seq', 'page', 'time', 'at', 'focus'] as const;
const place = ['round', 'episode', 'index', 'seed'] as const;
const groups = [
  'agent',
  'action',
  'reward',
  'terminated',
  'truncated',
  'info',
  'observation',
  'origin',
  'startedAt',
  'painted',
];

/** The cells of a step. What is by agent has a column for each: `reward.human`, `action.0`, `info.human.score`. */
export function rowOf(step: StepRecord, painted: number | undefined): Row {
  const row = new Map<string, unknown>();
  for (const name of [...head, ...place]) row.set(name, step[name]);
  if ('agent' in step) row.set('agent', step.agent);
  for (const name of ['action', 'reward', 'terminated', 'truncated', 'observation'] as const) {
    if (name === 'action' && isObject(step.action)) spread(row, name, new Map(Object.entries(step.action)));
    else if (step[name] !== undefined) spread(row, name, step[name]);
  }
  for (const name of ['info', 'origin'] as const) {
    const value: unknown = step[name];
    if (value instanceof Map) {
      for (const [agent, each] of value) spread(row, `${name}.${String(agent)}`, fieldsOf(each));
    } else spread(row, name, fieldsOf(value));
  }
  if (step.startedAt !== undefined) row.set('startedAt', step.startedAt);
  if (painted !== undefined) row.set('painted', painted);
  return row;
}

/** All columns, in order: the fixed ones, then those of each group in the order in which they came. */
export function sortedColumns(names: Iterable<string>): readonly string[] {
  const fixed: readonly string[] = [...head, ...place];
  const rest = [...names].filter((name) => !fixed.includes(name));
  const groupOf = (name: string) => groups.indexOf(name.split('.')[0] ?? '');
  return [...fixed, ...rest.sort((a, b) => groupOf(a) - groupOf(b))];
}

/** A line with its end, as in RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180). */
export const lineOf = (cells: readonly unknown[]): string => `${cells.map((cell) => quoted(textOf(cell))).join()}\r\n`;

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Numbers, strings and flags as they are, nothing for null, and all else as JSON. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return `${value as number}`;
  return JSON.stringify(isNdArray(value) ? nested(value) : plainly(value), (_, each: unknown) =>
    isArrayForm(each) ? nested(each) : each,
  );
}

function spread(row: Map<string, unknown>, name: string, value: unknown): void {
  if (value instanceof Map) for (const [key, each] of value) row.set(`${name}.${String(key)}`, each);
  else row.set(name, value);
}

const fieldsOf = (value: unknown): Map<string, unknown> => new Map(Object.entries(value ?? {}));

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype && !isNdArray(value);

/** What `toPlain` makes of an NdArray. */
interface ArrayForm {
  readonly v: readonly (number | string)[];
  readonly shape: readonly number[];
}
const isArrayForm = (value: unknown): value is ArrayForm =>
  typeof value === 'object' && value !== null && '$' in value && value.$ === 'array';

type Nested = number | string | readonly Nested[];

/** An array as lists in lists, which tables' readers know; its dtype is in the other formats only. */
function nested(array: NdArray | ArrayForm): Nested {
  if (!('v' in array)) return nested(plainly(array) as unknown as ArrayForm);
  const { v, shape } = array;
  const part = (axis: number, from: number): Nested => {
    const length = shape[axis];
    if (length === undefined) return v[from] ?? 0;
    const stride = shape.slice(axis + 1).reduce((product, each) => product * each, 1);
    return Array.from({ length }, (_, i) => part(axis + 1, from + i * stride));
  };
  return part(0, 0);
}
