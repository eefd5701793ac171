import type { Context2D, PaintableCanvas } from '../../src/render/canvas.js';

type Entry = readonly [name: string, ...args: unknown[]];

/** A canvas that writes down what is drawn on it: calls as [name, …arguments], settings as [`name =`, value]. */
export class Recorder implements PaintableCanvas {
  readonly log: Entry[] = [];
  /** The images that were put, copied at that time, as rows of bytes. */
  readonly images: {
    readonly width: number;
    readonly height: number;
    readonly bytes: number[];
    readonly image: object;
  }[] = [];
  #width: number;
  #height: number;
  readonly #context: Context2D;

  constructor(width = 200, height = 100) {
    this.#width = width;
    this.#height = height;
    const own: Record<string, unknown> = {
      measureText: (text: string) => ({ width: text.length * 10 }),
      createImageData: (w: number, h: number) => {
        this.log.push(['createImageData', w, h]);
        return { width: w, height: h, data: new Uint8ClampedArray(w * h * 4) };
      },
      putImageData: (image: ImageData, x: number, y: number) => {
        this.log.push(['putImageData', x, y]);
        this.images.push({ width: image.width, height: image.height, bytes: [...image.data], image });
      },
    };
    this.#context = new Proxy(own, {
      get: (_, name: string) => own[name] ?? ((...args: unknown[]) => void this.log.push([name, ...args])),
      set: (_, name: string, value) => {
        this.log.push([`${name} =`, value]);
        return true;
      },
    }) as never;
  }

  get width() {
    return this.#width;
  }
  set width(width: number) {
    this.log.push(['width =', width]);
    this.#width = width;
  }
  get height() {
    return this.#height;
  }
  set height(height: number) {
    this.log.push(['height =', height]);
    this.#height = height;
  }
  getContext() {
    return this.#context;
  }

  /** The entries of these names, in their order. */
  calls(...names: string[]): readonly Entry[] {
    return this.log.filter(([name]) => names.includes(name));
  }
}
