// What bench/groups ask of the page, as `bench`.
import { checkpoint } from './checkpoint.js';
import { interrupt } from './interrupt.js';
import { leak } from './leak.js';
import { poolRate } from './pool.js';
import { restart } from './restart.js';
import { supports } from './supports.js';

const bench = { checkpoint, interrupt, leak, poolRate, restart, supports };

declare global {
  var bench: Bench;
}
type Bench = typeof bench;
globalThis.bench = bench;
