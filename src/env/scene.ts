import type { DrawableObject, ObjectFrame } from './step.js';

/** The objects to paint, in the order in which they arrived. */
export type Scene = readonly DrawableObject[];

/** How many objects a scene has, where nobody says otherwise. */
export const mostObjects = 10_000;

/**
 * Folds a frame into the scene, by `uuid`. An object that the frame does not mention
 * - is removed if its uuid is in `removed` or it has none;
 * - else is kept if it is `permanent: true`, and removed if it is `permanent: false`;
 * - else is kept in a delta, which has only what changed, and removed in a full frame, which has all.
 *
 * These are the rules of Interactive Gym, whose newer envs send deltas with `permanent` in every object. An object that is
 * mentioned replaces the one of the same uuid; in a delta it keeps its place in the order. The first frame of an episode
 * begins with an empty scene.
 *
 * @param limit How many objects are kept; beyond it the oldest are removed.
 */
export function fold(scene: Scene, { objects, removed, delta, first }: ObjectFrame, limit: number): Scene {
  const mentioned = new Set(objects.map(({ uuid }) => uuid));
  const removedIds = new Set<unknown>(removed);
  const isKept = ({ uuid, permanent }: DrawableObject) =>
    hasId(uuid) && !removedIds.has(uuid) && (mentioned.has(uuid) ? delta : (permanent ?? delta));

  // An object without a uuid is its own key.
  const folded = new Map<unknown, DrawableObject>();
  if (!first) for (const object of scene) if (isKept(object)) folded.set(object.uuid, object);
  for (const object of objects) folded.set(hasId(object.uuid) ? object.uuid : object, object);
  return [...folded.values()].slice(-limit);
}

// Python's None arrives as null.
function hasId(uuid: unknown): boolean {
  return uuid !== undefined && uuid !== null;
}
