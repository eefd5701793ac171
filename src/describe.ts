/** Any value as text of at most 120 characters, for an error message. */
export function describe(value: unknown): string {
  const text = textOf(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

function textOf(value: unknown): string {
  if (typeof value !== 'object') return `${value as number}`;
  try {
    return JSON.stringify(value);
  } catch {
    return Object.prototype.toString.call(value); // it holds itself, or a bigint
  }
}
