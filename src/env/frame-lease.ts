import type { Frame } from './step.js';

interface Lease {
  /** How many watchers got the frame, as far as is known. */
  readonly watchers: number;
  held: number;
  released: number;
  readonly onHold: () => void;
  /** All who held it have released it. */
  readonly onFree: (ms: number) => void;
  /** Nobody needs its buffer any more. */
  readonly onEnd: () => void;
}

/** On the frame itself, unseen: a WeakMap would grow with frames that nobody has collected yet. */
const key = Symbol('lease');
const leaseOf = (frame: Frame): Lease | undefined => (frame as { readonly [key]?: Lease })[key];

/** Leases a frame to those who watch: the functions are called when they hold and release it. */
export function leaseFrame(frame: Frame, lease: Pick<Lease, 'watchers' | 'onHold' | 'onFree' | 'onEnd'>): void {
  Object.defineProperty(frame, key, { value: { ...lease, held: 0, released: 0 }, configurable: true });
}

/** The frame in another form, for some of those who watch: whoever releases that has released the frame. */
export function shareLease<F extends Frame>(frame: Frame, form: F): F {
  const lease = leaseOf(frame);
  return lease && form !== frame ? Object.defineProperty({ ...form }, key, { value: lease, configurable: true }) : form;
}

/**
 * Promises to release the frame. Call it synchronously, in the notification that brought the frame. While
 * `frames.inFlight` frames are held, the env renders nothing.
 */
export function holdFrame(frame: Frame): void {
  const lease = leaseOf(frame);
  if (!lease) return;
  lease.held += 1;
  if (lease.held === 1) lease.onHold();
}

/**
 * Gives a frame of pixels back, whose memory is then used for a later one: what is rendered in a steady rhythm takes no
 * new memory. `paint` does it for what it paints; do it in a painter of your own, once for each frame, after which
 * `frame.data` may become empty at any time. A buffer is reused only when every subscriber of `frames$` has released the
 * frame, so one that does not release it may keep it.
 *
 * @param ms How long it took to paint, for `timings$`.
 */
export function releaseFrame(frame: Frame, ms = 0): void {
  const lease = leaseOf(frame);
  if (!lease) return;
  lease.released += 1;
  if (lease.held > 0 && lease.released === lease.held) lease.onFree(ms);
  if (lease.released < Math.max(lease.watchers, lease.held)) return;
  Reflect.deleteProperty(frame, key);
  lease.onEnd();
}
