import type { DrawableObject, ObjectFrame } from '../env/step.js';

/** The objects that are to be seen, in the order in which they came. */
export type Picture = readonly DrawableObject[];

/**
 * Folds a frame into the picture so far, by `uuid`. An object that the frame does not mention
 * - goes, if its uuid is in `removed` or it has none;
 * - stays, if it is `permanent`; goes, if it is `permanent: false`;
 * - otherwise stays in a delta, which tells only what changed, and goes in a full frame, which tells all.
 *
 * That is Interactive Gym's way, whose newer envs send deltas in which every object says whether it is permanent. An
 * object that is mentioned replaces the one of the same uuid whole; in a delta it keeps its place in the order.
 *
 * @param limit How many objects are kept: beyond it the oldest go.
 */
export function fold(picture: Picture, { objects, removed, delta }: ObjectFrame, limit: number): Picture {
  const mentioned = new Set(objects.map(({ uuid }) => uuid));
  const gone = new Set<unknown>(removed);
  const stays = ({ uuid, permanent }: DrawableObject) =>
    hasId(uuid) && !gone.has(uuid) && (mentioned.has(uuid) ? delta : (permanent ?? delta));

  // Objects without a uuid are told apart by themselves.
  const folded = new Map<unknown, DrawableObject>();
  for (const object of picture) if (stays(object)) folded.set(object.uuid, object);
  for (const object of objects) folded.set(hasId(object.uuid) ? object.uuid : object, object);
  return [...folded.values()].slice(-limit);
}

// Python's None arrives as null.
function hasId(uuid: unknown): boolean {
  return uuid !== undefined && uuid !== null;
}
