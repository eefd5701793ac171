import type { BakedImage } from './baked-image.js';
import { fetchBakedImage, type FetchOptions } from './fetch-baked-image.js';
import { placeFiles, placesIn } from './files.js';
import type { Pyodide } from './pyodide.js';

/** The bridge's arguments for an image's env: its spec, and whether the interpreter was started from the image. */
export type BakedEnvArguments = readonly [spec: string, isIn: boolean];

export interface BakedImages {
  /**
   * From then on the image is known by its address. `isIn`: the interpreter was started from it; else its files are written.
   */
  readonly add: (url: string, image: BakedImage, isIn: boolean) => BakedEnvArguments;
  /** What `set_up` needs of an image; one that is not known is fetched for its files, and its memory left out. */
  readonly argumentsFor: (url: string) => Promise<BakedEnvArguments>;
}

/** The baked images whose files lie in the interpreter's memory. */
export function bakedImages(pyodide: Pyodide, options: FetchOptions): BakedImages {
  const known = new Map<string, BakedEnvArguments>();
  const add: BakedImages['add'] = (url, { manifest, files }, isIn) => {
    if (!isIn) placeFiles(pyodide, files, placesIn(pyodide));
    const result = [JSON.stringify(manifest.env), isIn] as const;
    known.set(url, result);
    return result;
  };
  return {
    add,
    async argumentsFor(url) {
      const before = known.get(url);
      if (before) return before;
      const image = await fetchBakedImage(url, options);
      image.close();
      return add(url, image, false);
    },
  };
}
