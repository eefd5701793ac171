import { statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, sep } from 'node:path';
import sirv from 'sirv';

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 *
 * @typedef {object} Mount
 * @property {string} path Where the folder appears, with a slash at both ends, for instance `'/pyodide/'`.
 * @property {string} dir The folder.
 * @property {boolean} [kept] Browsers may cache the files, with their compiled code, and revalidate them each time. Default
 * false.
 *
 * @typedef {object} ServeOptions
 * @property {readonly Mount[]} mounts The first that has the file answers.
 * @property {boolean} [isolated] COOP and COEP, hence SharedArrayBuffer. Default true.
 * @property {number} [port] Default 0: any free one.
 * @property {string} [host] Default `'localhost'`.
 * @property {(request: Request, response: Response) => boolean} [intercept] Called first; true means that it
 * responds itself, even if late or never.
 *
 * @typedef {object} Served
 * @property {string} url Ends with a slash.
 * @property {import('node:http').Server} server For instance for Socket.IO to attach to.
 * @property {readonly string[]} requests The requested paths, in order.
 * @property {() => Promise<void>} close Ends open connections too.
 */

/** Types that sirv's table lacks. */
const types = new Map([['.whl', 'application/zip']]);

/** @param {Mount} mount */
function folder({ path, dir, kept = false }) {
  const files = sirv(dir, {
    dev: true, // reads the folder at each request: a rebuild shows at once
    etag: kept,
    brotli: true, // a .br beside a file goes in its place, with Content-Encoding: br
    setHeaders: (response, file) => {
      response.setHeader('Cache-Control', kept ? 'no-cache' : 'no-store');
      for (const [end, type] of types) if (file.endsWith(end)) response.setHeader('Content-Type', type);
    },
  });
  /** @param {string} inside */
  const isFolder = (inside) => {
    const target = join(dir, decodeURIComponent(inside));
    return target.startsWith(dir + sep) && statSync(target, { throwIfNoEntry: false })?.isDirectory() === true;
  };
  /** @param {Request} request @param {Response} response @param {() => void} next */
  return (request, response, next) => {
    const whole = request.url ?? '/';
    if (!whole.startsWith(path)) return next();
    const [inside = '', query] = whole.slice(path.length).split('?');
    // Without the slash a page's ./main.js would resolve to one folder up.
    if (inside !== '' && !inside.endsWith('/') && isFolder(inside)) {
      response.writeHead(302, { Location: `${path}${inside}/${query === undefined ? '' : `?${query}`}` }).end();
      return;
    }
    request.url = `/${whole.slice(path.length)}`;
    files(request, response, () => {
      request.url = whole;
      next();
    });
  };
}

/**
 * Serves folders, for `npm start` and for the specs.
 * @param {ServeOptions} options
 * @returns {Promise<Served>}
 */
export async function serve({ mounts, isolated = true, port = 0, host = 'localhost', intercept = () => false }) {
  const folders = mounts.map(folder);
  /** @type {string[]} */
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(new URL(request.url ?? '/', 'http://localhost').pathname);
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    if (intercept(request, response)) return;
    /** @param {number} index */
    const ask = (index) => {
      const next = folders[index];
      if (next) next(request, response, () => ask(index + 1));
      // Browsers request it by themselves, and would log an error.
      else if (request.url === '/favicon.ico') response.writeHead(204).end();
      else response.writeHead(404, { 'Content-Type': 'text/plain' }).end(`not found: ${request.url}`);
    };
    ask(0);
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => resolve(undefined));
  });
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://localhost:${bound}/`,
    server,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // A stalled request or a kept-alive connection would hold the server open.
        server.closeAllConnections();
      }),
  };
}
