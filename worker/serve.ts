// A page's commands, from the port on which they come to the interpreter, and their answers back.

import { ProtocolError } from '../src/errors.js';
import type { Command, CommandOf } from '../src/protocol/commands.js';
import { decodeConnect } from '../src/protocol/decode-command.js';
import { MailboxWatch } from '../src/protocol/mailbox.js';
import type { Connect } from '../src/protocol/messages.js';
import { pack, type Packed } from '../src/protocol/pack.js';
import type { Called } from './calls.js';
import { commandQueue, type CommandQueue, type Service } from './command-queue.js';
import { guardedPort, type GuardedPort, type Send } from './guarded-port.js';
import { handlersOfOne } from './handlers.js';
import { holdLock } from './hold-lock.js';
import { boot, type Interpreter } from './interpreter.js';
import { limitedLines } from './limited-lines.js';
import { resolveAgainst } from './page-addresses.js';
import type { Platform, WorkerScope } from './platform.js';
import { remoteErrorOf } from './remote-failure.js';
import { reportUncaught } from './report-uncaught.js';
import { spinWait } from './spin-wait.js';

/** Waits for a page to connect, once, and serves it. */
export function listen(scope: WorkerScope, platform: Platform): void {
  let isConnected = false;
  scope.addEventListener('message', ({ data }) => {
    const connect = isConnected ? null : decodeConnect(data);
    if (!connect) return;
    isConnected = true;
    serve(connect, scope, platform);
  });
}

function serve(connect: Connect, scope: WorkerScope, platform: Platform): void {
  const port = guardedPort(connect.port);
  const { send } = port;
  const lines = limitedLines((stream, line) => {
    send({ type: 'output', stream, line });
  });
  holdLock(connect.lock, () => {
    send({ type: 'alive' });
  });
  reportUncaught(scope, send, lines.add);
  const bootOne: BootOne = (command) => {
    if (command.base !== null) resolveAgainst(command.base, platform.fetchFile);
    return boot({
      ...command,
      indexPath: platform.indexPath(command.indexURL),
      fetchFile: platform.fetchFile,
      interrupt: connect.interrupt,
      replies: connect.replies,
      onQuestion: (prompt) => {
        send({ type: 'question', prompt });
      },
      onLine: lines.add,
      onProblem: (problem) => {
        send({ type: 'problem', ...problem });
      },
      onProgress: (stage, label, loaded, total) => {
        send({ type: 'progress', stage, label, loaded, total });
      },
    });
  };
  receive(port, connect.mailbox, commandQueue(serviceOf(bootOne, send, lines.flush)));
}

type BootOne = (command: CommandOf<'boot'>) => Promise<Interpreter>;

/** Runs commands by an interpreter, which the first of them boots. */
function serviceOf(bootOne: BootOne, send: Send, flushLines: () => void): Service {
  const handlers = handlersOfOne();
  let interpreter: Interpreter | undefined;

  async function start(command: CommandOf<'boot'>): Promise<Packed> {
    interpreter = await bootOne(command);
    const { python, pyodide, how, snapshot } = interpreter;
    const versions = { python, pyodide, how };
    return snapshot ? pack({ ...versions, snapshot }, 'snapshot') : pack(versions, 'versions');
  }

  /** What a command printed goes before its answer. */
  const flush = (): void => {
    interpreter?.flushOutput();
    flushLines();
  };

  return {
    run(command) {
      if (command.recycled) interpreter?.recycle(command.recycled);
      if (command.type === 'boot') return start(command);
      if (!interpreter) throw new ProtocolError('boot first', command.type);
      const handle = handlers[command.type] as (interpreter: Interpreter, command: Command) => Called;
      return handle(interpreter, command);
    },
    answer(id, value, begun) {
      flush();
      const moved = value.buffers.filter(({ byteLength }) => byteLength > smallest);
      const python = begun === undefined ? 0 : (interpreter?.spent() ?? 0);
      for (const each of interpreter?.takeDescribed() ?? []) send({ type: 'described', ...each });
      if (begun === undefined) send({ type: 'answer', id, value }, moved);
      else send({ type: 'answer', id, value, times: { python, worker: performance.now() - begun } }, moved);
    },
    fail(id, error) {
      flush();
      send({ type: 'failure', id, error: remoteErrorOf(error) });
    },
  };
}

/** In bytes: a smaller buffer costs less to clone than to transfer. */
const smallest = 4096;

/** Commands come by message, and those of a page that steps as fast as it can through the mailbox. */
function receive(port: GuardedPort, mailbox: SharedArrayBuffer | null, { add, isBusy }: CommandQueue): void {
  const waiting = mailbox && spinWait(new MailboxWatch(mailbox));
  const addText = (text: string): boolean => {
    add(JSON.parse(text));
    return !isBusy();
  };
  port.onMessage((data) => {
    waiting?.messageArrived();
    add(data);
    if (!isBusy()) waiting?.takeMore(addText);
  });
}
