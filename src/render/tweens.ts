import type { Scene } from '../env/scene.js';
import type { DrawableObject, ObjectFrame } from '../env/step.js';
import { number, points, type Point } from './fields.js';

/** An object on its way from one place to another, in shares of the canvas. */
interface Tween {
  readonly from: Point;
  readonly to: Point;
  readonly begun: number;
  /** In ms. */
  readonly duration: number;
}

const shares = { width: 1, height: 1 };
/** The types that have no place of their own to move, or that Interactive Gym's client puts where they are. */
const still = new Set(['line', 'text']);

/**
 * The tweens of a scene: an object with `tween: true` goes to its new place in a straight line, in `tween_duration` ms
 * from the frame's arrival. A frame that names the same place lets it go on. One that names another place starts from
 * where the object is then. One without a tween puts it there. All times are those of one clock, in ms.
 */
export class Tweens {
  #tweens: ReadonlyMap<unknown, Tween> = new Map();

  /** Takes notice of a frame, which made one scene into the next. */
  take(before: Scene, next: Scene, { objects, removed }: ObjectFrame, now: number): void {
    if (this.#tweens.size === 0 && !objects.some(({ tween }) => tween === true)) return;
    const old = new Map(before.map((object) => [object.uuid, object]));
    for (const uuid of [...removed, undefined, null]) old.delete(uuid as string);
    this.#tweens = new Map(
      next.flatMap((object) => {
        const was = old.get(object.uuid);
        const tween = was && this.#next(was, object, now);
        return tween ? [[object.uuid, tween] as const] : [];
      }),
    );
  }

  /** How far an object is from its place, in shares of the canvas; undefined for one that is there. */
  offset({ uuid }: DrawableObject, now: number): Point | undefined {
    const tween = this.#tweens.get(uuid);
    if (!tween || isOver(tween, now)) return undefined;
    const [x, y] = placeIn(tween, now);
    return [x - tween.to[0], y - tween.to[1]];
  }

  /** True while an object is on its way. */
  areUnderWay(now: number): boolean {
    return [...this.#tweens.values()].some((tween) => !isOver(tween, now));
  }

  /** Ends all tweens: the objects are at their places. */
  end(): void {
    this.#tweens = new Map();
  }

  #next(was: DrawableObject, object: DrawableObject, now: number): Tween | undefined {
    const duration = number(object, 'tween_duration');
    if (object['tween'] !== true || duration <= 0 || still.has(object.object_type)) return undefined;
    const [tween, to] = [this.#tweens.get(object.uuid), anchor(object)];
    if (tween && areSame(tween.to, to)) return tween;
    const from = tween ? placeIn(tween, now) : anchor(was);
    return areSame(from, to) ? undefined : { from, to, begun: now, duration };
  }
}

/** What of an object is moved: its x and y, or the mean of its points. */
function anchor(object: DrawableObject): Point {
  if (object.object_type !== 'polygon') return [number(object, 'x'), number(object, 'y')];
  const corners = points(object, shares);
  const mean = (axis: 0 | 1) => corners.reduce((sum, point) => sum + point[axis], 0) / Math.max(1, corners.length);
  return [mean(0), mean(1)];
}

function placeIn({ from, to, begun, duration }: Tween, now: number): Point {
  const done = Math.min(1, Math.max(0, (now - begun) / duration));
  return [from[0] + (to[0] - from[0]) * done, from[1] + (to[1] - from[1]) * done];
}

const isOver = ({ begun, duration }: Tween, now: number): boolean => now - begun >= duration;
const areSame = (a: Point, b: Point): boolean => a[0] === b[0] && a[1] === b[1];
