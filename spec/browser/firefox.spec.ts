// A short cut through the failure matrix, in Firefox.
import type { Page } from 'puppeteer';
import { ensureFirefox } from '../../scripts/browser.mjs';
import { crashCauses, namesOfPhases, serveFailures } from './crash-causes';
import type { Phase } from './pages/failures';
import { useSite } from './site';

const cells: readonly (readonly [cause: string, phase: Phase])[] = [
  ['a fatal wasm error', 'stepping'],
  ['a stack overflow', 'stepping'],
  ['a heap that is full', 'stepping'],
  ['os._exit', 'awaiting'],
  ['an error that nobody catches', 'idle'],
  ['self.close()', 'idle'],
  ['terminate() from outside', 'idle'],
];

function hasFirefox(): boolean {
  try {
    return Boolean(ensureFirefox());
  } catch (error) {
    console.log(`The specs in Firefox are skipped. ${(error as Error).message}`);
    return false;
  }
}

(hasFirefox() ? describe : describe.skip)('in Firefox, an interpreter that was up', () => {
  const site = useSite({ launch: { browser: 'firefox' } });
  const visits = new Map<string, number>();
  let page: Page;

  beforeEach(() => {
    site.allow(/./);
    serveFailures(site, visits);
  });

  it('is up, with an env in it', async () => {
    page = await site.openForAll('failures.html');
    await page.evaluate(() => failures.begin());
  });

  it.each(cells)('dies of %s while %s', async (cause, phase) => {
    const { kind, code, outside } = crashCauses.find((one) => one.cause === cause)!;
    const seen = await page.evaluate((fault) => failures.inject(fault), { phase, code, outside });

    expect(seen.crash).toEqual({ kind, phase: namesOfPhases[phase] });
    expect(seen.command).toEqual(phase === 'idle' ? null : { name: 'CrashError', kind });
    expect(seen.after).toEqual({ answer: 2, lost: 0 });
  });

  it('is interrupted at a deadline, and goes on', async () => {
    const { error, answer } = await page.evaluate(async () => ({
      error: (await bench.outcome(bench.runtime.run('while True: pass', { deadline: 300 }))).error,
      answer: await bench.run('6 * 7'),
    }));

    expect(error).toMatchObject({ name: 'DeadlineError', outcome: 'interrupted' });
    expect(answer).toBe(42);
  });
});
