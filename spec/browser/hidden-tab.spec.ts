import { useSite } from './site';

// Puppeteer tells Chromium to treat hidden tabs as shown ones; a user's Chromium does not.
const asUsersHaveIt = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

describe('ticks in a hidden tab', () => {
  const site = useSite({ launch: { ignoreDefaultArgs: asUsersHaveIt } });

  it("keep their rate, where the page's own timers are slowed down", async () => {
    const page = await site.open();
    const counting = page.evaluate(async () => {
      const { filter, firstValueFrom, fromEvent, interval, takeUntil, takeWhile, toArray } = bench.rxjs;
      await firstValueFrom(fromEvent(document, 'visibilitychange').pipe(filter(() => document.hidden)));
      const sixty$ = bench.rxgym.ticks(20).pipe(takeWhile(({ index }) => index < 60));
      const ticks = firstValueFrom(sixty$.pipe(toArray()));
      const timers = bench.watch(interval(50).pipe(takeUntil(ticks)));
      await ticks;
      return { ticks: (await ticks).length, timers: timers.values.length, hidden: document.hidden };
    });
    const inFront = await site.browser.newPage();
    await inFront.bringToFront();
    const { ticks, timers, hidden } = await counting;
    await inFront.close();

    expect(hidden).toBe(true);
    expect(ticks).toBeGreaterThan(40);
    // the control: once a second instead of twenty times
    expect(timers).toBeLessThan(10);
  });
});
