import { connect, type Socket } from 'node:net';
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import { phrase } from '../core/phrase.ts';
import type { Control, Dial, Shown } from '../ftp/dial.ts';
import { takeReply, type Reply } from '../ftp/replies.ts';
import { carry } from './carriage.ts';

const TIMEOUT_MS = 10_000;
const PAUSE_MS = 100;
/** A server that sends more without a reply in it is no FTP server. */
const LONGEST_REPLY = 64 * 1024;

/** FTP connections over TCP, and TLS on them where it is asked for. */
export const dial: Dial = {
  control: async (host, port) => controlOver(await open(host, port, TIMEOUT_MS)),
  pause: () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS)),
};

function open(host: string, port: number, patienceMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => socket.destroy(tooLate(patienceMs)), patienceMs);
    const settle = (): void => clearTimeout(timer);
    socket.once('connect', () => {
      settle();
      resolve(socket);
    });
    socket.once('error', (error) => {
      settle();
      reject(error);
    });
  });
}

function tooLate(ms: number): Error {
  return new Error(phrase`no answer for ${ms / 1000} seconds`);
}

function controlOver(plain: Socket): Control {
  let socket: Socket = plain;
  let underTls: TLSSocket | null = null;
  let session: Buffer | undefined;
  let received = '';
  let ended: Error | null = null;
  let wake: () => void = () => undefined;
  const end = (error: Error): void => {
    ended ??= error;
    wake();
  };
  const hear = (bytes: Buffer): void => {
    received += bytes.toString('latin1');
    if (received.length > LONGEST_REPLY) socket.destroy(new Error(phrase`the answer is not FTP`));
    wake();
  };
  const listenTo = (each: Socket): void => {
    each.on('data', hear).on('error', end);
    each.on('close', () => end(new Error(phrase`the server closed the connection`)));
  };
  listenTo(plain);
  return {
    async reply(): Promise<Reply> {
      const timer = setTimeout(() => socket.destroy(tooLate(TIMEOUT_MS)), TIMEOUT_MS);
      try {
        for (;;) {
          const taken = takeReply(received);
          if (taken) {
            received = taken.rest;
            return taken.reply;
          }
          if (ended) throw ended;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        clearTimeout(timer);
      }
    },
    send: (line) => void socket.write(`${line}\r\n`),
    async secure() {
      plain.off('data', hear);
      // What came before the handshake may be anybody's.
      received = '';
      const secured = await agree(plain, undefined);
      // The tickets of TLS 1.3 come after the handshake; each is better than the one before.
      secured.on('session', (ticket) => (session = ticket));
      listenTo(secured);
      socket = underTls = secured;
      return shownBy(secured);
    },
    async data(host, port, patienceMs) {
      const channel = await open(host, port, patienceMs);
      const resume = (): Buffer | undefined => session ?? underTls?.getSession();
      return carry(channel, () => agree(channel, resume()));
    },
    close: () => socket.destroy(),
  };
}

/** Self-signed certificates are usual on FTP servers, so anyone's is taken. */
function agree(socket: Socket, session: Buffer | undefined): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const given = session === undefined ? {} : { session };
    const secured = connectTls({ socket, rejectUnauthorized: false, ...given });
    const timer = setTimeout(() => secured.destroy(tooLate(TIMEOUT_MS)), TIMEOUT_MS);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    secured.once('error', fail);
    secured.once('close', () =>
      fail(new Error(phrase`the server closed the connection during the handshake`)),
    );
    secured.once('secureConnect', () => {
      clearTimeout(timer);
      secured.off('error', fail);
      resolve(secured);
    });
  });
}

function shownBy(secured: TLSSocket): Shown {
  const certificate: Partial<PeerCertificate> = secured.getPeerCertificate();
  const subject = Object.entries(certificate.subject ?? {})
    .map(([key, value]) => `${key}=${[value ?? ''].flat().join('+')}`)
    .join(', ');
  return {
    protocol: secured.getProtocol() ?? 'TLS',
    subject: subject === '' ? phrase`without a subject` : subject,
  };
}
