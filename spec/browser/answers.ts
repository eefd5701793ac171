import type { ServerResponse } from 'node:http';
import type { ServeOptions } from '../../scripts/serve.mjs';

type Intercept = NonNullable<ServeOptions['intercept']>;

/** How a server answers: at once, late or never. */
export type Answer = (response: ServerResponse) => void;

/** For `site.intercept`: an answer of its own for some paths. */
export const at =
  (answers: Readonly<Record<string, Answer>>): Intercept =>
  ({ url = '' }, response) => {
    answers[url]?.(response);
    return url in answers;
  };

export const script = (code: string): Answer => {
  return (response) => response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(code);
};
