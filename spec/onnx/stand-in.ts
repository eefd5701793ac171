import type { Endpoint } from '../../src/index';
import type { Connect, FromWorker, Run, Signature, Tensor, ToWorker } from '../../src/onnx/messages';

type Answer = (inputs: Run['inputs']) => Run['inputs'];

/** A worker without onnxruntime, whose model is a function. It holds its answers until `release`, where `holds` is set. */
export class StandIn extends EventTarget implements Endpoint {
  readonly runs: Run[] = [];
  holds = false;
  loads = true;
  terminated = false;
  #port: MessagePort | undefined;
  #held: (() => void)[] = [];

  constructor(
    readonly signature: Signature,
    readonly answer: Answer,
  ) {
    super();
  }

  postMessage(message: unknown): void {
    this.#port = (message as Connect).port;
    this.#port.onmessage = ({ data }: MessageEvent<ToWorker>) => this.take(data);
  }

  terminate(): void {
    this.terminated = true;
    this.#port?.close();
  }

  post(message: FromWorker): void {
    if (!this.terminated) this.#port?.postMessage(message);
  }

  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const answer of held) answer();
  }

  die(): void {
    this.dispatchEvent(new Event('error'));
  }

  private take(message: ToWorker): void {
    if (message.type === 'load') {
      if (this.loads) this.post({ type: 'loaded', signature: this.signature });
      return;
    }
    this.runs.push(message);
    const answer = () => this.post({ type: 'ran', id: message.id, outputs: this.answer(message.inputs) });
    if (this.holds) this.#held.push(answer);
    else answer();
  }
}

const floats = (...numbers: number[]): Tensor => ({
  type: 'float32',
  shape: [1, numbers.length],
  data: Float32Array.from(numbers),
});

const info = (name: string, length: number) => ({ name, type: 'float32', shape: [null, length] });

/** Recurrent: its state counts what it saw, and is the action. */
export const adding = (): StandIn =>
  new StandIn(
    { inputs: [info('obs', 1), info('state_in_0', 1)], outputs: [info('action', 1), info('state_out_0', 1)] },
    ({ obs, state_in_0: state }) => {
      const sum = floats(Number(obs?.data[0]) + Number(state?.data[0]));
      return { action: sum, state_out_0: sum };
    },
  );

/** Not recurrent: the logits are the observation. */
export const echoing = (): StandIn =>
  new StandIn({ inputs: [info('obs', 2)], outputs: [info('logits', 2)] }, ({ obs }) => ({ logits: obs! }));
