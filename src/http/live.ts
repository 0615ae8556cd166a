import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { Problem } from '../core/problem.ts';
import type { Desk } from './desk.ts';
import { attachFollower, type FollowerParts } from './follower.ts';
import type { Tickets } from './tickets.ts';

/** The WebSocket's own TLS port. It listens only while a ticket waits or somebody follows. */
export interface Live {
  readonly port: number;
  /**
   * Makes sure that the port listens, with the certificate as it is now. Call it after a ticket was minted.
   * @throws Problem `unsupported`: no certificate, or the port cannot be had; the page follows through WHM instead
   */
  open(): Promise<void>;
  /** How many sockets are open. */
  followers(): number;
  close(): Promise<void>;
}

/** What the live port is made of. */
export interface LiveParts {
  readonly desk: Pick<Desk, 'follow'>;
  readonly tickets: Tickets;
  readonly port: number;
  /** One PEM text with the private key and the certificate chain; asked for at every `open`. */
  readonly certificate: () => Promise<string>;
}

/** Sockets that may be open at the same time, over all people. */
const MOST = 64;
/** How often it is looked whether anybody still needs the port. */
const SETTLE_EVERY = 5000;

export function createLive({ desk, tickets, port, certificate }: LiveParts): Live {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 65_536,
    maxFragments: 64,
    perMessageDeflate: false,
    clientTracking: true,
  });
  const follower: FollowerParts = { desk, tickets };
  let listening: { readonly server: Server; pem: string } | null = null;
  let opening: Promise<void> | null = null;

  async function listen(): Promise<void> {
    const pem = await readCertificate(certificate);
    if (listening) {
      if (listening.pem !== pem) listening.server.setSecureContext({ key: pem, cert: pem });
      listening.pem = pem;
      return;
    }
    const server = startListener(pem);
    server.on('upgrade', (request, socket: Duplex, head) => {
      const { origin } = request.headers;
      // The page's address is known from the tickets: nobody else has a reason to come.
      if (origin === undefined || !tickets.expects(origin)) refuse(socket, '403 Forbidden');
      else if (sockets.clients.size >= MOST) refuse(socket, '503 Service Unavailable');
      else sockets.handleUpgrade(request, socket, head, (client) => attachFollower(client, origin, follower));
    });
    await listenOn(server, port);
    listening = { server, pem };
    const settle = setInterval(() => {
      if (opening || tickets.alive() > 0 || sockets.clients.size > 0) return;
      clearInterval(settle);
      listening = null;
      server.close();
    }, SETTLE_EVERY);
    server.once('close', () => clearInterval(settle));
  }

  return {
    port,
    open() {
      opening ??= listen().finally(() => (opening = null));
      return opening;
    },
    followers: () => sockets.clients.size,
    async close() {
      for (const client of sockets.clients) client.terminate();
      const server = listening?.server;
      listening = null;
      if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function readCertificate(certificate: () => Promise<string>): Promise<string> {
  try {
    return await certificate();
  } catch (error) {
    throw new Problem(
      'unsupported',
      'The server’s certificate cannot be read, so there is no WebSocket.',
      '',
      error,
    );
  }
}

function startListener(pem: string): Server {
  try {
    return createServer({ key: pem, cert: pem, handshakeTimeout: 10_000 }, (_request, response) => {
      response
        .writeHead(404, { 'content-type': 'text/plain' })
        .end('This port is for the page in WHM only.\n');
    });
  } catch (error) {
    throw new Problem('unsupported', 'The server’s certificate cannot be used for a WebSocket.', '', error);
  }
}

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new Problem('unsupported', `Port ${port} cannot be had for the WebSocket.`, error.message, error),
      );
    });
    server.listen(port, resolve);
  });
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
