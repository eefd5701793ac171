import { Observable } from 'rxjs';
import { isText } from '../check.js';
import { filesOf, imagesNamedBy, toPlans, type ImageAssets, type Plan } from './assets.js';
import { pagesOf, type Atlas } from './atlas.js';
import { decodeAtlas, decodeImage, download, free } from './image-files.js';
import type { Images } from './images.js';

/** How far {@link loadImages} has come. */
export interface ImagesProgress {
  /** For people to read: the address that was loaded last. */
  readonly label: string;
  /** Files so far, atlases among them. */
  readonly loaded: number;
  /** Files in all. It grows where an atlas turns out to have several pages. */
  readonly total: number;
  /** 0 to 1; never goes back. */
  readonly ratio: number;
  /** For the option `images` of {@link paint}; with the last emission only. */
  readonly images?: Images;
}

/**
 * Loads images, atlases and sprite sheets for {@link paint}. It emits its progress at the start and after each file, and
 * at last the images, then it completes. Subscribing starts it, all files at once; unsubscribing aborts it. It works in a
 * worker, too.
 *
 * Addresses are relative to the page, those in an atlas to the atlas. They have to be of the page's own origin, or of one
 * that allows it (CORS). An asset, by the `image_name` of sprites, is
 * - an image: its address;
 * - an atlas, in TexturePacker's JSON: `{ image, atlas }`. With several pages `image` is a list; without `image` the
 *   atlas's own names are taken;
 * - a sprite sheet: `{ image, frameWidth, frameHeight, margin, spacing }`, in pixels;
 * - an asset spec of Interactive Gym's ({@link AssetSpec}). A list of these is taken, too.
 *
 * Errors: `UsageError` at the call for what is none of these; {@link ImageError} as the stream's error for a file that
 * cannot be had.
 *
 * @example
 * loadImages({ chefs: { image: 'chefs.png', atlas: 'chefs.json' } })
 *   .pipe(
 *     tap(({ ratio }) => (bar.value = ratio)),
 *     last(),
 *     switchMap(({ images }) => env.frames$.pipe(paint(canvas, { images }))),
 *   )
 *   .subscribe()
 */
export function loadImages(assets: ImageAssets): Observable<ImagesProgress> {
  const plans = toPlans(assets);
  return new Observable((subscriber) => {
    const controller = new AbortController();
    const decoded: CanvasImageSource[] = [];
    let total = plans.reduce((sum, plan) => sum + filesOf(plan), 0);
    let [loaded, ratio] = [0, 0];
    let isHandedOut = false;

    report('images');
    Promise.all(plans.map(async (plan) => [plan.name, await load(plan)] as const)).then(
      (entries) => {
        isHandedOut = true;
        report('images', Object.fromEntries(entries));
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      controller.abort();
      if (!isHandedOut) decoded.forEach(free);
    };

    async function load(plan: Plan): Promise<Images[string]> {
      const { name, images, atlas, sheet } = plan;
      const given = loadAll(name, images);
      if (!atlas) {
        const [image] = (await given) as [CanvasImageSource];
        return sheet ? { ...sheet, image } : image;
      }
      const [read, pages] = await Promise.all([isText(atlas) ? loadAtlas(plan, atlas) : atlas, given]);
      return { atlas: read, image: [...pages, ...(await loadAll(name, imagesNamedBy(read, plan)))] };
    }

    function loadAll(name: string, urls: readonly string[]): Promise<CanvasImageSource[]> {
      return Promise.all(
        urls.map(async (url) => {
          const image = await decodeImage(name, url, await download(name, url, controller.signal));
          decoded.push(image);
          if (controller.signal.aborted) free(image);
          note(url);
          return image;
        }),
      );
    }

    async function loadAtlas({ name, images }: Plan, url: string): Promise<Atlas> {
      const atlas = await decodeAtlas(name, url, await download(name, url, controller.signal));
      if (images.length === 0) total += pagesOf(atlas).length - 1;
      note(url);
      return atlas;
    }

    function note(url: string): void {
      loaded += 1;
      report(url);
    }

    function report(label: string, images?: Images): void {
      ratio = Math.max(ratio, total === 0 ? 1 : loaded / total);
      subscriber.next({ label, loaded, total, ratio, ...(images && { images }) });
    }
  });
}
