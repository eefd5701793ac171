/**
 * Why a request is not done, as the answer tells it: a problem document with what was expected and what came instead.
 * https://www.rfc-editor.org/rfc/rfc9457
 */
export class Refusal extends Error {
  /**
   * @param {number} status Of HTTP. From 500 on the same request may succeed later.
   * @param {{ at?: string, expected: string, got: string, headers?: Record<string, string>, more?: object }} facts `at`
   * is the place in the body, for instance `records[3].seq`; `more` are further members of the document.
   */
  constructor(status, { at, expected, got, headers = {}, more = {} }) {
    super(`${at ? `${at}: ` : ''}expected ${expected}; got ${got}`);
    this.status = status;
    this.headers = headers;
    this.facts = { ...(at ? { at } : {}), expected, got, ...more };
  }

  /** @param {string} title The status in words. */
  document(title) {
    return { type: 'about:blank', title, status: this.status, detail: this.message, ...this.facts };
  }
}

/**
 * A value in the words of a refusal, at most 80 characters.
 * @param {unknown} value
 */
export function describe(value) {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 80) : value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
