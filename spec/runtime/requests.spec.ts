import { NEVER, Subject, throwError } from 'rxjs';
import type { CrashCause } from '../../src/errors';
import type { Command } from '../../src/protocol/commands';
import { nothing, pack } from '../../src/protocol/pack';
import type { Reply } from '../../src/protocol/reply';
import type { Connection } from '../../src/runtime/connection';
import type { Request } from '../../src/runtime/request';
import { Requests } from '../../src/runtime/requests';

interface Wire extends Connection {
  readonly sent: Command[];
  readonly interrupts: number[];
  readonly replies: Reply[];
}

function wire({ isolated = true } = {}): Wire {
  const sent: Command[] = [];
  const interrupts: number[] = [];
  const replies: Reply[] = [];
  return {
    sent,
    interrupts,
    replies,
    reply: (reply) => void replies.push(reply),
    messages$: NEVER,
    lost$: NEVER,
    send: (command) => void sent.push(command),
    interrupt: () => interrupts.push(sent.length) > 0 && isolated,
    close: () => undefined,
  };
}

const request = (env: number, more: Partial<Request> = {}): Request => ({
  body: { type: 'render', env },
  deadline: 1000,
  lane: 'user',
  ...more,
});

describe('Requests', () => {
  let requests: Requests;
  let connection: Wire;
  let stuck: CrashCause[];
  let heard: unknown[];

  beforeEach(() => {
    jest.useFakeTimers();
    requests = new Requests({ queue: 2, grace: 100, tries: 2 });
    connection = wire();
    stuck = [];
    heard = [];
    requests.stuck$.subscribe((cause) => stuck.push(cause));
  });
  afterEach(() => {
    requests.detach(new Error('the end'));
    expect(jest.getTimerCount()).toBe(0); // nothing is left behind
    jest.useRealTimers();
  });

  const send = (name: string, made: Request) =>
    requests.send(made).subscribe({
      next: (value) => heard.push([name, value]),
      error: (error: unknown) => heard.push([name, error]),
    });
  const open = (): void => {
    requests.attach(connection);
    requests.open();
  };
  const answer = (value: unknown = null): void => {
    const { id } = connection.sent.at(-1)!;
    requests.settle({ type: 'answer', id, value: pack(value as null, 'value') });
  };
  const envs = (): unknown[] => connection.sent.map((command) => ('env' in command ? command.env : command.type));

  it('holds what users send until the interpreter is up, and lets the setup pass', () => {
    send('user', request(1));
    requests.attach(connection);
    send('setup', request(2, { lane: 'setup' }));
    expect(envs()).toEqual([2]);
    answer();
    expect(envs()).toEqual([2]);
    requests.open();
    expect(envs()).toEqual([2, 1]);
    answer('mine');
    expect(heard).toEqual([
      ['setup', null],
      ['user', 'mine'],
    ]);
  });

  it('has one command in the worker at a time, and sends the next before it hands on an answer', () => {
    open();
    const order: string[] = [];
    requests.send(request(1)).subscribe(() => order.push(`answer, ${connection.sent.length} sent`));
    requests.send(request(2)).subscribe();
    expect(envs()).toEqual([1]);
    answer();
    expect(order).toEqual(['answer, 2 sent']);
    answer();
  });

  it('counts a deadline from the start, not from the sending', () => {
    open();
    send('first', request(1, { deadline: 1000 }));
    send('second', request(2, { deadline: 300 }));
    jest.advanceTimersByTime(900);
    answer();
    jest.advanceTimersByTime(299);
    expect(heard).toEqual([['first', null]]);
    jest.advanceTimersByTime(1);
    expect(connection.interrupts).toEqual([2]);
    answer();
    expect(heard).toMatchObject([
      ['first', null],
      ['second', { name: 'DeadlineError', outcome: 'interrupted', deadline: 300 }],
    ]);
    expect(stuck).toEqual([]);
  });

  it('gives up a worker that goes on after its interrupt', () => {
    open();
    send('late', request(1, { deadline: 300 }));
    jest.advanceTimersByTime(399);
    expect([heard, stuck]).toEqual([[], []]);
    jest.advanceTimersByTime(1);
    expect(stuck).toEqual([
      { kind: 'deadline', message: 'render ran longer than 300 ms and could not be interrupted' },
    ]);
    expect(requests.phase).toBe('render');
    requests.detach(new Error('replaced'));
    expect(heard).toMatchObject([['late', { name: 'DeadlineError', outcome: 'replaced' }]]);
  });

  it('gives up a worker that cannot be interrupted at once', () => {
    connection = wire({ isolated: false });
    open();
    send('late', request(1, { deadline: 300 }));
    jest.advanceTimersByTime(300);
    expect(stuck).toEqual([{ kind: 'deadline', message: 'render ran longer than 300 ms' }]);
    requests.detach(new Error('replaced'));
    expect(heard).toMatchObject([['late', { name: 'DeadlineError', outcome: 'replaced' }]]);
  });

  it('tells whose try is discarded: one that was late, one that was unsubscribed', () => {
    open();
    const discarded: string[] = [];
    const noting = (name: string) => ({ deadline: 300, onDiscarded: () => discarded.push(name) });
    send('late', request(1, noting('late')));
    jest.advanceTimersByTime(300);
    expect(discarded).toEqual([]);
    answer();
    expect(discarded).toEqual(['late']);
    send('left', request(2, noting('left'))).unsubscribe();
    answer();
    expect(discarded).toEqual(['late', 'left']);
    send('done', request(3, noting('done')));
    answer();
    expect(discarded).toEqual(['late', 'left']);
  });

  it('sends what survives again, before all else, and so often as it may be tried', () => {
    const survivor = request(1, { survives: 'anything' });
    const dies = (): void => {
      requests.detach(new TypeError('gone'));
      connection = wire();
      open();
    };
    open();
    send('survivor', survivor);
    send('waiting', request(2));
    dies();
    expect(heard).toEqual([]);
    send('later', request(3));
    expect(envs()).toEqual([1]);
    dies();
    expect(heard).toMatchObject([['survivor', { name: 'TypeError' }]]);
    // what had not begun goes on, in its order
    for (const name of ['first', 'second']) answer(name);
    expect(heard.slice(1)).toEqual([
      ['waiting', 'first'],
      ['later', 'second'],
    ]);
  });

  it('takes back what waits, and interrupts what runs, without its answer ever being taken for another', () => {
    open();
    const running = send('running', request(1));
    const waiting = send('waiting', request(2));
    send('last', request(3));
    waiting.unsubscribe();
    running.unsubscribe();
    expect(connection.interrupts).toEqual([1]);
    expect(envs()).toEqual([1]); // the worker is not free before it says so
    answer('late');
    answer('mine');
    expect(envs()).toEqual([1, 3]);
    expect(heard).toEqual([['last', 'mine']]);
    expect(stuck).toEqual([]);
  });

  it('gives up a worker whose command goes on after it was taken back', () => {
    open();
    send('running', request(1)).unsubscribe();
    jest.advanceTimersByTime(99);
    expect(stuck).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(stuck).toEqual([
      { kind: 'cancelled', message: 'render did not end within 100 ms after it was unsubscribed' },
    ]);
    requests.detach(new Error('replaced'));
  });

  it('lets an installation that was unsubscribed come to its end', () => {
    open();
    send('install', request(1, { body: { type: 'install', packages: [], stall: Infinity } })).unsubscribe();
    jest.advanceTimersByTime(500);
    expect([connection.interrupts, stuck]).toEqual([[], []]);
    answer();
  });

  it('refuses more than may wait', () => {
    open();
    for (const name of ['running', 'one', 'two', 'three']) send(name, request(1));
    expect(heard).toMatchObject([['three', { name: 'QueueOverflowError' }]]);
    requests.detach(new Error());
    requests.fail(new Error());
  });

  it('ends the dead worker’s commands, and keeps what waits for the next one', () => {
    open();
    send('running', request(1));
    send('waiting', request(2));
    requests.detach(new TypeError('gone'));
    expect(heard).toMatchObject([['running', { name: 'TypeError' }]]);
    const next = wire();
    requests.attach(next);
    requests.open();
    expect(next.sent).toHaveLength(1);
    requests.detach(new Error());
    requests.fail(new Error());
  });

  it('takes an answer that nothing asked for as a broken protocol', () => {
    open();
    requests.settle({ type: 'answer', id: 7, value: nothing });
    expect(stuck).toEqual([{ kind: 'protocol', message: 'an answer to command 7, which is not in flight' }]);
  });

  it('gives up the worker whose answer does not decode; the command ends as all that is pending', () => {
    open();
    send('running', request(1));
    requests.settle({ type: 'answer', id: 1, value: { json: '{', buffers: [] } });
    expect(stuck).toMatchObject([{ kind: 'protocol' }]);
    expect(heard).toEqual([]);
    requests.detach(new Error('crashed'));
    expect(heard).toEqual([['running', new Error('crashed')]]);
  });

  it('sends nothing of a set-up again: who sets up the next interpreter does', () => {
    requests.attach(connection);
    send('replay', request(1, { lane: 'setup', survives: 'a crash' }));
    send('next', request(2, { lane: 'setup', survives: 'a crash' }));
    requests.detach(new TypeError('gone'));
    expect(heard).toMatchObject([
      ['replay', { name: 'TypeError' }],
      ['next', { name: 'TypeError' }],
    ]);
    connection = wire();
    open();
    expect(envs()).toEqual([]);
  });

  it('ends only the command that cannot be cloned, and goes on with the next', () => {
    open();
    send('first', request(1));
    connection.send = (command) => {
      if ((command as { env: number }).env === 2) throw new RangeError('not cloned');
      connection.sent.push(command);
    };
    send('bad', request(2));
    send('last', request(3));
    answer('one');
    answer('three');
    expect(heard).toMatchObject([
      ['bad', { name: 'UsageError' }],
      ['first', 'one'],
      ['last', 'three'],
    ]);
  });

  it('sets one timer for many commands, and lets none of them have the time of another', () => {
    open();
    send('first', request(1, { deadline: 1000 }));
    jest.advanceTimersByTime(500);
    answer();
    send('second', request(2, { deadline: 600 }));
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(599);
    expect(connection.interrupts).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(connection.interrupts).toEqual([2]);
    answer();
    expect(heard).toMatchObject([
      ['first', null],
      ['second', { name: 'DeadlineError', elapsed: 600 }],
    ]);
  });

  it('sets no timer for a deadline of Infinity', () => {
    open();
    send('endless', request(1, { deadline: Infinity }));
    expect(jest.getTimerCount()).toBe(0);
    answer();
  });

  it('does not end what is sent by who is told of the end', () => {
    open();
    requests.send(request(1)).subscribe({ error: () => send('again', request(2)) });
    send('waiting', request(3, { lane: 'setup' }));
    requests.detach(new TypeError('gone'));
    expect(heard).toMatchObject([['waiting', { name: 'TypeError' }]]);
    requests.attach(connection);
    requests.open();
    answer('there');
    expect(heard.at(-1)).toEqual(['again', 'there']);
  });

  it('survives a subscriber that sends again when it is told of an error', () => {
    open();
    const again = new Subject<void>();
    requests.send(request(1)).subscribe({ error: () => send('again', request(2)) });
    requests.detach(new Error('gone'));
    again.complete();
    requests.attach(connection);
    requests.open();
    answer('there');
    expect(heard).toEqual([['again', 'there']]);
  });

  describe('a question of Python', () => {
    const nobody = { problem: expect.stringContaining('nobody answers it here') };

    it('is answered by the input of the command that runs', () => {
      open();
      send('first', request(1, { input: (prompt) => `${prompt} 1` }));
      send('second', request(2));
      requests.ask('who?');
      answer();
      requests.ask('who?');
      answer();
      requests.ask('late?');
      expect(connection.replies).toEqual([{ text: 'who? 1' }, nobody, nobody]);
    });

    it('has an error for an answer where its input errors', () => {
      open();
      send('first', request(1, { input: () => throwError(() => new Error('closed')) }));
      requests.ask('who?');
      expect(connection.replies).toEqual([{ problem: 'Error: closed' }]);
      answer();
    });

    it.each<[end: string, how: (typed$: Subject<string>, unsubscribe: () => void) => void]>([
      ['is answered', () => answer()],
      ['is late', () => jest.advanceTimersByTime(1000)],
      ['is unsubscribed', (_, unsubscribe) => unsubscribe()],
      ['loses its interpreter', () => requests.detach(new Error('gone'))],
      ['asks again', () => requests.ask('or?')],
    ])('is taken back when its command %s', (_, how) => {
      open();
      const typed$ = new Subject<string>();
      const command = send('first', request(1, { input: (prompt) => (prompt === 'who?' ? typed$ : 'no') }));
      requests.ask('who?');
      expect(typed$.observed).toBe(true);
      how(typed$, () => command.unsubscribe());
      expect(typed$.observed).toBe(false);
    });

    it('of a command that was interrupted is not put to anybody', () => {
      open();
      const asked: string[] = [];
      const input = (prompt: string): string => String(asked.push(prompt));
      send('first', request(1, { input, deadline: 10 }));
      jest.advanceTimersByTime(10);
      requests.ask('who?');
      expect([asked, connection.replies]).toEqual([[], [nobody]]);
      answer();
    });
  });
});
