import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { bodyReader } from '../../bin/collect/body.mjs';

const request = (length?: number): IncomingMessage & PassThrough => {
  const headers = length === undefined ? {} : { 'content-length': String(length) };
  return Object.assign(new PassThrough(), { headers }) as unknown as IncomingMessage & PassThrough;
};
const refusal = (status: number): unknown => expect.objectContaining({ status });

it('reads a body up to the limit', async () => {
  const read = bodyReader({ limit: 6, capacity: 100 });
  const whole = request();
  const body = read(whole);
  whole.write('abc');
  whole.end('def');
  expect((await body).toString()).toBe('abcdef');
});

it('refuses one that is longer than it said, or says that it will be', async () => {
  const read = bodyReader({ limit: 6, capacity: 100 });
  await expect(read(request(7))).rejects.toEqual(refusal(413));
  const long = request(6);
  const body = read(long);
  long.write('abcdefg');
  await expect(body).rejects.toEqual(refusal(413));
});

it('refuses what does not fit beside the others, and takes it when they ended or went away', async () => {
  const read = bodyReader({ limit: 10, capacity: 20 });
  const [ends, goes, third, again] = [request(), request(), request(), request()];
  const bodies = [read(ends), read(goes)];
  ends.write('12345678');
  goes.write('12345678');
  const refused = read(third);
  third.write('12345');
  await expect(refused).rejects.toEqual(refusal(503));
  // What still comes of it is thrown away.
  third.write('12345678');
  ends.end();
  goes.destroy();
  expect((await bodies[0]!).toString()).toBe('12345678');
  await expect(bodies[1]).rejects.toThrow('the sender went away');
  const more = [again, request(), request()].map((one) => {
    const body = read(one);
    one.end('123456');
    return body;
  });
  expect((await Promise.all(more)).map(String)).toEqual(['123456', '123456', '123456']);
});
