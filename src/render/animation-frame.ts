interface AnimationFrames {
  /** False where there are none (in Node). */
  readonly exist: boolean;
  request(): void;
  cancel(): void;
}

/** Calls `show` once at the next animation frame after a request; at once where there are no animation frames. */
export function onAnimationFrame(show: () => void): AnimationFrames {
  const { requestAnimationFrame: request, cancelAnimationFrame: cancel } = globalThis as Partial<typeof globalThis>;
  if (!request || !cancel) return { exist: false, request: show, cancel: () => undefined };
  let requested: number | undefined;
  return {
    exist: true,
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
