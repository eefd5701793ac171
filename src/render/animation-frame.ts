/** Calls `show` once at the next animation frame after a request; at once where there are no animation frames. */
export function onAnimationFrame(show: () => void): { request(): void; cancel(): void } {
  const { requestAnimationFrame: request, cancelAnimationFrame: cancel } = globalThis as Partial<typeof globalThis>;
  if (!request || !cancel) return { request: show, cancel: () => undefined };
  let requested: number | undefined;
  return {
    request() {
      requested ??= request(() => {
        requested = undefined;
        show();
      });
    },
    cancel() {
      if (requested !== undefined) cancel(requested);
      requested = undefined;
    },
  };
}
