import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { BUILD, CHECKOUT, runOnHost } from './machine.ts';

/** What the host itself must have. `perl` with its modules, not just the base that every Debian has. */
const HOST = [
  ...['nftables', 'iptables', 'ipset', 'firewalld', 'ufw', 'dbus', 'iproute2'],
  ...['curl', 'lftp', 'perl', 'openssl', 'util-linux'],
];

/** The FTP servers of the lab. */
export type FtpName = 'pure-ftpd' | 'proftpd';

/**
 * What only the server of the lab has. It is unpacked, never installed, so nothing of it runs on the host. The two FTP
 * servers refuse to be installed together, so each has a layer of its own.
 */
const LAYERED: Readonly<Record<FtpName, readonly string[]>> = {
  'pure-ftpd': ['pure-ftpd', 'pure-ftpd-common', 'libtemplate-perl'],
  proftpd: ['proftpd-core', 'proftpd-mod-crypto', 'libtemplate-perl'],
};

/** apt brings these along for a server that is started by inetd. */
const UNWANTED = /^(openbsd-inetd|inetutils-inetd|tcpd|update-inetd|libwrap0|lsb-base|sysvinit-utils)_/;

const NONINTERACTIVE = { DEBIAN_FRONTEND: 'noninteractive' };
const APT = ['apt-get', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];

/** Where the packages of a server with this FTP server lie unpacked, as a tree to lay over the server's root. */
export function layerOf(ftp: FtpName): string {
  return ftp === 'pure-ftpd' ? `${BUILD}/layer` : `${BUILD}/layer-${ftp}`;
}

/**
 * Sees to it that everything the sandbox needs is there. Asks the network only for what is missing.
 * @param say told one line about each thing that takes time
 * @throws Error with apt's words
 */
export async function installPackages(
  ftp: FtpName = 'pure-ftpd',
  say: (line: string) => void = () => undefined,
): Promise<void> {
  const missing = await notInstalled();
  const names = LAYERED[ftp];
  const layer = layerOf(ftp);
  const stamp = `${layer}.stamp`;
  const want = `${readFileSync('/etc/os-release', 'utf8')}${names.join(' ')}\n`;
  const unpacked = existsSync(layer) && existsSync(stamp) && readFileSync(stamp, 'utf8') === want;
  if (missing.length === 0 && unpacked) return;

  if (missing.length > 0) {
    say(`Installing ${missing.join(', ')}.`);
    await runOnHost([`${CHECKOUT}/script/prepare-packages`, ...missing], { timeoutMs: 600_000 });
  }
  if (!unpacked) {
    say(`Unpacking ${names.join(', ')} for the server of the lab.`);
    await runOnHost(['apt-get', '-q', 'update'], { env: NONINTERACTIVE, timeoutMs: 300_000 });
    await unpack(names, layer);
    writeFileSync(stamp, want);
  }
}

async function unpack(names: readonly string[], layer: string): Promise<void> {
  const archives = `${layer}-archives`;
  mkdirSync(`${archives}/partial`, { recursive: true });
  const download = ['--download-only', '--reinstall', '-o', `Dir::Cache::archives=${archives}`];
  await runOnHost([...APT, ...download, 'install', ...names], { env: NONINTERACTIVE, timeoutMs: 600_000 });

  const fresh = `${layer}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  for (const name of readdirSync(archives)) {
    if (name.endsWith('.deb') && !UNWANTED.test(name))
      await runOnHost(['dpkg', '-x', `${archives}/${name}`, fresh]);
  }
  // A directory here would hide the host's link of the same name.
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    if (!existsSync(`${fresh}/${name}`)) continue;
    await runOnHost(['cp', '-a', '--', `${fresh}/${name}/.`, `${fresh}/usr/${name}/`]);
    rmSync(`${fresh}/${name}`, { recursive: true });
  }
  // The lab has units of its own.
  rmSync(`${fresh}/usr/lib/systemd`, { recursive: true, force: true });
  rmSync(layer, { recursive: true, force: true });
  renameSync(fresh, layer);
}

async function notInstalled(): Promise<string[]> {
  // It fails for a package that it has never heard of, and says the others all the same.
  const script = 'dpkg-query -W -f \'${Package} ${db:Status-Status}\\n\' "$@" 2>/dev/null || :';
  const known = (await runOnHost(['sh', '-c', script, 'known', ...HOST])).split('\n');
  return HOST.filter((name) => !known.includes(`${name} installed`));
}
