export function isPromise<A>(value: A | PromiseLike<A>): value is PromiseLike<A> {
  return typeof (value as Partial<PromiseLike<A>> | null | undefined)?.then === 'function';
}
