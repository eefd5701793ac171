import { openBakedImage, type BakedImage } from './baked-image.js';
import { watched } from './counted-fetch.js';

export interface FetchOptions {
  readonly fetchFile: (url: string, signal: AbortSignal) => Promise<Response>;
  /** How long a download may bring no byte, in ms. */
  readonly stall: number;
}

export async function fetchBakedImage(
  url: string,
  { fetchFile, stall }: FetchOptions,
  onBytes: (loaded: number, total: number) => void = () => undefined,
): Promise<BakedImage> {
  try {
    const response = await watched(url, (signal) => fetchFile(url, signal), { stall });
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
    return await openBakedImage(response.body, onBytes);
  } catch (error) {
    throw new Error(
      `the image ${url} cannot be used: ${(error as Error).message}; expected what \`npx rxgym bake\` wrote, ` +
        'served as it is, or the .br beside it with `Content-Encoding: br`',
      { cause: error },
    );
  }
}
