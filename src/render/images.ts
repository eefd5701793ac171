import { check } from '../check.js';
import { cutsOf, type Atlas, type Box, type Cut } from './atlas.js';

/** An image, or the pages of one, with the frames that a sprite's `frame` names. */
export interface AtlasImage {
  /** The images of the atlas's pages, in their order; one image, where it has one page. */
  readonly image: CanvasImageSource | readonly CanvasImageSource[];
  readonly atlas: Atlas;
}

/** An image of frames of one size, row by row. A sprite's `frame` is a number, from 0 (the default) at the top left. */
export interface SpriteSheet {
  readonly image: CanvasImageSource;
  /** In pixels of the image. */
  readonly frameWidth: number;
  /** In pixels of the image. */
  readonly frameHeight: number;
  /** The pixels around all frames. Default 0. */
  readonly margin?: number | undefined;
  /** The pixels between two frames. Default 0. */
  readonly spacing?: number | undefined;
}

/** Images by the `image_name` of sprites: {@link loadImages} makes them. */
export type Images = Readonly<Record<string, CanvasImageSource | AtlasImage | SpriteSheet>>;

/** What a sprite shows: a whole image, or a cut of one. */
export interface Picture {
  readonly image: CanvasImageSource;
  readonly cut?: Cut;
}

/** Why a sprite shows nothing. */
export interface Missing {
  readonly kind: 'image' | 'frame';
  readonly name: string;
  readonly message: string;
}

/** Throws a `UsageError` for an atlas or a sprite sheet that is none. */
export function checkImages(option: string, images: Images): void {
  for (const [name, entry] of Object.entries(images)) checkEntry(`${option}.${name}`, entry);
}

function checkEntry(option: string, entry: Images[string] | undefined): void {
  const images: unknown = entry && (isAtlas(entry) || isSheet(entry)) ? entry.image : entry;
  const fits = (Array.isArray(images) ? images : [images]).every((image) => typeof image !== 'string');
  check(option, images, 'an image that is loaded: loadImages takes addresses', fits);
  if (entry && isAtlas(entry)) cutsOf(`${option}.atlas`, entry.atlas);
  else if (entry && isSheet(entry)) checkSheet(option, entry);
}

/** Throws a `UsageError` where the sizes of a sprite sheet cannot be. */
export function checkSheet(option: string, sheet: Omit<SpriteSheet, 'image'>): void {
  const { frameWidth, frameHeight, margin = 0, spacing = 0 } = sheet;
  const sizes = { frameWidth, frameHeight, margin, spacing };
  const fits = frameWidth > 0 && frameHeight > 0 && margin >= 0 && spacing >= 0;
  check(option, sizes, 'a frameWidth and a frameHeight above 0, and a margin and spacing from 0, all in pixels', fits);
}

/** What a sprite shows, or why it does not; undefined while its image is loading. */
export function findPicture(images: Images, name: string, frame: unknown): Picture | Missing | undefined {
  const entry = Object.hasOwn(images, name) ? images[name] : undefined;
  if (!entry) return missingImage(images, name);
  if (isAtlas(entry)) return ofAtlas(entry, name, frame);
  if (isSheet(entry)) return ofSheet(entry, name, frame);
  return usable(entry, name);
}

function ofAtlas({ image, atlas }: AtlasImage, name: string, frame: unknown): Picture | Missing | undefined {
  const cuts = cutsOf(`paint.images.${name}.atlas`, atlas);
  // without a frame the first one, as Phaser has it
  const cut = isNamed(frame) ? cuts.get(String(frame)) : cuts.values().next().value;
  if (!cut) return missingFrame(name, frame, [...cuts.keys()]);
  const pages: readonly (CanvasImageSource | undefined)[] = Array.isArray(image) ? image : [image];
  const page = pages[cut.page];
  return page ? usable(page, name, cut) : { kind: 'image', name, message: `image '${name}' has no page ${cut.page}` };
}

function ofSheet(sheet: SpriteSheet, name: string, frame: unknown): Picture | Missing | undefined {
  checkSheet(`paint.images.${name}`, sheet);
  const picture = usable(sheet.image, name);
  if (!picture || 'kind' in picture) return picture;
  const { frameWidth: w, frameHeight: h, margin = 0, spacing = 0 } = sheet;
  const [width, height] = naturalSize(sheet.image) ?? [0, 0];
  const along = (whole: number, part: number) => Math.max(0, Math.floor((whole - margin + spacing) / (part + spacing)));
  const [columns, rows] = [along(width, w), along(height, h)];
  const index = isNamed(frame) ? Number(frame) : 0;
  const exists = Number.isInteger(index) && index >= 0 && index < columns * rows;
  if (!exists) return missingFrame(name, frame, [`${columns} × ${rows} frames`]);
  const x = margin + (index % columns) * (w + spacing);
  const y = margin + Math.floor(index / columns) * (h + spacing);
  const box: Box = { x, y, w, h };
  return { ...picture, cut: { page: 0, box, rotated: false, whole: box, x: 0, y: 0 } };
}

// drawImage throws for an image that could not be loaded, and draws nothing for one that is loading.
// https://html.spec.whatwg.org/multipage/canvas.html#check-the-usability-of-the-image-argument
function usable(image: CanvasImageSource, name: string, cut?: Cut): Picture | Missing | undefined {
  if ('naturalWidth' in image) {
    if (!image.complete) return undefined;
    if (image.naturalWidth === 0) return { kind: 'image', name, message: `image '${name}' could not be loaded` };
  }
  return cut ? { image, cut } : { image };
}

/** The size of an image in its own pixels. */
export function naturalSize(image: CanvasImageSource): readonly [width: number, height: number] | undefined {
  if ('naturalWidth' in image) return [image.naturalWidth, image.naturalHeight];
  if ('videoWidth' in image) return [image.videoWidth, image.videoHeight];
  const { width, height } = image as { readonly width: unknown; readonly height: unknown };
  return typeof width === 'number' && typeof height === 'number' ? [width, height] : undefined;
}

function missingImage(images: Images, name: string): Missing {
  const known = shortList(Object.keys(images));
  const message = `a sprite's image_name is '${name}', and paint has ${known}: give paint's option images one of that name`;
  return { kind: 'image', name, message };
}

function missingFrame(name: string, frame: unknown, known: readonly string[]): Missing {
  return {
    kind: 'frame',
    name: `${name}/${String(frame)}`,
    message: `image '${name}' has no frame '${String(frame)}'; it has ${shortList(known)}`,
  };
}

function shortList(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')}, … (${names.length})` : names.join(', ') || 'none';
}

const isNamed = (frame: unknown): boolean => frame !== undefined && frame !== null;
const isAtlas = (entry: Images[string] | string): entry is AtlasImage => typeof entry === 'object' && 'atlas' in entry;
const isSheet = (entry: Images[string] | string): entry is SpriteSheet =>
  typeof entry === 'object' && 'frameWidth' in entry;
