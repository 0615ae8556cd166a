import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Family } from '../../src/core/reach.ts';
import { tree, writeFiles } from '../sandbox/files.ts';
import { FORGET } from '../sandbox/firewall.ts';
import { type Ground, type Machine, ok, startMachine } from '../sandbox/machine.ts';
import { type Entry, familyOf, SERVER, STRANGER } from './entry.ts';
import { boundaryPorts } from './ports.ts';
import { rulesOf } from './state.ts';
import { plug, unplug } from './wire.ts';

/** For each client's address the ports that it could connect to, of those that were asked. */
export type Truth = Readonly<Record<string, readonly number[]>>;

/** A server with an entry's firewall in force, and clients at the other end of its wire. */
export interface Scene {
  readonly server: Machine;
  /** What is asked: every port at which the rules of the first boot may change their mind. */
  readonly ports: readonly number[];
  /** The addresses that connect: the stranger's of each family, and those that the entry knows. */
  readonly clients: readonly string[];
  readonly families: readonly Family[];
  /** What was open before the entry's script put in what is not saved; null when it has none. */
  readonly afterBoot: Truth | null;
  /** Connects from every client to a listener at every port. */
  truth(): Promise<Truth>;
  /** A power cycle: only what enabled units load comes back. */
  reboot(): Promise<void>;
  close(): Promise<void>;
}

const LISTEN = readFileSync(`${import.meta.dirname}/listen.pl`, 'utf8');
const CONNECT = readFileSync(`${import.meta.dirname}/connect.pl`, 'utf8');
/** The host's units are not the server's. */
const BARE = 'rm -rf /etc/systemd/system/*; mkdir -p /etc/systemd/system /etc/sysconfig';
/** firewalld has its name on the bus before it has made its rules, and answers after that. */
const BOOT =
  'systemctl default; if systemctl -q is-active firewalld 2>/dev/null; then firewall-cmd -q --state; fi';
const STANDINS = Object.entries(tree(`${import.meta.dirname}/../sandbox/standins`));
const SYSTEMD = Object.fromEntries(STANDINS.filter(([path]) => /\/(systemctl|standin-socket)$/.test(path)));

/** Boots a server whose disk is the entry's. `client`: a settled machine with no wire in it. */
export async function openScene(ground: Ground, client: Machine, name: string, entry: Entry): Promise<Scene> {
  const families = entry.families ?? ['ipv4', 'ipv6'];
  const known = (entry.known ?? []).map(({ address }) => address);
  const clients = [...families.map((family) => STRANGER[family]), ...known];
  let server = await startMachine(ground, name);
  let ports: readonly number[] = [];
  const close = async (): Promise<void> => {
    await server.stop();
    await unplug(client);
  };
  const connect = (): Promise<Truth> => connectAll(client, clients, ports, entry.paceMs ?? 0);
  try {
    await plug(server, client, families);
    await furnish(server, entry);
    await boot(server, entry);
    const texts = [...Object.values(entry.files).map(({ text }) => text), entry.once ?? ''];
    ports = boundaryPorts([await rulesOf(server), ...texts.filter(small)].join('\n'));
    await listen(server, ports);
    const afterBoot = entry.once === undefined ? null : await connect();
    if (entry.once !== undefined) await ok(server.run(['sh', '-ec', entry.once]), ['once']);
    return {
      get server() {
        return server;
      },
      ports,
      clients,
      families,
      afterBoot,
      truth: connect,
      async reboot() {
        await close();
        server = await startMachine(ground, name);
        await plug(server, client, families);
        await boot(server, entry);
        await listen(server, ports);
      },
      close,
    };
  } catch (problem) {
    await close();
    throw problem;
  }
}

/** A settings file that explains itself at length has numbers in it that are no ports. */
function small(text: string): boolean {
  return text.length < 20_000;
}

async function furnish(server: Machine, entry: Entry): Promise<void> {
  const flavour = entry.legacy === true ? 'legacy' : 'nft';
  await ok(server.run(['sh', '-ec', BARE + FORGET, 'forget', flavour]), ['forget']);
  await writeFiles(server, { ...SYSTEMD, ...entry.files });
  if (entry.prepare !== undefined) await ok(server.run(['sh', '-ec', entry.prepare]), ['prepare']);
  if (entry.units.length > 0) await ok(server.run(['systemctl', '-q', 'enable', ...entry.units]), ['enable']);
}

async function boot(server: Machine, entry: Entry): Promise<void> {
  const { code, stderr } = await server.run(['sh', '-c', BOOT]);
  if (code !== 0 || (stderr !== '' && entry.failsToStart !== true))
    throw new Error(`The boot said: ${stderr}`);
}

/** The listener ends with the server. */
async function listen(server: Machine, ports: readonly number[]): Promise<void> {
  const child = server.spawn(['perl', '-e', LISTEN]);
  child.stdin?.end(ports.join(' '));
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => (complaint += text.toString()));
  if (child.stdout === null) throw new Error('A listener has no output.');
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (child.exitCode !== null) throw new Error(`The listener ended: ${complaint}`);
}

async function connectAll(
  client: Machine,
  clients: readonly string[],
  ports: readonly number[],
  paceMs: number,
): Promise<Truth> {
  const asks = clients.map((from) => `${from} ${from} ${SERVER[familyOf(from)]} ${ports.join(',')}\n`);
  const argv = ['perl', '-e', CONNECT, String(paceMs)];
  const told = await ok(client.run(argv, { stdin: asks.join('') }), ['connect']);
  const lines = told.trimEnd().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [from = '', open = ''] = line.split(' ');
      return [from, open === '' ? [] : open.split(',').map(Number)];
    }),
  );
}
