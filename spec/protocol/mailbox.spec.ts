import { Mailbox, MailboxWatch, mailboxSize } from '../../src/protocol/mailbox';

describe('a mailbox', () => {
  const make = () => {
    const buffer = new SharedArrayBuffer(mailboxSize);
    return { page: new Mailbox(buffer), worker: new MailboxWatch(buffer), state: new Int32Array(buffer, 0, 1) };
  };
  /** Does something on the page while the worker looks: here, when it reads the clock. */
  const whileLooking = (act: () => void) => {
    const now = jest.spyOn(performance, 'now');
    now.mockReturnValueOnce(0).mockImplementationOnce(() => {
      act();
      return 0;
    });
    now.mockReturnValue(1000);
  };
  afterEach(() => jest.restoreAllMocks());

  it('takes nothing while nobody looks', () => {
    const { page, worker } = make();
    expect([page.isWatched, page.put('a')]).toEqual([false, false]);
    expect(worker.look(0)).toBeUndefined();
    expect([page.isWatched, page.put('a')]).toEqual([false, false]);
    expect(worker.look(0)).toBeUndefined();
  });

  it('hands over what is put in while somebody looks, once', () => {
    const { page, worker } = make();
    const put: boolean[] = [];
    whileLooking(() => put.push(page.isWatched, page.put('{"ä":"☃"}'), page.put('another')));
    expect(worker.look(1)).toBe('{"ä":"☃"}');
    expect(put).toEqual([true, true, false]);
    expect(worker.look(0)).toBeUndefined();
  });

  it('takes what came at the last moment', () => {
    const { page, worker } = make();
    jest
      .spyOn(performance, 'now')
      .mockReturnValueOnce(0)
      .mockImplementationOnce(() => {
        page.put('late');
        return 1000;
      });
    expect(worker.look(1)).toBe('late');
  });

  it('ends a look that is called off, and takes what was put in before', () => {
    const { page, worker } = make();
    const answers: unknown[] = [];
    const now = jest.spyOn(performance, 'now');
    for (const text of ['', 'in time']) {
      // its time never comes to an end
      now.mockReset();
      now.mockReturnValueOnce(0).mockImplementationOnce(() => {
        if (text) page.put(text);
        page.callOff();
        return 0;
      });
      now.mockImplementationOnce(() => {
        throw new Error('it looks on');
      });
      answers.push(worker.look(1), page.isWatched);
    }
    page.callOff();
    answers.push(page.isWatched);
    expect(answers).toEqual([null, false, 'in time', false, false]);
  });

  it('refuses a text that is too long, and says so', () => {
    const { page, worker } = make();
    const put: boolean[] = [];
    whileLooking(() => put.push(page.put('x'.repeat(1025)), page.put('x'.repeat(1024))));
    expect(worker.look(1)).toBe('x'.repeat(1024));
    expect(put).toEqual([false, true]);
  });
});
