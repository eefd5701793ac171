import { connect, type Socket } from 'node:net';

/** The bytes of a POST. */
export const requestOf = (body: string): Buffer =>
  Buffer.from(
    'POST /records HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

/** Resolves when the socket is closed, by whomever. */
const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

/** Sends the bytes, then cuts the connection without a word. */
export async function cutAfter(port: number, bytes: Uint8Array): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const end = closed(socket);
  socket.on('error', () => undefined);
  socket.write(bytes, () => socket.resetAndDestroy());
  await end;
}

/** Sends a whole request, reads the answer up to `count` bytes, and cuts the connection. Returns what it read. */
export async function cutInAnswer(port: number, bytes: Uint8Array, count: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const end = closed(socket);
  let read = '';
  socket.on('error', () => undefined);
  socket.on('readable', () => {
    while (read.length < count) {
      const byte = socket.read(1) as Buffer | null;
      if (!byte) return;
      read += byte.toString('latin1');
    }
    socket.resetAndDestroy();
  });
  socket.write(bytes);
  await end;
  return read;
}

/** Sends the bytes as they are, and returns what comes until the server closes, or `until` is in it. */
export async function exchange(port: number, bytes: Uint8Array | string, until = '}'): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const end = closed(socket);
  let read = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    read += chunk.toString();
    if (read.includes(until)) socket.destroy();
  });
  socket.write(bytes);
  await end;
  return read;
}
