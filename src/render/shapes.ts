import type { DrawableObject } from '../env/step.js';
import type { Context2D } from './canvas.js';
import { colour, measure, number, place, points, size, text, type Extent } from './fields.js';

/** Draws one object. The caller restores the context. */
export type DrawShape = (context: Context2D, object: DrawableObject, extent: Extent) => void;

const black = '#000000';
const fullTurn = 2 * Math.PI;

export const shapes: Readonly<Record<string, DrawShape>> = {
  rect,
  rectangle: rect,
  circle,
  line,
  polygon,
  text: label,
  arc,
  ellipse,
};

/** Fills and strokes the current path. With a stroke and no colour it is an outline. */
function ink(context: Context2D, object: DrawableObject, extent: Extent): void {
  const stroke = colour(object, 'stroke_color');
  const thickness = measure(object, 'stroke_width', extent, 1);
  const outlined = stroke !== undefined && thickness > 0;
  const fill = colour(object, 'color') ?? (outlined ? undefined : black);
  if (fill !== undefined) {
    context.fillStyle = fill;
    context.fill();
  }
  if (outlined) {
    context.strokeStyle = stroke;
    context.lineWidth = thickness;
    context.stroke();
  }
}

function rect(context: Context2D, object: DrawableObject, extent: Extent): void {
  const extents = size(object, extent);
  if (!extents) return;
  const [[x, y], [width, height]] = [place(object, extent), extents];
  const radius = measure(object, 'border_radius', extent);
  context.beginPath();
  if (radius > 0) context.roundRect(x, y, width, height, radius);
  else context.rect(x, y, width, height);
  ink(context, object, extent);
}

function circle(context: Context2D, object: DrawableObject, extent: Extent): void {
  context.beginPath();
  context.arc(...place(object, extent), measure(object, 'radius', extent), 0, fullTurn);
  ink(context, object, extent);
}

function ellipse(context: Context2D, object: DrawableObject, extent: Extent): void {
  const [rx, ry] = place(object, extent, 'rx', 'ry');
  context.beginPath();
  context.ellipse(...place(object, extent), Math.abs(rx), Math.abs(ry), 0, 0, fullTurn);
  ink(context, object, extent);
}

function arc(context: Context2D, object: DrawableObject, extent: Extent): void {
  const [x, y] = place(object, extent);
  const radius = measure(object, 'radius', extent);
  const outline = number(object, 'width') > 0;
  context.beginPath();
  if (!outline) context.moveTo(x, y);
  context.arc(x, y, radius, number(object, 'start_angle'), number(object, 'end_angle', fullTurn));
  if (outline) return strokeLine(context, object, extent);
  context.closePath();
  ink(context, object, extent);
}

function polygon(context: Context2D, object: DrawableObject, extent: Extent): void {
  if (!trace(context, object, extent)) return;
  context.closePath();
  ink(context, object, extent);
}

function line(context: Context2D, object: DrawableObject, extent: Extent): void {
  const ends = trace(context, object, extent);
  if (!ends) return;
  strokeLine(context, object, extent);
  const edge = object['fill_below'] === true ? extent.height : object['fill_above'] === true ? 0 : undefined;
  if (edge === undefined) return;
  context.lineTo(ends.last, edge);
  context.lineTo(ends.first, edge);
  context.closePath();
  context.fillStyle = colour(object, 'color') ?? black;
  context.fill();
}

/** Makes the object's points the path. Returns the x of the first and the last, or undefined for less than two points. */
function trace(
  context: Context2D,
  object: DrawableObject,
  extent: Extent,
): { first: number; last: number } | undefined {
  const [start, ...rest] = points(object, extent);
  const end = rest.at(-1);
  if (!start || !end) return undefined;
  context.beginPath();
  context.moveTo(...start);
  for (const point of rest) context.lineTo(...point);
  return { first: start[0], last: end[0] };
}

function strokeLine(context: Context2D, object: DrawableObject, extent: Extent): void {
  context.strokeStyle = colour(object, 'color') ?? black;
  context.lineWidth = measure(object, 'width', extent, 1);
  context.stroke();
}

function label(context: Context2D, object: DrawableObject, extent: Extent): void {
  const pixels = measure(object, 'size', { width: 0, height: extent.height }, 16);
  context.font = `${pixels}px ${text(object, 'font') ?? 'Arial'}`;
  context.textBaseline = 'top';
  context.fillStyle = colour(object, 'color') ?? black;
  const [x, y] = place(object, extent);
  const { text: words } = object;
  const lines = (typeof words === 'string' || typeof words === 'number' ? String(words) : '').split('\n');
  for (const [index, line] of lines.entries()) context.fillText(line, x, y + index * pixels * 1.2);
}
