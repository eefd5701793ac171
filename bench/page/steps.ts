import { firstValueFrom } from 'rxjs';
import { createRuntime, isNdArray, releaseFrame } from 'rxgym';
import noop from '../../spec/envs/noop.py';
import { cartPole, indexURL } from './cart-pole.js';
import { connect, type Call, type Method, type PeerName } from './peers.js';

/** What is stepped. */
export type Task = keyof typeof sources;
/** By rxgym, or by a peer with one of its methods. */
export type Arm = 'rxgym' | `${PeerName} ${Method}`;

export const sources = {
  noop,
  // its episode never ends: a step past the end is refused
  cartPole: `${cartPole}\nX_LIMIT = THETA_LIMIT = MAX_STEPS = math.inf`,
  // its frame costs Python nothing: what is measured is the transfer to the page
  screen: `
class Screen:
    def reset(self, seed=None, options=None):
        self.pixels = bytearray(640 * 480 * 4)
        self.frame = memoryview(self.pixels).cast('B', (480, 640, 4))
        return 0, {}

    def step(self, action):
        self.pixels[0] = action
        return 0, 0.0, False, False, {}

    def render(self):
        return self.frame

env = Screen()
`,
};

/** Takes one step and reads its result: a number. */
type Step = (action: number) => Promise<number>;

const prepared = new Map<string, Promise<Step>>();

/**
 * Takes so many steps, one after another; each in µs, from the call until the page has read its result. The garbage of
 * the arm before is collected first, and the first steps, after the pause that this is, do not count.
 */
export async function steps(task: Task, arm: Arm, count: number): Promise<readonly number[]> {
  const key = `${task} ${arm}`;
  const step$ = prepared.get(key) ?? prepare(task, arm);
  prepared.set(key, step$);
  const step = await step$;
  const took: number[] = [];
  (globalThis as { readonly gc?: () => void }).gc?.();
  for (let index = -Math.floor(count / 10); index < count; index += 1) {
    const action = index & 1;
    const begun = performance.now();
    const read = await step(action);
    if (index >= 0) took.push(1000 * (performance.now() - begun));
    if (task === 'screen' ? read !== action : !Number.isFinite(read)) throw new Error(`${key}: it read ${read}`);
  }
  return took;
}

async function prepare(task: Task, arm: Arm): Promise<Step> {
  if (arm === 'rxgym') return own(task);
  const [peer, method] = arm.split(' ') as [PeerName, Method];
  const call = await peerOf(task, peer);
  return async (action) => first(await call(method, action));
}

async function own(task: Task): Promise<Step> {
  const env = createRuntime({ indexURL }).env({ source: sources[task] });
  await firstValueFrom(env.reset({ seed: 1 }));
  if (task !== 'screen') return async (action) => first((await firstValueFrom(env.step(action))).observation);
  let seen = NaN;
  env.frames$.subscribe((frame) => {
    seen = frame.kind === 'pixels' ? first(frame.data) : NaN;
    releaseFrame(frame);
  });
  return async (action) => {
    await firstValueFrom(env.step(action));
    return seen;
  };
}

const peers = new Map<string, Promise<Call>>();

/** All arms of a peer use one worker. */
function peerOf(task: Task, peer: PeerName): Promise<Call> {
  const key = `${task} ${peer}`;
  const booted = peers.get(key) ?? boot(connect[peer](), sources[task]);
  peers.set(key, booted);
  return booted;
}

async function boot(call: Call, source: string): Promise<Call> {
  await call('boot', source);
  return call;
}

/** The first number in a result, however deep it lies. */
function first(value: unknown): number {
  if (typeof value === 'number') return value;
  if (isNdArray(value)) return first(value.data);
  return first((value as ArrayLike<unknown>)[0]);
}
