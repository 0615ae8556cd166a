import type { Socket } from 'node:net';
import { phrase } from '../core/phrase.ts';
import type { Data } from '../ftp/dial.ts';

const TIMEOUT_MS = 10_000;

/** A data connection over a socket that nobody has read from yet. @param agree makes a socket under TLS of it */
export function carry(plain: Socket, agree: () => Promise<Socket>): Data {
  let socket = watched(plain);
  return {
    async secure() {
      socket = watched(await agree());
    },
    async all() {
      const chunks: Buffer[] = [];
      socket.on('data', (bytes: Buffer) => chunks.push(bytes));
      await settled(socket, 'end');
      return Buffer.concat(chunks);
    },
    async send(bytes) {
      // What a server says here is read all the same, or its end would never be seen.
      socket.resume().end(bytes);
      await settled(socket, 'finish');
    },
    close: () => socket.destroy(),
  };
}

function watched(socket: Socket): Socket {
  socket.on('error', () => undefined);
  return socket.setTimeout(TIMEOUT_MS, () =>
    socket.destroy(new Error(phrase`nothing moved for ${TIMEOUT_MS / 1000} seconds`)),
  );
}

/** Waits for an end that may have come before anybody asked, as that of an empty listing does. */
function settled(socket: Socket, by: 'end' | 'finish'): Promise<void> {
  const done = (): boolean => (by === 'end' ? socket.readableEnded : socket.writableFinished);
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      if (done()) resolve();
      else reject(socket.errored ?? new Error(phrase`the data connection was cut off`));
    };
    if (done() || socket.destroyed) settle();
    else socket.once(by, resolve).once('error', reject).once('close', settle);
  });
}
