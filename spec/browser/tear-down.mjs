import { browsers } from './set-up.mjs';

export default async function tearDown() {
  await Promise.all(browsers.map((browser) => browser.close()));
}
