// Checks of what arrives as `unknown`. A message's type is derived from its checks, so that the two cannot differ.

import type { Packed } from './pack.js';

export type Check<T> = (value: unknown) => value is T;
export type Fields = Readonly<Record<string, Check<unknown>>>;
/** The fields of a message, each with its check: one that is forgotten does not compile. */
export type FieldsOf<M, Key extends string> = Readonly<Record<Exclude<keyof M, Key>, Check<unknown>>>;

/** What an object is known to be once its fields were checked. */
export type Checked<F extends Fields> = { readonly [K in keyof F]: F[K] extends Check<infer T> ? T : never };

export const text: Check<string> = (value): value is string => typeof value === 'string';
export const flag: Check<boolean> = (value): value is boolean => typeof value === 'boolean';
/** A whole number from 0. */
export const whole: Check<number> = (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
/** In ms; also a count of bytes. */
export const amount: Check<number> = (value): value is number => typeof value === 'number' && value >= 0;
export const buffer: Check<ArrayBuffer> = (value): value is ArrayBuffer => value instanceof ArrayBuffer;

export const nullable =
  <T>(check: Check<T>): Check<T | null> =>
  (value): value is T | null =>
    value === null || check(value);
export const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value): value is T | undefined =>
    value === undefined || check(value);
export const listOf =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (value): value is readonly T[] =>
    Array.isArray(value) && value.every(check);
export const oneOf =
  <const T>(...values: readonly T[]): Check<T> =>
  (value): value is T =>
    (values as readonly unknown[]).includes(value);

export const packed: Check<Packed> = (value): value is Packed =>
  hasFields(value, { json: text, buffers: listOf(buffer) } satisfies Record<keyof Packed, Check<unknown>>);

export function hasFields<F extends Fields>(value: unknown, fields: F): value is Checked<F> {
  if (typeof value !== 'object' || value === null) return false;
  for (const name in fields) {
    if (!fields[name]?.((value as Record<string, unknown>)[name])) return false;
  }
  return true;
}

/** One of several kinds of object, which the field named `key` tells apart. */
export function hasVariant(value: unknown, key: string, variants: Readonly<Record<string, Fields>>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const variant = (value as Record<string, unknown>)[key];
  if (typeof variant !== 'string' || !Object.hasOwn(variants, variant)) return false;
  return hasFields(value, variants[variant] ?? {});
}
