import puppeteer, { type BrowserContext, type LaunchOptions, type Page } from 'puppeteer';
import type { Served, ServeOptions } from '../../scripts/serve.mjs';
import { launch } from '../helpers/browser';
import { serve, type Serving } from '../helpers/serve';

/** Not a secure context, unlike localhost; the shared browsers resolve it to localhost all the same. */
const lan = 'lan.test';

type Intercept = NonNullable<ServeOptions['intercept']>;

/** A server and a browser for the specs of a file; what pages store is gone after it. */
export interface Site {
  readonly browser: BrowserContext;
  readonly served: Served;
  /** The paths that the test has asked for so far. */
  readonly requests: readonly string[];
  /** Answers requests before the folders do, until the test ends. */
  intercept(answer: Intercept): void;
  /** Opens a page of spec/browser/pages and waits until its module has run. It is closed after the test. */
  open(page?: string): Promise<Page>;
  /** As `open`, for several tests; call it in `beforeAll`. */
  openForAll(page?: string): Promise<Page>;
  /** What the test's pages may say on their consoles; anything else fails it. */
  allow(...expected: readonly RegExp[]): void;
}

interface SiteOptions extends Serving {
  /** For a browser of its own. */
  readonly launch?: LaunchOptions;
  /** False for pages on http as from another machine. Default true: from localhost. */
  readonly secure?: boolean;
}

export function useSite({ launch: launchOptions, secure = true, ...options }: SiteOptions = {}): Site {
  let browser: BrowserContext;
  let closeBrowser: () => Promise<void>;
  let served: Served;
  let intercept: Intercept = () => false;
  let pages: Page[] = [];
  let problems: string[] = [];
  let allowed: RegExp[] = [];
  let seen = 0;

  async function openForAll(name = 'bench.html'): Promise<Page> {
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000); // a boot on a slow machine takes half a minute
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (['error', 'warn'].includes(message.type()))
        problems.push(`${message.text()} (${message.location().url ?? ''})`);
    });
    const url = secure ? served.url : served.url.replace('localhost', lan);
    await page.goto(`${url}pages/${name}`, { waitUntil: 'load' });
    return page;
  }

  beforeAll(async () => {
    [[browser, closeBrowser], served] = await Promise.all([
      openBrowser(launchOptions),
      serve({ ...options, intercept: (request, response) => intercept(request, response) }),
    ]);
  });
  afterEach(async () => {
    await Promise.all(pages.map((page) => page.close()));
    const unexpected = problems.filter((problem) => !allowed.some((pattern) => pattern.test(problem)));
    seen = served.requests.length;
    pages = [];
    problems = [];
    allowed = [];
    intercept = () => false;
    expect(unexpected).toEqual([]);
  });
  afterAll(async () => {
    await closeBrowser();
    await served.close();
  });

  return {
    get browser() {
      return browser;
    },
    get served() {
      return served;
    },
    get requests() {
      return served.requests.slice(seen);
    },
    intercept: (answer) => (intercept = answer),
    async open(name) {
      const page = await openForAll(name);
      pages.push(page);
      return page;
    },
    openForAll,
    allow: (...expected) => void allowed.push(...expected),
  };
}

/** A browser of its own, or else this Jest worker's (set-up.mjs), in which nothing is stored yet. */
async function openBrowser(options: LaunchOptions | undefined): Promise<[BrowserContext, close: () => Promise<void>]> {
  if (options) {
    const browser = await launch(options);
    return [browser.defaultBrowserContext(), () => browser.close()];
  }
  const { SPEC_BROWSERS = '', JEST_WORKER_ID = '1' } = process.env;
  const browserWSEndpoint = SPEC_BROWSERS.split(' ')[Number(JEST_WORKER_ID) - 1] ?? '';
  const browser = await puppeteer.connect({ browserWSEndpoint, protocolTimeout: 0 });
  const context = await browser.createBrowserContext();
  const close = async () => {
    await context.close();
    await browser.disconnect();
  };
  return [context, close];
}

/** Waits until the page has so many workers: one that computes ends some time after `terminate()`. */
export async function untilWorkers(page: Page, count: number): Promise<void> {
  while (page.workers().length !== count) {
    await new Promise((resolve) => {
      page.once('workercreated', resolve).once('workerdestroyed', resolve);
    });
  }
}
