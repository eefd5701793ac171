import { once } from 'node:events';
import { Server, type DisconnectReason, type Socket } from 'socket.io';
import counter from '../envs/counter.py';
import { useSite } from './site';

/** An env whose set-up computes for so long that a thread which has to wait for it misses heartbeats. */
const slow = `
import time
end = time.monotonic() + 3
while time.monotonic() < end:
    pass
${counter}
`;

describe('a Socket.IO connection that wants a heartbeat every 1.5 seconds', () => {
  const site = useSite({ cold: true });
  let io: Server;

  beforeAll(() => {
    io = new Server(site.served.server, { pingInterval: 500, pingTimeout: 1000 });
  });
  afterAll(() => io.close());

  async function connect() {
    const connected = once(io, 'connection') as Promise<[Socket]>;
    const page = await site.open('socket.html');
    await page.evaluate(() => socketBench.connect());
    const [socket] = await connected;
    const disconnects: DisconnectReason[] = [];
    socket.on('disconnect', (reason) => disconnects.push(reason));
    return { page, socket, disconnects };
  }

  it('stays up while a worker boots, sets an env up and steps for ten seconds', async () => {
    const { page, socket, disconnects } = await connect();
    const steps = await page.evaluate(async (source) => {
      const { lastValueFrom, map, scan, takeUntil, timer } = bench.rxjs;
      const { stepWith, ticks } = bench.rxgym;
      bench.start();
      const env = bench.play(source);
      await lastValueFrom(env.reset());
      const steps$ = ticks(60).pipe(
        map(() => 1),
        stepWith(env, { busy: 'latest', autoreset: 'next-step' }),
      );
      const counted$ = steps$.pipe(scan((count) => count + 1, 0));
      return lastValueFrom(counted$.pipe(takeUntil(timer(10_000))));
    }, slow);

    expect(steps).toBeGreaterThan(100);
    expect(disconnects).toEqual([]);
    expect(socket.connected).toBe(true);
  });

  it('goes down while the page boots Python and sets the env up on its own thread', async () => {
    const { page, socket, disconnects } = await connect();
    const disconnected = once(socket, 'disconnect');
    await page.evaluate((source) => socketBench.runOnPage(source), slow);
    await disconnected;

    expect(disconnects).toEqual(['ping timeout']);
  });
});
