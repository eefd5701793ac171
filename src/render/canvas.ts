/** The 2D context of either kind of canvas. */
export type Context2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** What painters need of a canvas: an `HTMLCanvasElement`, an `OffscreenCanvas`, or any object of this shape. */
export interface PaintableCanvas {
  width: number;
  height: number;
  getContext(kind: '2d'): Context2D | null;
}

/** Clears the canvas and fills it with the background, if any. */
export function clear(context: Context2D, width: number, height: number, background: string | undefined): void {
  context.clearRect(0, 0, width, height);
  if (background === undefined) return;
  context.fillStyle = background;
  context.fillRect(0, 0, width, height);
}
