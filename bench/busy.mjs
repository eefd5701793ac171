/**
 * What answers how long the page's thread has been busy so far, in ms, by Chromium's developer tools.
 * @param {import('puppeteer').Page} page
 * @returns {Promise<() => Promise<number>>}
 */
export async function busyTime(page) {
  const devtools = await page.createCDPSession();
  await devtools.send('Performance.enable');
  return async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN);
  };
}
