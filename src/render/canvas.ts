/** What the painters draw with: the 2D context of either kind of canvas. */
export type Context2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** What the painters need of a canvas; an `HTMLCanvasElement` and an `OffscreenCanvas` both have it. */
export interface PaintableCanvas {
  width: number;
  height: number;
  getContext(kind: '2d'): Context2D | null;
}

/** Makes the canvas transparent, or all of one colour. */
export function clear(context: Context2D, width: number, height: number, background: string | undefined): void {
  context.clearRect(0, 0, width, height);
  if (background === undefined) return;
  context.fillStyle = background;
  context.fillRect(0, 0, width, height);
}
