import { check } from '../check.js';

/** A rectangle, in pixels of an image. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** One frame of an {@link Atlas}, as TexturePacker writes it. */
export interface AtlasFrame {
  /** The frame's name, where frames are a list. */
  readonly filename?: string | undefined;
  /** Where it lies on its page; `w` and `h` are those of the upright frame, also where it is stored turned. */
  readonly frame: Box;
  /** True where it is stored turned by 90° clockwise. */
  readonly rotated?: boolean | undefined;
  /** True where its transparent border was cut off. */
  readonly trimmed?: boolean | undefined;
  /** Where the trimmed part lies in the whole. */
  readonly spriteSourceSize?: Box | undefined;
  /** The size of the whole. */
  readonly sourceSize?: Pick<Box, 'w' | 'h'> | undefined;
}

/** The frames of one image, by name or as a list. */
export interface AtlasPage {
  readonly frames: Readonly<Record<string, AtlasFrame>> | readonly AtlasFrame[];
  /** Of one page among several: its image's address, relative to the atlas. */
  readonly image?: unknown;
  /** Of an atlas of one page: `image` is its image's address, relative to the atlas. */
  readonly meta?: { readonly image?: unknown } | undefined;
}

/**
 * A sprite atlas in TexturePacker's JSON: hash form (`frames` by name), array form (`frames` is a list), or several pages
 * (`textures`). https://www.codeandweb.com/texturepacker/documentation
 */
export type Atlas = AtlasPage | { readonly textures: readonly AtlasPage[] };

/** A frame, and where its pixels are. */
export interface Cut {
  /** Which page of the atlas it is on, from 0. */
  readonly page: number;
  /** Its place there; `w` and `h` of the upright frame. */
  readonly box: Box;
  readonly rotated: boolean;
  /** The size of the whole, and where the part that is stored lies in it. */
  readonly whole: Pick<Box, 'w' | 'h'>;
  readonly x: number;
  readonly y: number;
}

/** An atlas's frames by name, in its order. */
export type Cuts = ReadonlyMap<string, Cut>;

const read = new WeakMap<Atlas, Cuts>();

/** The pages of an atlas; one, where it does not speak of pages. */
export function pagesOf(atlas: Atlas): readonly AtlasPage[] {
  return 'textures' in atlas ? atlas.textures : [atlas];
}

/** Reads an atlas, once. Throws a `UsageError` where it is none; `name` says which in it. */
export function cutsOf(name: string, atlas: Atlas): Cuts {
  const known = read.get(atlas);
  if (known) return known;
  const pages: unknown = isObject(atlas) ? pagesOf(atlas) : [];
  const form = "TexturePacker's JSON: an object with frames, or with textures that have frames";
  check(name, atlas, form, Array.isArray(pages) && pages.length > 0 && pages.every(isPage));
  const cuts = new Map(
    pagesOf(atlas).flatMap((page, index) =>
      Object.entries(page.frames).map(([key, frame]: [string, AtlasFrame]) => {
        const of = `${name}, frame '${key}'`;
        check(of, frame, 'a frame with numbers x, y, w, h, and its sizes where it is trimmed', isFrame(frame));
        return [frame.filename ?? key, toCut(frame, index)];
      }),
    ),
  );
  read.set(atlas, cuts);
  return cuts;
}

function toCut({ frame: box, rotated = false, trimmed, spriteSourceSize, sourceSize }: AtlasFrame, page: number): Cut {
  // some packers give an untrimmed frame a size that it does not have
  if (!trimmed || !spriteSourceSize || !sourceSize) return { page, box, rotated, whole: box, x: 0, y: 0 };
  return { page, box, rotated, whole: sourceSize, x: spriteSourceSize.x, y: spriteSourceSize.y };
}

const isPage = (page: unknown): boolean => isObject(page) && 'frames' in page && isObject(page.frames);

function isFrame(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { frame, trimmed, spriteSourceSize, sourceSize } = value as Partial<AtlasFrame>;
  return (
    hasNumbers(frame, ['x', 'y', 'w', 'h']) &&
    (!trimmed || (hasNumbers(spriteSourceSize, ['x', 'y']) && hasNumbers(sourceSize, ['w', 'h'])))
  );
}

function hasNumbers(value: unknown, fields: readonly string[]): boolean {
  return isObject(value) && fields.every((field) => Number.isFinite((value as Record<string, unknown>)[field]));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
