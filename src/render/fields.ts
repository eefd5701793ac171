import type { DrawableObject } from '../env/step.js';

// Reads the fields of objects from Python: any field may be missing, None, or of another type.

/** A point or a size in canvas pixels. */
export type Point = readonly [x: number, y: number];

/** The canvas's size in pixels, by which shares are multiplied. */
export interface Extent {
  readonly width: number;
  readonly height: number;
}

export function number(object: DrawableObject, field: string, fallback = 0): number {
  const value = object[field];
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

export function text(object: DrawableObject, field: string): string | undefined {
  const value = object[field];
  return typeof value === 'string' ? value : undefined;
}

/** The point at the object's fields `x` and `y`, or two other fields. */
export function place(object: DrawableObject, extent: Extent, x = 'x', y = 'y'): Point {
  return [number(object, x) * extent.width, number(object, y) * extent.height];
}

/**
 * A length without a direction, such as a radius or a thickness: below 1 a share of the canvas's longer side, from 1 on
 * pixels, as in Interactive Gym's envs.
 */
export function measure(object: DrawableObject, field: string, extent: Extent, fallback = 0): number {
  const value = Math.max(0, number(object, field, fallback));
  return value < 1 ? value * Math.max(extent.width, extent.height) : value;
}

/** The size of a rect or sprite: `w`, `h` are shares; `width`, `height` are shares up to 1, and pixels above. */
export function size(object: DrawableObject, extent: Extent): Point | undefined {
  const along = (short: string, long: string, whole: number) => {
    if (typeof object[short] === 'number') return number(object, short) * whole;
    const value = number(object, long);
    return value <= 1 ? value * whole : value;
  };
  const [width, height] = [along('w', 'width', extent.width), along('h', 'height', extent.height)];
  return width > 0 && height > 0 ? [width, height] : undefined;
}

/** Points in pixels, from a list of [x, y], an array of shape n×2, or a line's x1, y1, x2, y2. */
export function points(object: DrawableObject, extent: Extent): readonly Point[] {
  const { points: value } = object;
  if (Array.isArray(value)) return value.flatMap((point) => toPoint(point, extent));
  if (typeof value === 'object' && value !== null && 'data' in value && 'shape' in value) {
    const numbers = Array.from(value.data as ArrayLike<number | bigint>, Number);
    return numbers.flatMap((x, i) => (i % 2 === 0 ? toPoint([x, numbers[i + 1]], extent) : []));
  }
  if (typeof object['x1'] !== 'number') return [];
  return [place(object, extent, 'x1', 'y1'), place(object, extent, 'x2', 'y2')];
}

function toPoint(value: unknown, { width, height }: Extent): Point[] {
  const [x, y] = Array.isArray(value) ? (value as unknown[]) : [];
  return typeof x === 'number' && typeof y === 'number' ? [[x * width, y * height]] : [];
}

/** A CSS colour, or a list of red, green, blue (0–255) and optionally alpha (0–1). */
export function colour(object: DrawableObject, field: string): string | undefined {
  const value = object[field];
  if (typeof value === 'string') return value;
  if (!Array.isArray(value) || value.length < 3) return undefined;
  const [red, green, blue, alpha = 1] = value.map(Number);
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}
