import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { PortRange } from '../../src/core/range.ts';
import type { Family } from '../../src/core/reach.ts';
import type { Link } from '../../src/engine/ports.ts';
import type { TruthAnswer, TruthCommand } from './truth-end.ts';

/**
 * What real connections say: a server with a firewall and a listener on every port, and a client at the other end of
 * its wire. It shares nothing with the twin but the question.
 */
export interface Truth {
  /** Puts this ruleset in place of the one before. */
  load(ruleset: string): void;
  /** The ports of `range` that can be connected to, in order, in each family. `from`: the client's address. */
  open(range: PortRange, from?: string): Promise<Record<Family, readonly number[]>>;
  /** Runs a program in the server's namespace and answers with its output. */
  onServer(...argv: readonly string[]): string;
  close(): Promise<void>;
}

/** The server as its ruleset knows it. */
export const LINKS: readonly Link[] = [
  { name: 'eth0', addresses: ['10.99.0.1/24', 'fd99::1/64'] },
  { name: 'eth1', addresses: ['192.168.7.1/24'] },
];
const SERVER = { ipv4: '10.99.0.1', ipv6: 'fd99::1' } as const;
/** Where a client connects from when nothing else is asked. */
const CLIENT = { ipv4: '10.99.0.2', ipv6: 'fd99::2' } as const;

interface End {
  readonly child: ChildProcessWithoutNullStreams;
  /** Gives the command and waits for the answer of this name. */
  tell(command: TruthCommand | null, name: string): Promise<readonly number[]>;
}

function startEnd(): End {
  const script = fileURLToPath(new URL('truth-end.ts', import.meta.url));
  const child = spawn('/usr/bin/unshare', ['--net', '--', process.execPath, '--import', 'tsx', script]);
  child.stderr.pipe(process.stderr);
  const lines = createInterface({ input: child.stdout });
  return {
    child,
    tell: (command, name) =>
      new Promise((resolve) => {
        const hear = (line: string): void => {
          const { answers, open } = JSON.parse(line) as TruthAnswer;
          if (answers !== name) return;
          lines.off('line', hear);
          resolve(open);
        };
        lines.on('line', hear);
        if (command !== null) child.stdin.write(`${JSON.stringify(command)}\n`);
      }),
  };
}

export async function openTruth(): Promise<Truth> {
  const server = startEnd();
  const client = startEnd();
  await Promise.all([server.tell(null, 'ready'), client.tell(null, 'ready')]);
  const inside = (end: End, argv: readonly string[], input = ''): string =>
    execFileSync('/usr/bin/nsenter', [`--net=/proc/${end.child.pid ?? 0}/ns/net`, '--', ...argv], {
      input,
      encoding: 'utf8',
    });
  const ip = (end: End, line: string): string => inside(end, ['/sbin/ip', ...line.split(' ')]);
  ip(server, `link add eth0 type veth peer name eth0 netns ${client.child.pid ?? 0}`);
  ip(server, 'link add eth1 type veth peer name eth1-peer');
  for (const [end, addresses] of [[server, SERVER] as const, [client, CLIENT] as const]) {
    ip(end, 'link set lo up');
    ip(end, `addr add ${addresses.ipv4}/24 dev eth0`);
    ip(end, `addr add ${addresses.ipv6}/64 dev eth0 nodad`);
    ip(end, 'link set eth0 up');
  }
  for (const family of ['-4', '-6']) ip(server, `${family} route add default dev eth0`);
  const clients = new Set<string>(Object.values(CLIENT));
  let listening = '';
  return {
    load(ruleset) {
      inside(server, ['/usr/sbin/nft', '-f', '-'], `flush ruleset\n${ruleset}`);
      for (const end of [server, client]) ip(end, 'neigh flush all');
    },
    async open([low, high], from) {
      const ports = Array.from({ length: high - low + 1 }, (_, index) => low + index);
      if (listening !== ports.join()) await server.tell({ listen: ports }, 'listen');
      listening = ports.join();
      const ask = async (family: Family): Promise<readonly number[]> => {
        const address =
          from !== undefined && from.includes(':') === (family === 'ipv6') ? from : CLIENT[family];
        if (!clients.has(address))
          ip(client, `addr add ${address} dev eth0${family === 'ipv6' ? ' nodad' : ''}`);
        clients.add(address);
        return client.tell({ ask: family, to: SERVER[family], from: address, ports }, family);
      };
      const [ipv4, ipv6] = await Promise.all([ask('ipv4'), ask('ipv6')]);
      return { ipv4, ipv6 };
    },
    onServer: (...argv) => inside(server, argv),
    async close() {
      for (const { child } of [server, client]) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.stdin.end();
        await ended;
      }
    },
  };
}
