import { firstValueFrom } from 'rxjs';
import type { Command } from '../../src/protocol/commands';
import { unpack, type Packed } from '../../src/protocol/pack';
import { messages, scriptError, watched } from '../helpers/watched-runtime';

/** The globals that a command sets, or replays. */
const globalsIn = (command: Command): Packed[] => {
  if (command.type === 'setGlobals') return [command.globals];
  return command.type === 'replay'
    ? command.operations.flatMap((each) => ('globals' in each ? [each.globals] : []))
    : [];
};

describe('globals', () => {
  it('are replayed as they were sent, whatever became of the page’s object since', async () => {
    const set: unknown[] = [];
    const onCommand = (command: Command): void => {
      set.push(...globalsIn(command).map(unpack));
    };
    const { runtime, workers } = watched({ restart: { snapshot: false } }, () => ({ onCommand }));
    const globals = { table: [1] };
    const command = firstValueFrom(runtime.setGlobals(globals));
    globals.table.push(2);
    await command;
    workers.at(-1)!.dispatchEvent(scriptError());
    await firstValueFrom(runtime.run('1'));
    await messages();

    expect(set).toEqual([new Map([['table', [1]]]), new Map([['table', [1]]])]);
    runtime.dispose();
  });

  it('that cannot cross are refused where the runtime is made', () => {
    expect(() => watched({ globals: { f: (() => 1) as never } })).toThrow(
      expect.objectContaining({ name: 'UsageError', option: 'globals' }) as Error,
    );
  });

  it.each([[null], [7], [['a']]])('that are %j are refused before anything is sent', async (globals) => {
    const { runtime, workers } = watched();
    await expect(firstValueFrom(runtime.setGlobals(globals as never))).rejects.toMatchObject({
      name: 'UsageError',
      option: 'globals',
    });
    expect(workers).toEqual([]);
    runtime.dispose();
  });
});
