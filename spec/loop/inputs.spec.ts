import { of, startWith } from 'rxjs';
import { inputs } from '../../src/loop/inputs.js';
import { lingerMs } from '../../src/loop/linger.js';
import { pressedKeys } from '../../src/loop/pressed-keys.js';
import { runMarbles } from '../operators/run-marbles.js';
import { usageError } from '../operators/usage-error.js';
import { FakePage } from './key-events.js';

describe('inputs', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => {
    jest.runAllTimers();
    jest.useRealTimers();
  });

  it('has the value of the source that was used last', () =>
    runMarbles(({ cold, expectObservable }) => {
      const keys = cold('  ---l--i---------l-').pipe(startWith('i'));
      const pad = cold('   --------r-----i---').pipe(startWith('i'));
      const expected = '   i--l--i-r-----i-l-';
      expectObservable(inputs(keys, pad)).toBe(expected);
    }));

  it('takes a value on subscription for no use, but for that of the first source that has one', () =>
    runMarbles(({ cold, expectObservable }) => {
      const strokes = cold('----s');
      const keys = cold('   ------k').pipe(startWith('i'));
      const pad = cold('    -----').pipe(startWith('p'));
      expectObservable(inputs(strokes, keys, pad)).toBe('i---s-k');
      expectObservable(inputs(keys, strokes, pad)).toBe('i---s-k');
      expectObservable(inputs(pad, strokes, of('i'))).toBe('p---s');
    }));

  it('passes on the same value twice: two key strokes are two', () =>
    runMarbles(({ cold, expectObservable }) => {
      expectObservable(inputs(cold('-s-s-s'))).toBe('-s-s-s');
    }));

  it('completes when all have, and passes on an error', () =>
    runMarbles(({ cold, expectObservable }) => {
      expectObservable(inputs(cold('-a|'), cold('---b|'))).toBe('-a-b|');
      expectObservable(inputs(cold('-a|'), cold('---#'))).toBe('-a-#');
    }));

  it('remembers what was used last for one who subscribes for each step', () => {
    const [left, right] = [new FakePage(), new FakePage()];
    const source$ = inputs(
      pressedKeys({ a: 'a' }, { idle: 'left rests', target: left }),
      pressedKeys({ b: 'b' }, { idle: 'right rests', target: right }),
    );
    const actions: string[] = [];
    const step = () => {
      source$.subscribe((action) => actions.push(action)).unsubscribe();
      jest.advanceTimersByTime(lingerMs - 1);
    };
    step();
    right.down('b');
    step();
    right.up('b');
    step();
    left.down('a');
    step();
    expect(actions).toEqual(['left rests', 'b', 'right rests', 'a']);
    expect([left.listening(), right.listening()]).toEqual([3, 3]);
    jest.advanceTimersByTime(2 * lingerMs);
    expect([left.listening(), right.listening()]).toEqual([0, 0]);
  });

  it('refuses no sources, and what is no Observable', () => {
    expect(() => (inputs as () => void)()).toThrow(usageError('inputs'));
    expect(() => inputs(of(1), 2 as never)).toThrow(usageError('inputs[1]'));
  });
});
