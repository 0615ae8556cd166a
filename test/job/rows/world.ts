import { once } from 'node:events';
import { type Sandbox } from '../../sandbox/sandbox.ts';
import { type Machine, ok } from '../../sandbox/machine.ts';

/** A sandbox in which faults are made and mended. */
export interface World {
  readonly sandbox: Sandbox;
  readonly client: Machine;
  readonly router: Machine;
  /** After a reboot another one. */
  readonly server: Machine;
  /** Which FTP server's files are meant. */
  readonly ftp: 'pure-ftpd' | 'proftpd';
  /** Runs a script on the server. */
  onServer(script: string): Promise<string>;
  onRouter(script: string): Promise<string>;
  onClient(script: string): Promise<string>;
  /** Writes the server's local store, lets cPanel's rebuild render it, and starts the FTP server anew. */
  configure(local: string): Promise<void>;
  /** Edits the FTP server's own file with an expression of sed, and starts it anew. */
  edit(expression: string): Promise<void>;
  /** Runs a script of Python on a machine until the world is mended; it says when it is ready, with any line. */
  hold(machine: Machine, script: string): Promise<void>;
  /** Makes the server what it was when this began. */
  mend(): Promise<void>;
}

const KEPT =
  'etc/pure-ftpd.conf etc/proftpd.conf etc/hosts etc/ips etc/sysconfig etc/systemd/system var/cpanel/conf var/cpanel/cpnat var/cpanel/mainip';

const SAVE = `
mkdir -p /var/kept
cd /
tar --ignore-failed-read -cf /var/kept/files.tar ${KEPT} 2>/dev/null || :
nft list ruleset >/var/kept/rules
echo 49152-65534 >/proc/sys/net/ipv4/ip_local_reserved_ports
`;

const MEND = `
cd /
rm -rf ${KEPT} /etc/csf /usr/sbin/csf /usr/sbin/lfd /.dockerenv /etc/proftpd.conf.INVALID-*
tar -xf /var/kept/files.tar
{ echo flush ruleset; cat /var/kept/rules; } | nft -f -
[ -e /sys/kernel ] || umount /sys
echo 32768 60999 >/proc/sys/net/ipv4/ip_local_port_range
echo 49152-65534 >/proc/sys/net/ipv4/ip_local_reserved_ports
/usr/local/cpanel/scripts/restartsrv_ftpd >/dev/null
`;

const SH = ['sh', '-ec'];

/** Keeps what is there, so that it can be put back. */
export async function openWorld(sandbox: Sandbox, ftp: World['ftp']): Promise<World> {
  const { client, router } = sandbox;
  const held: { machine: Machine; pid: string }[] = [];
  const on = (machine: Machine, script: string): Promise<string> =>
    ok(machine.run([...SH, script]), [machine.name, script]);
  const onServer = (script: string): Promise<string> => on(sandbox.server, script);
  const store = `/var/cpanel/conf/${ftp.replace('-', '')}`;
  await onServer(SAVE);
  const routes = await on(router, 'nft list ruleset');
  const restart = '/usr/local/cpanel/scripts/restartsrv_ftpd >/dev/null || :';
  return {
    sandbox,
    client,
    router,
    get server() {
      return sandbox.server;
    },
    ftp,
    onServer,
    onRouter: (script) => on(router, script),
    onClient: (script) => on(client, script),
    async configure(local) {
      const rebuild = `cat >${store}/local; rm -f ${store}/*.cache; /usr/local/cpanel/bin/build_ftp_conf; ${restart}`;
      await ok(sandbox.server.run([...SH, rebuild], { stdin: local }), ['configure']);
    },
    async edit(expression) {
      await ok(
        sandbox.server.run([...SH, `sed -i -E "$1" /etc/${ftp}.conf; ${restart}`, 'edit', expression]),
        ['edit', expression],
      );
    },
    async hold(machine, script) {
      const program = `import os, socket, time\n${script}\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n`;
      const child = machine.spawn(['python3', '-c', program]);
      child.stderr?.resume();
      if (child.stdout === null) throw new Error('No pipe.');
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      held.push({ machine, pid: line.toString().trim() });
    },
    async mend() {
      for (const { machine, pid } of held.splice(0)) await machine.run(['kill', '-9', pid]);
      await ok(router.run(['nft', '-f', '-'], { stdin: `flush ruleset\n${routes}` }), ['router']);
      await on(client, 'nft flush ruleset');
      await onServer(MEND);
    },
  };
}
