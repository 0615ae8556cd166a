import { createHash } from 'node:crypto';
import type { FileFacts } from '../../src/core/file.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';
import type { CommandOptions, CommandResult, Listener } from '../../src/engine/ports.ts';
import type { EnginePorts } from '../../src/engine/survey.ts';
import type { Keeper } from '../../src/firewall/firewall.ts';
import { nftables } from '../../src/firewall/nftables/nftables.ts';
import { iptables } from '../../src/firewall/iptables/iptables.ts';
import type { Tools } from '../../src/firewall/placing.ts';
import { proftpd } from '../../src/ftp/proftpd.ts';
import { pureftpd } from '../../src/ftp/pureftpd.ts';
import { CONF, LOCAL, MAIN, NO_NAT, render } from '../ftp/cpanel.ts';
import { conf as confFixture } from '../ftp/servers.ts';
import { fakeDial, type Daemon } from './daemon.ts';
import { openDisk, type Disk } from './disk.ts';
import { openKernel, type Kernel } from './kernel.ts';
import { openFakeNamespaces, runNft } from './namespaces.ts';

export const NFT = '/usr/sbin/nft';
export const TOOLS: Tools = {
  nft: NFT,
  ipset: '/usr/sbin/ipset',
  iptables: (family, _, verb) => `/usr/sbin/${family === 'ip6' ? 'ip6' : 'ip'}tables${verb}`,
};
export const SETUP = '/usr/local/cpanel/scripts/setupftpserver';
export const RESTART = '/usr/local/cpanel/scripts/restartsrv_ftpd';
export const UAPI = '/usr/local/cpanel/bin/uapi';
export const BOOT = '/etc/nftables.conf';
export const SETTINGS_PATH = '/var/lib/whm-ftp-passive/settings.json';
export const LOCAL_ADDRESS = '10.0.0.5';
export const PUBLIC_ADDRESS = '203.0.113.10';
const NAT = { local: LOCAL_ADDRESS, public: PUBLIC_ADDRESS };

/** A firewall that lets in FTP, SSH and WHM, and drops the rest. */
export const RULES = [
  'table inet filter {',
  '\tchain input {',
  '\t\ttype filter hook input priority filter; policy drop;',
  '\t\tct state established,related accept',
  '\t\tip saddr 192.0.2.66 drop',
  '\t\ttcp dport { 21, 22, 2087 } accept',
  '\t\treject',
  '\t}',
  '}',
  '',
].join('\n');

export interface ServerOptions {
  readonly nat?: boolean;
  readonly ipv6?: boolean;
  readonly rules?: string;
  /** The saved script; null: there is none. Left out: the rules that are in force. */
  readonly boot?: string | null;
  readonly local?: string | null;
  readonly main?: string | null;
  readonly conf?: string | null;
  /** Null: this is no cPanel server. */
  readonly config?: string | null;
  readonly account?: boolean;
  /** More addresses of its interface. */
  readonly addresses?: readonly string[];
  readonly keepers?: readonly Keeper[];
}

/** A process that listens on all addresses. */
export const listener = (program: string, port: number, pid = 900): Listener => {
  return { pid, program, address: '0.0.0.0', port, startedMs: 1 };
};

/** Of all units only that of nftables is there. */
function unitState(unit: string): string {
  const [active, enabled] = unit === 'nftables.service' ? ['active', 'enabled'] : ['inactive', ''];
  return `ActiveState=${active}\nUnitFileState=${enabled}\n`;
}

type Program = (argv: readonly string[], options: CommandOptions) => CommandResult | Promise<CommandResult>;

export interface Server {
  readonly ports: EnginePorts;
  readonly disk: Disk;
  readonly kernel: Kernel;
  readonly daemon: Daemon;
  /** Every command that was run, arguments joined by blanks; questions to nft and systemctl are left out. */
  readonly calls: string[];
  /** What the programs do; a test replaces one. */
  readonly programs: Map<string, Program>;
  /** Who listens beside the daemon, and the local ports of open connections. */
  readonly sockets: { readonly others: Listener[]; readonly open: number[] };
  /** Twins that are open. */
  readonly twins: { count: number };
  /** Renders and restarts, as cPanel does. */
  rebuild(): void;
  /** Everything that a run may change, to be compared. */
  state(): unknown;
}

export const settings = (some: Partial<Settings> = {}): Settings => ({ ...DEFAULT_SETTINGS, ...some });

export function startServer(options: ServerOptions = {}): Server {
  let time = 1_700_000_000_000;
  const now = (): number => (time += 1);
  const nat = options.nat === false ? NO_NAT : NAT;
  const rules = options.rules ?? RULES;
  const disk = openDisk(now);
  const kernel = openKernel(rules);
  const calls: string[] = [];
  const twins = { count: 0 };
  const sockets: Server['sockets'] = { others: [], open: [] };
  const address = options.nat === false ? PUBLIC_ADDRESS : LOCAL_ADDRESS;
  const daemon: Daemon = { running: true, pid: 4000, startedMs: 0, conf: '' };

  const start = (): void => {
    Object.assign(daemon, {
      running: true,
      pid: daemon.pid + 1,
      startedMs: now(),
      conf: disk.text(CONF) ?? '',
    });
  };
  const rebuild = (): void => {
    for (const fact of render(factsOf(disk), nat, now()).values()) {
      if (fact !== null && fact.text !== disk.text(fact.path)) disk.put(fact.path, fact.text);
    }
    start();
  };
  const result = (
    argv: readonly string[],
    stdout = '',
    stderr = '',
    code: number | null = 0,
  ): CommandResult => {
    return { argv, code, signal: null, stdout, stderr, missing: false, timedOut: false, ms: 1 };
  };
  const programs = new Map<string, Program>([
    [NFT, (argv, { stdin }) => runNft(kernel, argv, stdin)],
    [
      '/usr/bin/systemctl',
      (argv) =>
        result(
          argv,
          argv
            .slice(3)
            .map((unit) => unitState(unit))
            .join('\n'),
        ),
    ],
    [UAPI, (argv) => result(argv, '{"result":{"status":1,"errors":null}}')],
    [
      SETUP,
      (argv, { onOutput }) => {
        rebuild();
        onOutput?.(Buffer.from('FTP server conversion complete\r\n'));
        return result(argv, 'FTP server conversion complete\r\n');
      },
    ],
    [
      RESTART,
      (argv) => {
        start();
        return result(argv);
      },
    ],
  ]);
  const files: Readonly<Record<string, string | null | undefined>> = {
    '/var/cpanel/cpanel.config': options.config === undefined ? 'ftpserver=pure-ftpd\n' : options.config,
    '/var/cpanel/mainip': address,
    '/var/cpanel/cpnat': nat.public === '' ? null : `${nat.local} ${nat.public}\n`,
    '/var/cpanel/users/alice': options.account === false ? null : 'DNS=example.com\n',
    [MAIN]: options.main,
    [LOCAL]: options.local,
    [CONF]: options.conf === undefined ? confFixture('stock') : options.conf,
    [BOOT]: options.boot === undefined ? `flush ruleset\n${rules}` : options.boot,
  };
  for (const [path, text] of Object.entries(files)) disk.put(path, text ?? null, 0o600);
  for (const path of [SETUP, RESTART, UAPI]) disk.programs.add(path);
  start();

  const clock = {
    now,
    elapsed: now,
    sleep: (ms: number) => {
      time += ms;
      return Promise.resolve();
    },
  };
  const links = () =>
    Promise.resolve([
      {
        name: 'eth0',
        addresses: [
          ...[address, ...(options.addresses ?? [])].map((each) => `${each}/24`),
          ...(options.ipv6 === false ? [] : ['2001:db8:1::10/64']),
        ],
      },
    ]);
  const ports: EnginePorts = {
    async run(argv, given = {}) {
      const program = programs.get(argv[0] ?? '');
      if (!argv.includes('list') && !argv.includes('show')) calls.push(argv.join(' '));
      if (program === undefined) return { ...result(argv, '', '', null), missing: true };
      return program(argv, given);
    },
    files: disk.files,
    host: {
      links,
      sockets: () => {
        const { pid, startedMs } = daemon;
        const own = { pid, program: 'pure-ftpd', address: '0.0.0.0', port: 21, startedMs };
        const { others, open } = sockets;
        return Promise.resolve({ listening: [...(daemon.running ? [own] : []), ...others], open });
      },
      hostname: () => 'server.example.com',
    },
    clock,
    twin: { openNamespaces: openFakeNamespaces(twins), links, tools: TOOLS, clock },
    remember: (ask) => ask,
    ftpServers: [pureftpd, proftpd],
    keepers: options.keepers ?? [],
    rulebooks: [iptables, nftables],
    tools: TOOLS,
    settingsPath: SETTINGS_PATH,
    dial: fakeDial(daemon, address),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    randomPassword: () => 'secret',
  };
  const state = () => ({ files: disk.snapshot(), rules: rulesOnly(kernel) });
  return { ports, disk, kernel, daemon, calls, programs, sockets, twins, rebuild, state };
}

/** The ruleset without handles: those never come back. */
function rulesOnly(kernel: Kernel): string {
  return kernel.listing().replace(/ # handle \d+/g, '');
}

function factsOf(disk: Disk): FileFacts {
  const paths = [LOCAL, MAIN, `${LOCAL}.cache`, `${MAIN}.cache`, CONF];
  const mtimes = disk.snapshot();
  return new Map(
    paths.map((path) => {
      const text = disk.text(path);
      if (text === null) return [path, null];
      const { mtimeMs } = JSON.parse(mtimes.get(path) ?? '{}') as { mtimeMs: number };
      return [path, { path, text, encoding: 'utf8', tag: '', mtimeMs }];
    }),
  );
}
