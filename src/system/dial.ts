import { connect, type Socket } from 'node:net';
import type { Control, Data, Dial } from '../ftp/probe.ts';
import { takeReply, type Reply } from '../ftp/replies.ts';

const TIMEOUT_MS = 10_000;
/** A server that sends more without a reply in it is no FTP server. */
const LONGEST_REPLY = 64 * 1024;

/** FTP connections over plain TCP. */
export const dial: Dial = {
  async control(host, port) {
    const socket = await open(host, port);
    return controlOver(socket);
  },
  async data(host, port) {
    const socket = await open(host, port);
    return dataOver(socket);
  },
};

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(TIMEOUT_MS, () =>
      socket.destroy(new Error(`no answer for ${TIMEOUT_MS / 1000} seconds`)),
    );
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

function controlOver(socket: Socket): Control {
  let received = '';
  let ended: Error | null = null;
  let wake: () => void = () => undefined;
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    received += text;
    if (received.length > LONGEST_REPLY) socket.destroy(new Error('the answer is not FTP'));
    wake();
  });
  socket.on('error', (error) => (ended = error));
  socket.on('close', () => {
    ended ??= new Error('the server closed the connection');
    wake();
  });
  return {
    async reply(): Promise<Reply> {
      for (;;) {
        const taken = takeReply(received);
        if (taken) {
          received = taken.rest;
          return taken.reply;
        }
        if (ended) throw ended;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    send: (line) => void socket.write(`${line}\r\n`),
    close: () => socket.destroy(),
  };
}

function dataOver(socket: Socket): Data {
  const chunks: Buffer[] = [];
  const done = new Promise<Uint8Array>((resolve, reject) => {
    socket.on('data', (bytes: Buffer) => chunks.push(bytes));
    socket.on('error', reject);
    socket.on('end', () => resolve(Buffer.concat(chunks)));
  });
  done.catch(() => undefined);
  return { all: () => done, close: () => socket.destroy() };
}
