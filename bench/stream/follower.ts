import { createRequire } from 'node:module';
import { WebSocket } from 'ws';
import { openCgi } from '../../test/http/cgi.ts';
import type { Way } from './job.ts';

/** An open way to some output. */
export interface Opened {
  /** Stops reading, and goes on. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** How much of it wetty's own page reads before it says so; a server that does not hear it stops its command. */
const WETTY_COMMIT = 262_144;

/** The parts of socket.io's client that are used; wetty brings it along. */
interface Socketio {
  on(event: string, hear: (text: string) => void): void;
  emit(event: string, ...facts: readonly unknown[]): void;
  close(): void;
}

/** @param hear is told of every piece as it comes. @param over is called once, when nothing more will come */
export function openWay(way: Way, hear: (bytes: Buffer) => void, over: () => void): Promise<Opened> {
  switch (way.by) {
    case 'socket':
      return openSocket(way, hear, over);
    case 'wetty':
      return openWetty(way, hear, over);
    case 'cgi':
      return openCgiStream(way, hear, over);
  }
}

function openSocket(
  { url, origin, first }: Extract<Way, { by: 'socket' }>,
  hear: (bytes: Buffer) => void,
  over: () => void,
): Promise<Opened> {
  const socket = new WebSocket(url, {
    rejectUnauthorized: false,
    ...(origin === undefined ? {} : { origin }),
  });
  socket.on('message', (message) => hear(message as Buffer));
  socket.once('close', over);
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => {
      socket.send(first);
      resolve({
        pause: () => socket.pause(),
        resume: () => socket.resume(),
        close: () => socket.terminate(),
      });
    });
  });
}

async function openWetty(
  { url }: Extract<Way, { by: 'wetty' }>,
  hear: (bytes: Buffer) => void,
  over: () => void,
): Promise<Opened> {
  const load = createRequire(new URL('../peers/package.json', import.meta.url));
  const { io } = load('socket.io-client') as { io: (url: string, options: object) => Socketio };
  const { origin, pathname } = new URL(url);
  const socket = io(origin, { path: `${pathname}socket.io`, transports: ['websocket'], forceNew: true });
  let read = 0;
  socket.on('data', (text) => {
    hear(Buffer.from(text));
    for (read += text.length; read >= WETTY_COMMIT; read -= WETTY_COMMIT) socket.emit('commit', WETTY_COMMIT);
  });
  socket.on('logout', () => socket.close());
  socket.on('disconnect', over);
  await new Promise<void>((resolve, reject) => {
    socket.on('connect', () => resolve());
    socket.on('connect_error', (why) => reject(new Error(why)));
  });
  return { pause: () => undefined, resume: () => undefined, close: () => socket.close() };
}

function openCgiStream(
  { socket, query }: Extract<Way, { by: 'cgi' }>,
  hear: (bytes: Buffer) => void,
  over: () => void,
): Promise<Opened> {
  const cgi = openCgi();
  cgi.install(socket);
  const child = cgi.start({ QUERY_STRING: query });
  const { stdout } = child;
  let head: Buffer | null = Buffer.alloc(0);
  child.stdin.end();
  child.once('close', () => {
    cgi.remove();
    over();
  });
  return new Promise((resolve) => {
    stdout.on('data', (bytes: Buffer) => {
      if (head === null) {
        hear(bytes);
        return;
      }
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const first = head.subarray(end + 4);
      head = null;
      resolve({ pause: () => stdout.pause(), resume: () => stdout.resume(), close: () => child.kill() });
      if (first.length > 0) hear(first);
    });
  });
}
