import puppeteer, { type Browser, type LaunchOptions } from 'puppeteer';
import { chromiumFlags, ensureBrowser } from '../../scripts/browser.mjs';

/** A headless Chromium or Chrome; close it in `afterAll`. `args` are added to ours. */
export function launch({ args = [], ...options }: LaunchOptions = {}): Promise<Browser> {
  return puppeteer.launch({
    executablePath: ensureBrowser(),
    headless: true,
    args: [...chromiumFlags, ...args],
    ...options,
  });
}
