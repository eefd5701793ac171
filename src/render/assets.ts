import { anyRule, check, checkOptions, isText, type Rules } from '../check.js';
import { describe } from '../describe.js';
import { ImageError, UsageError } from '../errors.js';
import { cutsOf, pagesOf, type Atlas } from './atlas.js';
import { checkSheet, type SpriteSheet } from './images.js';

/** A URL, relative to the page. */
export type Address = string | URL;

/** An atlas to load. */
export interface AtlasAsset {
  /** The images of its pages, in their order. Default: as the atlas names them, relative to it. */
  readonly image?: Address | readonly Address[] | undefined;
  /** TexturePacker's JSON, or its address. */
  readonly atlas: Address | Atlas;
}

/** A sprite sheet to load. */
export interface SpriteSheetAsset extends Omit<SpriteSheet, 'image'> {
  readonly image: Address;
}

/**
 * A dict of Interactive Gym's `assets_to_preload` and `Surface.get_asset_specs()`: `object_type` is `img_spec`,
 * `spritesheet`, `atlas_spec` or `multi_atlas_spec` (whose `img_path` is the folder of its images), with `name`,
 * `img_path`, `atlas_path`, `frame_width` and `frame_height` as that type has them.
 */
export interface AssetSpec {
  readonly object_type: string;
  readonly [field: string]: unknown;
}

/** What {@link loadImages} loads for one name. */
export type ImageAsset = Address | AtlasAsset | SpriteSheetAsset | AssetSpec;

/** What {@link loadImages} takes. */
export type ImageAssets = Readonly<Record<string, ImageAsset>> | readonly AssetSpec[];

/** What is to be loaded for one name; addresses are absolute. */
export interface Plan {
  readonly name: string;
  /** Empty where the atlas names them. */
  readonly images: readonly string[];
  readonly atlas?: string | Atlas;
  /** What addresses in the atlas are relative to. */
  readonly base?: string | undefined;
  readonly sheet?: Omit<SpriteSheet, 'image'>;
}

const option = 'loadImages';
const atlasRules: Rules<AtlasAsset> = { image: anyRule, atlas: anyRule };
const sheetRules: Rules<SpriteSheetAsset> = {
  image: anyRule,
  frameWidth: anyRule,
  frameHeight: anyRule,
  margin: anyRule,
  spacing: anyRule,
};
const specTypes: readonly unknown[] = ['img_spec', 'spritesheet', 'atlas_spec', 'multi_atlas_spec'];

/** Throws a `UsageError` for what is no asset. */
export function toPlans(assets: ImageAssets): readonly Plan[] {
  check(option, assets, 'assets by name, or a list of asset specs', isObject(assets));
  if (isList(assets)) return assets.map((spec, index) => planSpec(`${option}[${index}]`, spec));
  return Object.entries(assets).map(([name, asset]) => planAsset(`${option}.${name}`, name, asset));
}

function planAsset(at: string, name: string, asset: ImageAsset): Plan {
  if (isAddress(asset)) return { name, images: [resolve(at, asset)] };
  const kinds = 'an address, { image, atlas }, { image, frameWidth, frameHeight }, or a spec with an object_type';
  check(at, asset, kinds, isObject(asset) && ['object_type', 'frameWidth', 'atlas'].some((field) => field in asset));
  if ('object_type' in asset) return planSpec(at, { name, ...asset });
  if ('frameWidth' in asset) {
    checkOptions(at, asset, sheetRules);
    const { image, ...sheet } = asset;
    checkSheet(at, sheet);
    return { name, images: [resolve(`${at}.image`, image)], sheet };
  }
  checkOptions(at, asset, atlasRules);
  const { image = [], atlas } = asset;
  const images = (isList(image) ? image : [image]).map((address) => resolve(`${at}.image`, address));
  if (isObject(atlas) && !isAddress(atlas)) {
    cutsOf(`${at}.atlas`, atlas);
    return { name, images, atlas, base: pageAddress() };
  }
  const address = resolve(`${at}.atlas`, atlas);
  return { name, images, atlas: address, base: address };
}

function planSpec(at: string, spec: AssetSpec): Plan {
  check(at, spec, 'an asset spec', isObject(spec));
  const { object_type: type, name, img_path: image, atlas_path: atlas } = spec;
  check(`${at}.object_type`, type, `one of ${specTypes.join(', ')}`, specTypes.includes(type));
  if (!isText(name)) throw new UsageError(`${at}.name`, 'a string that is not empty', describe(name));
  const path = (field: string, value: unknown) => resolve(`${at}.${field}`, value);
  if (type === 'multi_atlas_spec') {
    const address = path('atlas_path', atlas);
    const base = isText(image) ? path('img_path', `${image.replace(/[/]$/, '')}/`) : address;
    return { name, images: [], atlas: address, base };
  }
  const images = [path('img_path', image)];
  if (type === 'atlas_spec') return { name, images, atlas: path('atlas_path', atlas) };
  if (type === 'img_spec') return { name, images };
  const sheet = { frameWidth: Number(spec['frame_width']), frameHeight: Number(spec['frame_height']) };
  checkSheet(at, sheet);
  return { name, images, sheet };
}

/** How many files it is to load, as far as is known before its atlas is. */
export function filesOf({ images, atlas }: Plan): number {
  const named = isObject(atlas) ? pagesOf(atlas).length : 1;
  return Number(isText(atlas)) + (images.length || named);
}

/** The images that only the atlas names, page by page. Throws an `ImageError` for pages without an image. */
export function imagesNamedBy(atlas: Atlas, { name, images, atlas: address, base }: Plan): readonly string[] {
  const pages = pagesOf(atlas);
  const fail = (problem: string) => new ImageError(name, isText(address) ? address : 'its atlas', 'atlas', problem);
  if (images.length >= pages.length) return [];
  if (images.length > 0) throw fail(`it has ${pages.length} pages, and image has ${images.length}`);
  return pages.map(({ image, meta }, index) => {
    const file = image ?? meta?.image;
    if (!isText(file)) throw fail(`page ${index} names no image; give its address as image`);
    return resolve(`${option}.${name}.image`, file, base);
  });
}

/** An address as the page sees it, or as the script of a worker. */
function resolve(at: string, address: unknown, base = pageAddress()): string {
  const url = isAddress(address) && address !== '' && URL.canParse(address, base) ? new URL(address, base) : undefined;
  if (url) return url.href;
  throw new UsageError(
    at,
    base === undefined ? 'an absolute address, as there is no page' : 'an address',
    describe(address),
  );
}

function pageAddress(): string | undefined {
  const { document, location } = globalThis as Partial<typeof globalThis>;
  return document?.baseURI ?? location?.href;
}

const isAddress = (value: unknown): value is Address => typeof value === 'string' || value instanceof URL;
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isList = <T>(value: T): value is Extract<T, readonly unknown[]> => Array.isArray(value);
