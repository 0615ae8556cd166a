import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import { createLive, type Live } from '../../src/http/live.ts';
import type { Audit, AuditEvent } from '../../src/runs/audit.ts';
import { createTickets, type Tickets } from '../../src/http/tickets.ts';
import { freePort, makeCertificate } from './certificate.ts';
import { createFakeDesk, createFakeRecording, type FakeRecording } from './fake-desk.ts';

export const ORIGIN = 'https://server.example:2087';
export const BINDING = { user: 'root', session: '/cpsess1', run: 'r-1', origin: ORIGIN };

/** How a socket ended: the HTTP status of a refused upgrade, or the close code; and what it brought. */
export interface Ending {
  readonly code: number;
  readonly bytes: Buffer;
}

/** A live port before a fake desk. */
export interface LivePort {
  readonly port: number;
  /** The certificate as it lies on the server now. */
  pem: string;
  readonly tickets: Tickets;
  readonly recording: FakeRecording;
  readonly live: Live;
  readonly audit: Audit;
  /** What the audit was told. */
  readonly noted: AuditEvent[];
  /** A ticket for the run `r-1`; the port listens then. */
  ticket(): Promise<string>;
  connect(origin?: string | string[], options?: ClientOptions): WebSocket;
  /** Connects from the page's own origin, says this first, and waits for the end. */
  attach(message: unknown): Promise<Ending>;
}

const pem = makeCertificate();

/** @param now the tickets' clock, milliseconds */
export async function openLivePort(
  now = () => Date.now(),
  recording = createFakeRecording(),
): Promise<LivePort> {
  const port = await freePort();
  const tickets = createTickets(now, randomBytes);
  const desk = createFakeDesk(recording);
  const noted: AuditEvent[] = [];
  const audit: Audit = { note: (event) => void noted.push(event) };
  const live = createLive({ desk, tickets, port, certificate: () => Promise.resolve(door.pem), audit });

  function connect(origin?: string | string[], options: ClientOptions = {}): WebSocket {
    const headers = origin === undefined ? {} : { origin: origin as string };
    return new WebSocket(`wss://127.0.0.1:${port}/`, { rejectUnauthorized: false, headers, ...options });
  }

  const door: LivePort = {
    port,
    pem,
    tickets,
    recording,
    live,
    audit,
    noted,
    async ticket() {
      const minted = tickets.mint(BINDING);
      await live.open();
      return minted.ticket;
    },
    connect,
    async attach(message) {
      const socket = connect(ORIGIN);
      const end = ending(socket);
      await once(socket, 'open');
      socket.send(
        typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message),
      );
      return end;
    },
  };
  return door;
}

export function ending(socket: WebSocket): Promise<Ending> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    socket.on('message', (message: Buffer, isBinary) => {
      assert.ok(isBinary);
      chunks.push(message);
    });
    socket.on('unexpected-response', (_request, response) => {
      resolve({ code: response.statusCode ?? 0, bytes: Buffer.alloc(0) });
    });
    socket.on('close', (code) => resolve({ code, bytes: Buffer.concat(chunks) }));
    socket.on('error', reject);
  });
}
