import { createServer, type Server, type Socket } from 'node:net';
import type { Heard, Lookout } from '../outside/parts.ts';

/** A visitor that says nothing is let go after this. Milliseconds. */
const HEARS_FOR = 3000;
/** More than a visitor of ours says before it waits for an answer. */
const MOST_BYTES = 2048;
/** Connections to one port at the same time; who says nothing must not keep out who comes next. */
const MOST_AT_ONCE = 16;

/** Listens on ports at every address of the server, and tells of each connection with its first bytes. */
export async function listenOn(ports: readonly number[], heard: Heard): Promise<Lookout> {
  const open = new Set<Socket>();
  const servers = await Promise.all(
    ports.map(async (port) => {
      const here = new Set<Socket>();
      const server = createServer((socket) => {
        for (const room of [open, here]) room.add(socket.on('close', () => room.delete(socket)));
        // It is gone from the socket when that has been closed.
        const from = plain(socket.remoteAddress);
        hear(socket, (bytes) => heard({ port, from, bytes }));
        const [oldest] = here;
        if (oldest === undefined || here.size <= MOST_AT_ONCE) return;
        here.delete(oldest);
        oldest.destroy();
      });
      return (await isHad(server, port)) ? { port, server } : null;
    }),
  );
  const had = servers.flatMap((each) => each ?? []);
  return {
    ports: had.map(({ port }) => port),
    async close() {
      const closing = had.map(({ server }) => new Promise((resolve) => server.close(resolve)));
      for (const socket of open) socket.destroy();
      await Promise.all(closing);
    },
  };
}

/** A port that another program has taken meanwhile is left to it. */
function isHad(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    // A listener that fails later, for want of descriptors, must not take the daemon with it.
    server.on('error', () => resolve(false)).listen({ port, exclusive: true }, () => resolve(true));
  });
}

function hear(socket: Socket, tell: (bytes: Uint8Array) => string): void {
  let bytes = Buffer.alloc(0);
  let isTold = false;
  const settle = (): void => {
    if (isTold) return;
    isTold = true;
    clearTimeout(timer);
    const word = tell(bytes);
    if (word === '') socket.destroy();
    else socket.end(answer(bytes, word));
  };
  const timer = setTimeout(settle, HEARS_FOR);
  socket.on('data', (more: Buffer) => {
    bytes = Buffer.concat([bytes, more]).subarray(0, MOST_BYTES);
    if (bytes[0] === 0x16 || bytes.includes('\n') || bytes.length === MOST_BYTES) settle();
  });
  socket.on('end', settle).on('error', settle).on('close', settle);
}

/** Who speaks HTTP is answered in HTTP. */
function answer(bytes: Buffer, word: string): string {
  if (!/^[A-Z]+ \S+ HTTP\//.test(bytes.toString('latin1'))) return `${word}\n`;
  const head = ['HTTP/1.1 200 OK', 'Content-Type: text/plain', 'Connection: close'];
  return [...head, `Content-Length: ${word.length + 1}`, '', `${word}\n`].join('\r\n');
}

/** A listener for both families calls IPv4 addresses by a name of IPv6. */
function plain(remote = ''): string {
  return remote.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
}
