import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

/** What the server says to a command: whole lines without line ends; null hangs up. `n` counts that command from 0. */
export type Answer = (n: number, self: FakeServer) => Promise<string | null> | string | null;

export interface FakeServer {
  readonly host: string;
  readonly port: number;
  /** Commands as they came. */
  readonly heard: string[];
  /** Of each data connection under TLS, whether it resumed the session of its control connection. */
  readonly resumed: boolean[];
  /** Control connections that are open, and how many there have been. */
  readonly sessions: { open: number; count: number };
  /** What is left of uploads: name and bytes. A test may spoil it. */
  readonly kept: Map<string, Uint8Array>;
  /** Opens the next data port and answers with its number; the one before it is closed, as real servers do. */
  openData(at?: string): Promise<number>;
  close(): Promise<void>;
}

export const LISTING = '-rw-r--r-- 1 ftp ftp 5 Jan  1 00:00 a.txt\r\n';

const h = (port: number): string => `${port >> 8},${port & 255}`;

/** The words of Pure-FTPd. A test replaces the answers that it is about. */
const PUREFTPD: Readonly<Record<string, Answer>> = {
  greeting: () => '220---------- Welcome ----------\r\n220 You will be disconnected.',
  USER: () => '331 User OK. Password required',
  PASS: () => '230 OK. Current directory is /',
  PASV: async (_, self) => `227 Entering Passive Mode (127,0,0,1,${h(await self.openData())})`,
  EPSV: async (_, self) => `229 Extended Passive mode OK (|||${await self.openData()}|)`,
  TYPE: () => '200 TYPE is now 8-bit binary',
  LIST: () => '150 Accepted data connection',
  /** What a listing holds, not what is said. */
  listing: () => LISTING,
  listed: () => '226 1 matches total',
  STOR: () => '150 Accepted data connection',
  stored: () => '226-File successfully transferred\r\n226 0.001 seconds',
  RETR: () => '150 Accepted data connection',
  retrieved: () => '226 File successfully transferred',
  DELE: () => '250 Deleted',
  QUIT: () => '221 Goodbye.',
};

/** What Pure-FTPd says where TLS is on. */
export const TLS_ON: Readonly<Record<string, Answer>> = {
  AUTH: () => '234 AUTH TLS OK.',
  PBSZ: () => '200 PBSZ=0',
  PROT: () => '200 Data protection level set to "private"',
};

/**
 * An FTP server on a loopback port that says what it is told to say and moves bytes over real data connections.
 * @param pem key and certificate; a server that answers AUTH with 234 and has none talks nonsense then
 */
export async function startFakeServer(
  answers: Readonly<Record<string, Answer>> = {},
  pem: string | null = null,
): Promise<FakeServer> {
  const said = { ...PUREFTPD, ...answers };
  const sockets = new Set<Socket>();
  const secureContext = pem === null ? null : createSecureContext({ key: pem, cert: pem });
  let data: Server | null = null;
  let dataSocket: Promise<Socket> | null = null;
  const remember = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => undefined));
    return socket;
  };
  const secured = (socket: Socket): Promise<TLSSocket> => {
    if (secureContext === null) throw new Error('no certificate was given');
    const above = new TLSSocket(socket, { isServer: true, secureContext });
    remember(above);
    return once(above, 'secure').then(() => above);
  };

  const control = createServer((plain) => {
    self.sessions.count += 1;
    self.sessions.open += 1;
    remember(plain).on('close', () => (self.sessions.open -= 1));
    let socket: Socket = plain;
    let isPrivate = false;
    const counts = new Map<string, number>();
    const say = async (verb: string): Promise<string> => {
      const n = counts.get(verb) ?? 0;
      counts.set(verb, n + 1);
      const text = await (said[verb] ?? (() => '500 Unknown command'))(n, self);
      if (text === null) plain.destroy();
      else socket.write(`${text}\r\n`);
      return text ?? '';
    };
    const channel = async (): Promise<Socket | null> => {
      const bare = await dataSocket;
      if (bare === null || !isPrivate) return bare;
      const above = await secured(bare);
      self.resumed.push(above.isSessionReused());
      return above;
    };
    const obey = async (line: string): Promise<void> => {
      const [verb = '', name = ''] = line.split(' ');
      const text = await say(verb);
      if (verb === 'AUTH' && text.startsWith('234')) {
        plain.off('data', hear);
        if (secureContext === null) {
          plain.write('what is TLS?\r\n');
          return;
        }
        socket = (await secured(plain)).on('data', hear);
      } else if (verb === 'PROT' && text.startsWith('200')) isPrivate = true;
      else if (verb === 'DELE' && text.startsWith('250')) self.kept.delete(name);
      else if (verb === 'QUIT') socket.end();
      if (!text.startsWith('1')) return;
      const moving = await channel().catch(() => null);
      if (verb === 'STOR' && moving !== null) {
        const chunks: Buffer[] = [];
        for await (const chunk of moving as AsyncIterable<Buffer>) chunks.push(chunk);
        self.kept.set(name, Buffer.concat(chunks));
      } else moving?.end((verb === 'RETR' ? self.kept.get(name) : await said['listing']?.(0, self)) ?? '');
      await say({ STOR: 'stored', RETR: 'retrieved' }[verb] ?? 'listed');
    };
    let rest = '';
    let turn: Promise<unknown> = say('greeting');
    const hear = (bytes: Buffer): void => {
      const lines = (rest + bytes.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        self.heard.push(line);
        turn = turn.then(() => obey(line));
      }
    };
    plain.on('data', hear);
  });

  const self: FakeServer = {
    host: '127.0.0.1',
    port: await listen(control),
    heard: [],
    resumed: [],
    sessions: { open: 0, count: 0 },
    kept: new Map(),
    async openData(at = '127.0.0.1') {
      data?.close();
      const next = createServer();
      data = next;
      dataSocket = once(next, 'connection').then(([socket]) => remember(socket as Socket));
      return listen(next, at);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      data?.close();
      control.close();
      await once(control, 'close');
    },
  };
  return self;
}

async function listen(server: Server, at = '127.0.0.1'): Promise<number> {
  server.listen(0, at);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}
