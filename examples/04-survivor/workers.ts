const script = new URL('rxgym/worker', import.meta.url);

/** A worker that can be killed behind its owner's back. */
class Mortal extends Worker {
  constructor(private readonly onEnd: (worker: Mortal) => void) {
    super(script, { type: 'module' });
  }

  kill() {
    super.terminate();
  }

  override terminate() {
    this.onEnd(this);
    super.terminate();
  }
}

/** Makes a runtime's workers, and knows the one in service: the oldest that the runtime has not given up. */
export function workers() {
  const alive = new Set<Mortal>();
  const inService = () => [...alive][0];
  return {
    spawn: () => {
      const worker = new Mortal((ended) => alive.delete(ended));
      alive.add(worker);
      return worker;
    },
    kill: () => inService()?.kill(),
    /** faults.py listens. */
    send: (fault: string) => inService()?.postMessage({ fault }),
  };
}
