import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { BUILD, CHECKOUT, runOnHost } from './machine.ts';

/** What the host itself must have. `perl` with its modules, not just the base that every Debian has. */
const HOST = [
  ...['nftables', 'iptables', 'ipset', 'firewalld', 'ufw', 'dbus', 'iproute2'],
  ...['curl', 'lftp', 'perl', 'openssl', 'util-linux'],
];

/** What only the server of the lab has. It is unpacked, never installed, so nothing of it runs on the host. */
const LAYERED = ['pure-ftpd', 'pure-ftpd-common', 'libtemplate-perl'];

/** apt brings these along for a server that is started by inetd. */
const UNWANTED = /^(openbsd-inetd|inetutils-inetd|tcpd|update-inetd|libwrap0|lsb-base|sysvinit-utils)_/;

const NONINTERACTIVE = { DEBIAN_FRONTEND: 'noninteractive' };
const APT = ['apt-get', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];

/** Where the server's packages lie unpacked, as a tree to lay over the server's root. */
export const LAYER = `${BUILD}/layer`;

/**
 * Sees to it that everything the sandbox needs is there. Asks the network only for what is missing.
 * @param say told one line about each thing that takes time
 * @throws Error with apt's words
 */
export async function installPackages(say: (line: string) => void = () => undefined): Promise<void> {
  const missing = await notInstalled();
  const stamp = `${LAYER}.stamp`;
  const want = `${readFileSync('/etc/os-release', 'utf8')}${LAYERED.join(' ')}\n`;
  const unpacked = existsSync(LAYER) && existsSync(stamp) && readFileSync(stamp, 'utf8') === want;
  if (missing.length === 0 && unpacked) return;

  if (missing.length > 0) {
    say(`Installing ${missing.join(', ')}.`);
    await runOnHost([`${CHECKOUT}/script/prepare-packages`, ...missing], { timeoutMs: 600_000 });
  }
  if (!unpacked) {
    say(`Unpacking ${LAYERED.join(', ')} for the server of the lab.`);
    await runOnHost(['apt-get', '-q', 'update'], { env: NONINTERACTIVE, timeoutMs: 300_000 });
    await unpack();
    writeFileSync(stamp, want);
  }
}

async function unpack(): Promise<void> {
  const archives = `${BUILD}/archives`;
  mkdirSync(`${archives}/partial`, { recursive: true });
  const download = ['--download-only', '--reinstall', '-o', `Dir::Cache::archives=${archives}`];
  await runOnHost([...APT, ...download, 'install', ...LAYERED], { env: NONINTERACTIVE, timeoutMs: 600_000 });

  const fresh = `${LAYER}.${process.pid}`;
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
  rmSync(LAYER, { recursive: true, force: true });
  renameSync(fresh, LAYER);
}

async function notInstalled(): Promise<string[]> {
  // It fails for a package that it has never heard of, and says the others all the same.
  const script = 'dpkg-query -W -f \'${Package} ${db:Status-Status}\\n\' "$@" 2>/dev/null || :';
  const known = (await runOnHost(['sh', '-c', script, 'known', ...HOST])).split('\n');
  return HOST.filter((name) => !known.includes(`${name} installed`));
}
