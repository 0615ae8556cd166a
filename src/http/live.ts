import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { CLOSE } from '../core/close.ts';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { ofRefusals, type Audit } from './audit.ts';
import { openCrowds } from './crowds.ts';
import type { Desk } from './desk.ts';
import { attachFollower, type FollowerParts } from './follower.ts';
import { mayPack, openFrames, PACKING } from './frame.ts';
import { createLeases, type Leases } from './leases.ts';
import type { Tickets } from './tickets.ts';

/** The WebSocket's own TLS port. It listens only while a ticket waits or somebody follows. */
export interface Live {
  readonly port: number;
  /**
   * Makes sure that the port listens, with the certificate as it is now. Call it after a ticket was minted: nobody can
   * attach without a new ticket, so a certificate that is looked at then is never an old one.
   * @throws Problem `unsupported`: no certificate, or the port cannot be had; the page follows through WHM instead
   */
  open(): Promise<void>;
  renew: Leases['renew'];
  /** How many sockets are open. */
  followers(): number;
  close(): Promise<void>;
}

/** What the live port is made of. */
export interface LiveParts {
  readonly desk: Pick<Desk, 'follow'>;
  readonly tickets: Tickets;
  readonly port: number;
  /** Told of who attaches and of who is refused. */
  readonly audit: Audit;
  /** One PEM text with the private key and the certificate chain; asked for at every `open`. */
  readonly certificate: () => Promise<string>;
}

/** Sockets that may be open at the same time, over all people. */
const MOST = 64;
/** Bytes of a message: nobody has more to say than which run, from where, and the ticket. */
const LONGEST_MESSAGE = 4096;
/** How often it is looked whether anybody still needs the port. */
const SETTLE_EVERY = 5000;
/** Connections at the same time, most of which have said nothing yet. */
const MOST_CONNECTIONS = 256;
/** A browser that does not answer the last word is not waited for longer. */
const CLOSING_MS = 1000;

export function createLive({ desk, tickets, port, certificate, audit }: LiveParts): Live {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LONGEST_MESSAGE,
    maxFragments: 64,
    perMessageDeflate: PACKING,
    clientTracking: true,
  });
  const leases = createLeases();
  const refusals = ofRefusals(audit, () => performance.now());
  const follower: FollowerParts = {
    desk,
    tickets,
    leases,
    frames: openFrames(),
    crowds: openCrowds(),
    audit,
    refusals,
  };
  let listening: { readonly server: Server; readonly connections: ReadonlySet<Duplex>; pem: string } | null =
    null;
  let opening: Promise<void> | null = null;

  async function listen(): Promise<void> {
    const pem = await readCertificate(certificate);
    if (listening) {
      if (listening.pem !== pem) takeUp(listening.server, pem);
      listening.pem = pem;
      return;
    }
    const server = startListener(pem);
    server.on('upgrade', (request, socket: Duplex, head) => {
      const { origin } = request.headers;
      const address = addressOf(request.socket.remoteAddress);
      const no = (status: string): void => {
        refuse(socket, status);
        refusals.note({ user: '', role: 'none', address, via: 'live', action: 'connect', result: status });
      };
      // The page's address is known from the tickets: nobody else has a reason to come.
      if (origin === undefined || !tickets.expects(origin)) no('403 Forbidden');
      else if (sockets.clients.size >= MOST) no('503 Service Unavailable');
      else {
        const peer = { origin, address };
        if (!mayPack(request.headers)) delete request.headers['sec-websocket-extensions'];
        sockets.handleUpgrade(request, socket, head, (client) =>
          attachFollower(client, socket, peer, follower),
        );
      }
    });
    const connections = connectionsOf(server);
    await listenOn(server, port);
    listening = { server, connections, pem };
    const settle = setInterval(() => {
      if (opening || tickets.alive() > 0 || sockets.clients.size > 0) return;
      clearInterval(settle);
      listening = null;
      server.close();
      endAll(connections);
    }, SETTLE_EVERY);
    server.once('close', () => clearInterval(settle));
  }

  return {
    port,
    open() {
      opening ??= listen().finally(() => (opening = null));
      return opening;
    },
    renew: leases.renew,
    followers: () => sockets.clients.size,
    async close() {
      if (listening === null) return;
      const { server, connections } = listening;
      listening = null;
      const shut = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const client of sockets.clients) client.close(CLOSE.leaving, 'the daemon ends');
      const late = setTimeout(() => endAll(connections), CLOSING_MS);
      server.closeAllConnections();
      await shut;
      clearTimeout(late);
    },
  };
}

async function readCertificate(certificate: () => Promise<string>): Promise<string> {
  try {
    return await certificate();
  } catch (error) {
    throw new Problem(
      'unsupported',
      phrase`The server’s certificate cannot be read, so there is no WebSocket.`,
      '',
      error,
    );
  }
}

function startListener(pem: string): Server {
  try {
    const limits = {
      handshakeTimeout: 5000,
      headersTimeout: 5000,
      requestTimeout: 5000,
      connectionsCheckingInterval: 1000,
    };
    const server = createServer({ key: pem, cert: pem, ...limits }, (_request, response) => {
      response
        .writeHead(404, { 'content-type': 'text/plain', connection: 'close' })
        .end(`${phrase`This port is for the page in WHM only.`}\n`);
    });
    server.maxConnections = MOST_CONNECTIONS;
    return server;
  } catch (error) {
    throw new Problem(
      'unsupported',
      phrase`The server’s certificate cannot be used for a WebSocket.`,
      '',
      error,
    );
  }
}

/** A certificate that is being replaced may be there by half. The one in use stays, and the next ticket looks again. */
function takeUp(server: Server, pem: string): void {
  try {
    server.setSecureContext({ key: pem, cert: pem });
  } catch (error) {
    throw new Problem(
      'unsupported',
      phrase`The server’s new certificate cannot be used for a WebSocket.`,
      '',
      error,
    );
  }
}

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new Problem(
          'unsupported',
          phrase`Port ${port} cannot be had for the WebSocket.`,
          error.message,
          error,
        ),
      );
    });
    server.listen(port, resolve);
  });
}

/** A listener for both families calls IPv4 addresses by a name of IPv6. */
function addressOf(remote = ''): string {
  return remote.replace(/^::ffff:(?=\d+\.)/, '');
}

/**
 * All connections that are open. Node itself forgets those that were upgraded, and sets no limit to those that go on
 * after the server has closed: one that a stranger keeps would keep the daemon from ever leaving.
 */
function connectionsOf(server: Server): ReadonlySet<Duplex> {
  const open = new Set<Duplex>();
  server.on('connection', (socket: Duplex) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

function endAll(connections: ReadonlySet<Duplex>): void {
  for (const socket of connections) socket.destroy();
}

/** Its peer may never close its own end. */
function refuse(socket: Duplex, status: string): void {
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
