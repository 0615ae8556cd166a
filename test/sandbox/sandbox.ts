import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { bundle } from './bundle.ts';
import { writeFiles } from './files.ts';
import { type FirewallOptions, firewallOf, FORGET } from './firewall.ts';
import { type Lab, SERVER_NAME, startLab, type Wiring } from './lab.ts';
import { CHECKOUT, type Machine, ok } from './machine.ts';
import { type FtpName, installPackages, layerOf } from './packages.ts';
import {
  type CgiWays,
  FTP_USER,
  PREPARE,
  RELAYED,
  serverFiles,
  USERS,
  USUAL_WAYS,
  type WhmUser,
} from './state.ts';

export interface SandboxOptions extends FirewallOptions, Partial<CgiWays> {
  /** Default: pure-ftpd. */
  readonly ftp?: FtpName;
  /** Whether the server has a private address behind 1:1 NAT. Default: yes. */
  readonly nat?: boolean;
  /** Whether it has two dedicated addresses besides its main one, behind the same NAT. */
  readonly dedicated?: boolean;
  /** Whether the other FTP server is there too, so that it can be switched to. */
  readonly both?: boolean;
  /** Whether to run the checkout's install.sh on the server. */
  readonly install?: boolean;
  /** The port of 127.0.0.1 at which the host's browser finds WHM; a free one when not said. */
  readonly port?: number;
}

/** A running cPanel-like server with its provider's router and a client on the internet. */
export interface Sandbox {
  readonly server: Machine;
  readonly client: Machine;
  readonly router: Machine;
  /** WHM's address for this host's browser. */
  readonly url: string;
  /** The port of this host's 127.0.0.1 that is port 443 of the server, where WHM's service subdomain is. */
  readonly subdomainPort: number;
  /** The port of the page's live output, the same on the host as on the server. */
  readonly livePort: number;
  readonly users: readonly WhmUser[];
  readonly ftpUser: { readonly name: string; readonly password: string };
  /** Resolves when WHM answers, which it does not for a moment after something was registered. */
  ready(): Promise<void>;
  /** A power cycle: only what enabled units load comes back. `server` is another machine afterwards. */
  reboot(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Builds a sandbox; the first on a machine installs packages.
 * @throws Error with the words of what failed; nothing is left running then
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  for (const name of serversOf(options)) await installPackages(name);
  const wiring = { nat: options.nat ?? true, dedicated: options.dedicated ?? false };
  const doors: Door[] = [];
  const lab = await startLab(wiring);
  const stop = async (): Promise<void> => {
    for (const door of doors) door.close();
    await lab.stop();
  };
  try {
    const whm = await openDoor(options.port ?? 0, () => `${lab.server.root}${RELAYED.whm}`);
    doors.push(whm);
    const subdomain = await openDoor(0, () => `${lab.server.root}${RELAYED.subdomain}`);
    doors.push(subdomain);
    const live = await openDoor(0, () => `${lab.server.root}${RELAYED.live}`);
    doors.push(live);
    await furnish(lab.server, options, wiring, live.port);
    await boot(lab, options);
    if (options.install === true)
      await ok(lab.server.run(['sh', `${CHECKOUT}/install.sh`], { timeoutMs: 120_000 }), ['install.sh']);
    const answering = (): Promise<void> => ready(`${lab.server.root}${RELAYED.whm}`);
    await answering();
    return {
      client: lab.client,
      router: lab.router,
      get server() {
        return lab.server;
      },
      url: `https://127.0.0.1:${whm.port}`,
      subdomainPort: subdomain.port,
      livePort: live.port,
      users: USERS,
      ftpUser: FTP_USER,
      ready: answering,
      async reboot() {
        await lab.powerCycle();
        await boot(lab, options);
        await answering();
      },
      stop,
    };
  } catch (problem) {
    await stop();
    throw problem;
  }
}

interface Door {
  readonly port: number;
  close(): void;
}

/** Makes a cPanel server of a bare machine. */
async function furnish(
  server: Machine,
  options: SandboxOptions,
  wiring: Wiring,
  livePort: number,
): Promise<void> {
  const [cpsrvd, relay] = await Promise.all([bundle('cpsrvd'), bundle('relay')]);
  const { cgi, killAfterSeconds, pathInfo, keepsHost } = { ...USUAL_WAYS, ...options };
  const ways = { cgi, killAfterSeconds, pathInfo, keepsHost };
  const { files, units } = firewallOf(options);
  await ok(server.run(['sh', '-ec', FORGET, 'forget', options.flavour ?? 'nft']), ['forget']);
  const ftp = options.ftp ?? 'pure-ftpd';
  await writeFiles(server, { ...serverFiles(ftp, wiring, ways, livePort, { cpsrvd, relay }), ...files });
  const given = [serversOf(options).map(layerOf).join(' '), SERVER_NAME, FTP_USER.password, ftp];
  await ok(server.run(['sh', '-ec', PREPARE, 'prepare', ...given]), ['prepare']);
  if (units.length > 0) await ok(server.run(['systemctl', '-q', 'enable', ...units]), ['enable', ...units]);
}

/** The FTP servers that are on the machine, the one in use first. */
function serversOf({ ftp = 'pure-ftpd', both = false }: SandboxOptions): readonly FtpName[] {
  return both ? [ftp, ftp === 'proftpd' ? 'pure-ftpd' : 'proftpd'] : [ftp];
}

async function boot({ server }: Lab, { firewall }: SandboxOptions): Promise<void> {
  await ok(server.run(['systemctl', 'default']), ['boot']);
  // It takes its name on the bus before it has made its rules, and answers after that.
  if (firewall === 'firewalld') await ok(server.run(['firewall-cmd', '--state']));
}

/** Waits until the stand-in cpsrvd answers through its relay. */
async function ready(path: string): Promise<void> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline;) {
    if (await answers(path)) return;
    await delay(20);
  }
  throw new Error('The stand-in cpsrvd does not answer.');
}

/** The relay takes a connection before it knows whether anybody listens, so a handshake is the sign. */
async function answers(path: string): Promise<boolean> {
  const socket = connectTls({ path, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(5000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A port of the host's 127.0.0.1 that leads to a unix socket of the server, wherever that is by then. */
async function openDoor(port: number, path: () => string): Promise<Door> {
  const open = new Set<Socket>();
  const door = createServer((from) => {
    const to = connect(path());
    from.on('close', () => to.destroy()).on('error', () => to.destroy());
    to.on('close', () => from.end()).on('error', () => from.destroy());
    open.add(from.on('close', () => open.delete(from)));
    from.pipe(to).pipe(from);
  });
  door.listen(port, '127.0.0.1');
  await once(door, 'listening');
  const address = door.address();
  if (address === null || typeof address === 'string') throw new Error('A port has no number.');
  const close = (): void => {
    door.close();
    for (const socket of open) socket.destroy();
  };
  return { port: address.port, close };
}
