import { commandQueue } from '../../worker/command-queue';
import type { Packed } from '../../src/protocol/pack';

const packed = (json: string): Packed => ({ json, buffers: [] });

describe('the queue of commands', () => {
  /** What happened, in order. */
  let log: string[];
  /** Ends the command that is awaited. */
  let end: (outcome: Packed | Error) => void;

  /** `forget` has to be awaited, `close` not; `close` of the env 13 throws. */
  const queue = () =>
    commandQueue({
      run(command) {
        log.push(`run ${command.id}`);
        if (command.type === 'close') {
          if (command.env === 13) throw new Error('unlucky');
          return packed('null');
        }
        return new Promise((resolve, reject) => {
          end = (outcome) => {
            if (outcome instanceof Error) reject(outcome);
            else resolve(outcome);
          };
        });
      },
      answer: (id) => log.push(`answer ${id}`),
      fail: (id, error) => log.push(`fail ${id}: ${(error as Error).message.slice(0, 20)}`),
    });
  const awaited = (id: number) => ({ type: 'forget', id });
  const atOnce = (id: number, env = 1) => ({ type: 'close', id, env });
  const turn = () => new Promise((resolve) => setTimeout(resolve));

  beforeEach(() => (log = []));

  it('answers within the call what need not be awaited', () => {
    const { add, isBusy } = queue();
    add(atOnce(1));
    add(atOnce(2, 13));
    expect(log).toEqual(['run 1', 'answer 1', 'run 2', 'fail 2: unlucky']);
    expect(isBusy()).toBe(false);
  });

  it('runs nothing else while one is awaited, and then the others in their order', async () => {
    const { add, isBusy } = queue();
    add(awaited(1));
    add(atOnce(2));
    add(awaited(3));
    add(atOnce(4));
    await turn();
    expect(log).toEqual(['run 1']);
    expect(isBusy()).toBe(true);
    end(packed('null'));
    await turn();
    expect(log).toEqual(['run 1', 'answer 1', 'run 2', 'answer 2', 'run 3']);
    end(new Error('it broke'));
    await turn();
    expect(log.slice(5)).toEqual(['fail 3: it broke', 'run 4', 'answer 4']);
    expect(isBusy()).toBe(false);
  });

  it.each([
    [{ type: 'rob', id: 8 }, 8],
    [{ type: 'close', id: -1, env: 1 }, 0],
    [null, 0],
  ])('fails %j at once, also while one is awaited', (message, id) => {
    const { add } = queue();
    add(awaited(1));
    add(message);
    expect(log).toEqual(['run 1', expect.stringMatching(`^fail ${id}: `)]);
  });
});
