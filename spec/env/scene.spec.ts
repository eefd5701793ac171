import type { DrawableObject, ObjectFrame } from '../../src/env/step.js';
import { fold, type Scene } from '../../src/env/scene.js';

const object = (uuid: string | number, more: Partial<DrawableObject> = {}): DrawableObject => ({
  object_type: 'rect',
  uuid,
  ...more,
});
const full = (...objects: DrawableObject[]): ObjectFrame => ({ kind: 'objects', objects, delta: false, removed: [] });
const delta = (objects: DrawableObject[], removed: (string | number)[] = []): ObjectFrame => ({
  kind: 'objects',
  objects,
  delta: true,
  removed,
});
const folded = (...frames: ObjectFrame[]) => frames.reduce<Scene>((scene, frame) => fold(scene, frame, 100), []);
const ids = (scene: Scene) => scene.map(({ uuid }) => uuid);

describe('fold', () => {
  it('replaces the scene by a full frame', () => {
    expect(ids(folded(full(object('a'), object('b')), full(object('c'))))).toEqual(['c']);
  });

  it('keeps permanent objects that a later full frame leaves out', () => {
    expect(ids(folded(full(object('wall', { permanent: true }), object('b')), full(object('c'))))).toEqual([
      'wall',
      'c',
    ]);
  });

  it('keeps in a delta what it does not mention', () => {
    expect(ids(folded(full(object('a'), object('b')), delta([object('c')])))).toEqual(['a', 'b', 'c']);
  });

  it('removes in a delta what is `permanent: false`', () => {
    const frames = [
      delta([object('a', { permanent: false }), object('wall', { permanent: true })]),
      delta([object('c')]),
    ];
    expect(ids(folded(...frames))).toEqual(['wall', 'c']);
  });

  it('removes what a frame names in `removed`, permanent or not', () => {
    const first = full(object('a'), object('wall', { permanent: true }), object('b'));
    expect(ids(folded(first, delta([], ['a', 'wall'])))).toEqual(['b']);
  });

  it.each([full, (...objects: DrawableObject[]) => delta(objects)])('begins anew with an episode', (frame) => {
    const before = full(object('a'), object('wall', { permanent: true }));
    expect(ids(folded(before, { ...frame(object('b')), first: true }))).toEqual(['b']);
  });

  it('distinguishes the uuids 1 and "1"', () => {
    expect(ids(folded(full(object(1), object('1')), delta([], [1])))).toEqual(['1']);
  });

  it('replaces an object of the same uuid whole, with no field of the old one', () => {
    const scene = folded(full(object('a', { x: 0.1, stroke_color: 'red' })), delta([object('a', { x: 0.2 })]));
    expect(scene).toEqual([object('a', { x: 0.2 })]);
  });

  it('leaves an object in its place when a delta changes it', () => {
    expect(ids(folded(full(object('a'), object('b')), delta([object('a')])))).toEqual(['a', 'b']);
    const passing = object('a', { permanent: false });
    expect(ids(folded(delta([passing, object('b')]), delta([passing])))).toEqual(['a', 'b']);
  });

  it('takes the order of a full frame, after the permanent objects that it leaves out', () => {
    const wall = object('wall', { permanent: true });
    expect(ids(folded(full(wall, object('a'), object('b')), full(object('b'), object('a'))))).toEqual([
      'wall',
      'b',
      'a',
    ]);
    expect(ids(folded(full(wall, object('a')), full(object('a'), wall)))).toEqual(['a', 'wall']);
  });

  it('puts an object that is removed and sent again at the end', () => {
    expect(folded(full(object('a'), object('b')), delta([object('a', { x: 1 })], ['a']))).toEqual([
      object('b'),
      object('a', { x: 1 }),
    ]);
  });

  it.each([undefined, null])('shows objects with uuid %p for one frame, each for itself', (uuid) => {
    const nameless = { object_type: 'rect', uuid } as unknown as DrawableObject;
    expect(folded(full(nameless, { ...nameless }))).toHaveLength(2);
    expect(ids(folded(delta([nameless]), delta([object('a')])))).toEqual(['a']);
    expect(ids(folded(delta([{ ...nameless, permanent: true }]), delta([object('a')])))).toEqual(['a']);
  });

  it('changes neither scene nor frame', () => {
    const scene = Object.freeze([Object.freeze(object('a'))]);
    const frame = Object.freeze(delta(Object.freeze([Object.freeze(object('b'))]) as DrawableObject[]));
    expect(ids(fold(scene, frame, 100))).toEqual(['a', 'b']);
  });

  it('removes the oldest beyond its limit', () => {
    let scene: Scene = [];
    for (let i = 0; i < 1000; i++) scene = fold(scene, delta([object(i)]), 3);
    expect(ids(scene)).toEqual([997, 998, 999]);
  });
});
