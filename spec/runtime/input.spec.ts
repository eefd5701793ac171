import { NEVER, Subject, firstValueFrom, of, toArray, type Observable } from 'rxjs';
import { recording, replaying, replyTo, type Input } from '../../src/runtime/input';

const answers = (input: Input, ...prompts: string[]): Promise<unknown[]> =>
  Promise.all(
    prompts.map((prompt) => firstValueFrom(replyTo(input, prompt)).catch((error: unknown) => (error as Error).message)),
  );

describe('an answer to input()', () => {
  it.each<[what: string, answer: ReturnType<Input>]>([
    ['text', 'ab'],
    ['a promise of text', Promise.resolve('ab')],
    ['the first text of an observable', of('ab', 'cd')],
  ])('is %s', async (_, answer) => {
    expect(await firstValueFrom(replyTo(() => answer, '').pipe(toArray()))).toEqual(['ab']);
  });

  it('is not waited for any more where nobody wants it', () => {
    const typed$ = new Subject<string>();
    const waiting = replyTo(() => typed$, '').subscribe();
    expect(typed$.observed).toBe(true);
    waiting.unsubscribe();
    expect(typed$.observed).toBe(false);
  });

  it('that was recorded comes again, in order, and nobody is asked', async () => {
    const asked: string[] = [];
    const {
      input,
      answers: recorded,
      clear,
    } = recording((prompt) => {
      asked.push(prompt);
      return `${prompt}!`;
    });
    await answers(input, 'lost');
    clear();
    await answers(input, 'a', 'b');
    expect(recorded).toEqual(['a!', 'b!']);
    expect(await answers(replaying(recorded), 'x', 'y', 'z')).toEqual(['a!', 'b!', 'more was asked than before']);
    expect(asked).toEqual(['lost', 'a', 'b']);
  });

  it('that never came is not recorded', () => {
    const { input, answers: recorded } = recording(() => NEVER);
    (input('x') as Observable<string>).subscribe().unsubscribe();
    expect(recorded).toEqual([]);
  });
});
