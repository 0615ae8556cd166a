import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** What the server says to a command: whole lines without line ends; null hangs up. `n` counts that command from 0. */
export type Answer = (n: number, self: FakeServer) => Promise<string | null> | string | null;

export interface FakeServer {
  readonly host: string;
  readonly port: number;
  /** Commands as they came. */
  readonly heard: string[];
  /** Opens the next data port and answers with its number; the one before it is closed, as real servers do. */
  openData(): Promise<number>;
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
  LIST: () => '150 Accepted data connection',
  listed: () => '226 1 matches total',
  QUIT: () => '221 Goodbye.',
};

/** An FTP server on a loopback port that says what it is told to say and sends a listing over real data connections. */
export async function startFakeServer(answers: Readonly<Record<string, Answer>> = {}): Promise<FakeServer> {
  const said = { ...PUREFTPD, ...answers };
  const sockets = new Set<Socket>();
  const heard: string[] = [];
  let data: Server | null = null;
  let dataSocket: Promise<Socket> | null = null;
  const remember = (socket: Socket): void => {
    sockets.add(socket.on('error', () => undefined));
  };

  const control = createServer((socket) => {
    remember(socket);
    const counts = new Map<string, number>();
    const say = async (verb: string): Promise<boolean> => {
      const n = counts.get(verb) ?? 0;
      counts.set(verb, n + 1);
      const text = await (said[verb] ?? (() => '500 Unknown command'))(n, self);
      if (text === null) socket.destroy();
      else socket.write(`${text}\r\n`);
      return text?.startsWith('1') === true;
    };
    let rest = '';
    let turn: Promise<unknown> = say('greeting');
    socket.setEncoding('latin1').on('data', (text: string) => {
      const lines = (rest + text).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        heard.push(line);
        turn = turn.then(async () => {
          if (!(await say(line.split(' ')[0] ?? ''))) return;
          (await dataSocket)?.end(LISTING);
          await say('listed');
        });
      }
    });
  });

  const self: FakeServer = {
    host: '127.0.0.1',
    port: await listen(control),
    heard,
    async openData() {
      data?.close();
      const next = createServer();
      data = next;
      dataSocket = once(next, 'connection').then(([socket]) => {
        remember(socket as Socket);
        return socket as Socket;
      });
      return listen(next);
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

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
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
