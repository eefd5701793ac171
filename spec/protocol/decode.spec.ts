import { decodeFromWorker } from '../../src/protocol/decode';
import { nothing } from '../../src/protocol/pack';
import { bootCommand } from './boot-command';

const failure = (error: unknown): object => ({ type: 'failure', id: 1, error });

describe('decodeFromWorker', () => {
  it.each<[unknown]>([
    [{ type: 'progress', stage: 'download', label: 'x', loaded: 1, total: null }],
    [{ type: 'output', stream: 'stdout', line: '' }],
    [{ type: 'problem', env: 1, kind: 'render', message: 'm', hint: null, episode: 0, count: 1 }],
    [{ type: 'described', env: 1, value: nothing }],
    [{ type: 'answer', id: 0, value: { json: '1', buffers: [new ArrayBuffer(1)] } }],
    [{ type: 'answer', id: 0, value: nothing, times: { python: 0.5, worker: 1 } }],
    [failure({ kind: 'python', type: 'E', message: '', traceback: '' })],
    [failure({ kind: 'boot', stage: 'boot', url: '', message: '' })],
    [failure({ kind: 'crash', cause: 'exit', message: '' })],
    [failure({ kind: 'protocol', expected: '', got: '' })],
    [failure({ kind: 'file', path: 'a', url: null, status: 404, message: '' })],
    [{ type: 'question', prompt: '' }],
  ])('takes %j', (message) => {
    expect(decodeFromWorker(message)).toBe(message);
  });

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;

  it.each<[what: string, message: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['a string', 'answer'],
    ['an array', []],
    ['an object without a type', {}],
    ['a cycle', circular],
    ['an unknown type', { type: 'hello' }],
    ["a type that is one of Object's own", { type: 'constructor' }],
    ['a command', bootCommand],
    ['an answer without an id', { type: 'answer', value: nothing }],
    ['an answer with an id that is no whole number', { type: 'answer', id: 1.5, value: nothing }],
    ['an answer with a negative id', { type: 'answer', id: -1, value: nothing }],
    ['an answer with a string as id', { type: 'answer', id: '1', value: nothing }],
    ['an answer without a value', { type: 'answer', id: 1 }],
    ['an answer that is not packed', { type: 'answer', id: 1, value: 1 }],
    ['an answer without buffers', { type: 'answer', id: 1, value: { json: '1' } }],
    ['an answer with half the times', { type: 'answer', id: 1, value: nothing, times: { python: 1 } }],
    ['an answer with a negative time', { type: 'answer', id: 1, value: nothing, times: { python: -1, worker: 1 } }],
    ['an answer whose JSON is no text', { type: 'answer', id: 1, value: { json: 1, buffers: [] } }],
    ['an answer with a view as buffer', { type: 'answer', id: 1, value: { json: '1', buffers: [new Uint8Array(1)] } }],
    ['a failure without an error', { type: 'failure', id: 1 }],
    ['a failure of unknown kind', failure({ kind: 'other', message: '' })],
    ['a failure without its fields', failure({ kind: 'python', type: 'E' })],
    ['a crash of unknown cause', failure({ kind: 'crash', cause: 'boredom', message: '' })],
    ['progress of unknown stage', { type: 'progress', stage: 'lunch', label: '', loaded: null, total: null }],
    ['progress with negative bytes', { type: 'progress', stage: 'boot', label: '', loaded: -1, total: null }],
    ['progress without bytes', { type: 'progress', stage: 'boot', label: '' }],
    ['a problem of unknown kind', { type: 'problem', env: 1, kind: 'x', message: '', hint: '', episode: 0, count: 1 }],
    ['a problem without a count', { type: 'problem', env: 1, kind: 'space', message: '', hint: '', episode: 0 }],
    ['a description without a value', { type: 'described', env: 1 }],
    ['output of an unknown stream', { type: 'output', stream: 'stdlog', line: '' }],
    ['output that is no text', { type: 'output', stream: 'stdout', line: 1 }],
  ])('refuses %s', (_, message) => {
    expect(() => decodeFromWorker(message)).toThrow(expect.objectContaining({ name: 'ProtocolError' }) as Error);
  });

  it('says what it expected and what came, shortened', () => {
    expect(() => decodeFromWorker({ type: 'x'.repeat(500) })).toThrow(
      /expected one of progress, output, problem, described, question, alive, fault, answer, failure with its fields, got \{"type":"x{20,110}…/,
    );
  });
});
