// What bench/groups call in the page, as `bench`.
import { boot, firstStep, storeSnapshot } from './boot.js';
import { bridge } from './bridge.js';
import { checkpoint } from './checkpoint.js';
import { footprint } from './footprint.js';
import { frames, images } from './frames.js';
import { interrupt } from './interrupt.js';
import { leak } from './leak.js';
import { lookahead } from './lookahead.js';
import { bareLoop, loop } from './loop.js';
import { overload } from './overload.js';
import { poolRate } from './pool.js';
import { records } from './records.js';
import { restart } from './restart.js';
import { rollout } from './rollout.js';
import { rolloutReal } from './rollout-real.js';
import { steps } from './steps.js';

const bench = {
  bareLoop,
  boot,
  firstStep,
  storeSnapshot,
  bridge,
  checkpoint,
  footprint,
  frames,
  interrupt,
  leak,
  lookahead,
  loop,
  overload,
  images,
  poolRate,
  records,
  restart,
  rollout,
  rolloutReal,
  steps,
};

declare global {
  var bench: Bench;
}
type Bench = typeof bench;
globalThis.bench = bench;
