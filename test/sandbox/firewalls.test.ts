import assert from 'node:assert/strict';
import { once } from 'node:events';
import { BANNED, BANNED_IPV6, type FirewallOptions } from './firewall.ts';
import { ADDRESS } from './lab.ts';
import { ok } from './machine.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { connectTo } from './transfer.ts';

/** What a firewall of the sandbox is, and its units that run and that start at boot. */
type Row = readonly [title: string, options: FirewallOptions, units: readonly string[]];

const ROWS: readonly Row[] = [
  ['nftables', {}, ['nftables']],
  ['iptables as Red Hat keeps it', { firewall: 'iptables' }, ['iptables', 'ip6tables']],
  [
    'iptables as Debian keeps it',
    { firewall: 'iptables', persist: 'debian' },
    ['iptables', 'ip6tables', 'netfilter-persistent'],
  ],
  ['the older iptables', { firewall: 'iptables', flavour: 'legacy' }, ['iptables', 'ip6tables']],
  ['firewalld', { firewall: 'firewalld' }, ['firewalld']],
  ['firewalld over iptables', { firewall: 'firewalld', backend: 'iptables' }, ['firewalld']],
];

const UNITS = ['firewalld', 'ip6tables', 'iptables', 'netfilter-persistent', 'nftables', 'ufw'];

/** Whether a client with this address is kept from every port, also from those that others may use. */
async function isBanned({ client }: Sandbox, from: string, to: string): Promise<boolean> {
  const open = `use IO::Socket::IP; exit !IO::Socket::IP->new(LocalHost => $ARGV[0], PeerHost => $ARGV[1], PeerPort => 21, Timeout => 1.5)`;
  return (await client.run(['perl', '-e', open, from, to])).code !== 0;
}

const LISTEN = `use IO::Socket::IP; $| = 1;
my @open = map { IO::Socket::IP->new(LocalHost => "::", LocalPort => $_, Listen => 9, V6Only => 0) // die "$_: $@" } @ARGV;
print "listening\\n"; sleep 60`;

/** The control ports are open for strangers, other ports are not although somebody listens, and bans hold. */
async function assertGuarded(sandbox: Sandbox): Promise<void> {
  const { server, client } = sandbox;
  const closed = [3306, 49_152, 65_534];
  const listener = server.spawn(['perl', '-e', LISTEN, ...closed.map(String)]);
  await once(listener.stdout ?? listener, 'data');
  for (const address of [ADDRESS.public, ADDRESS.ipv6]) {
    const met = await connectTo(client, [21, 2087, ...closed], address);
    const open = [...met].filter(([, each]) => each === 'open').map(([port]) => port);
    assert.deepEqual(open, [21, 2087], address);
  }
  listener.kill();
  assert.equal(await isBanned(sandbox, BANNED, ADDRESS.public), true);
  assert.equal(await isBanned(sandbox, ADDRESS.client, ADDRESS.public), false);
}

async function unitsThat(sandbox: Sandbox, property: string, value: string): Promise<string[]> {
  const shown = await ok(
    sandbox.server.run(['systemctl', 'show', '-p', property, ...UNITS.map((unit) => `${unit}.service`)]),
  );
  return UNITS.filter((_, at) => shown.split('\n\n')[at]?.trim() === `${property}=${value}`);
}

describe('firewalls of the sandbox', function () {
  this.timeout(60_000);

  for (const [title, options, units] of ROWS) {
    it(`are ${title}, which opens the control ports and closes the passive range, after a reboot too`, async () => {
      const sandbox = await startSandbox(options);
      try {
        await ok(sandbox.client.run(['ip', 'address', 'add', `${BANNED}/24`, 'dev', 'eth0']));
        await assertGuarded(sandbox);
        assert.deepEqual(await unitsThat(sandbox, 'ActiveState', 'active'), [...units].sort());
        assert.deepEqual(await unitsThat(sandbox, 'UnitFileState', 'enabled'), [...units].sort());
        await sandbox.reboot();
        await assertGuarded(sandbox);
      } finally {
        await sandbox.stop();
      }
    });
  }

  it('ban an address of IPv6 too where they are not nftables', async () => {
    for (const firewall of ['iptables', 'firewalld'] as const) {
      const sandbox = await startSandbox({ firewall });
      try {
        await ok(
          sandbox.client.run([
            'ip',
            'address',
            'add',
            `${BANNED_IPV6}/64`,
            'dev',
            'eth0',
            'nodad',
            'preferred_lft',
            '0',
          ]),
        );
        assert.equal(await isBanned(sandbox, BANNED_IPV6, ADDRESS.ipv6), true, firewall);
        assert.equal(await isBanned(sandbox, ADDRESS.clientIpv6, ADDRESS.ipv6), false, firewall);
      } finally {
        await sandbox.stop();
      }
    }
  });

  it('save what is in force when they are told to', async () => {
    const rule = ['-I', 'INPUT', '-p', 'tcp', '-m', 'tcp', '--dport', '4000', '-j', 'ACCEPT'];
    const saving = {
      redhat: [['service', 'iptables', 'save'], '/etc/sysconfig/iptables'],
      debian: [['netfilter-persistent', 'save'], '/etc/iptables/rules.v4'],
    } as const;
    for (const persist of ['redhat', 'debian'] as const) {
      const sandbox = await startSandbox({ firewall: 'iptables', persist });
      try {
        const [save, file] = saving[persist];
        await ok(sandbox.server.run(['iptables', ...rule]));
        await ok(sandbox.server.run(save));
        await sandbox.reboot();
        const met = await connectTo(sandbox.client, [4000, 4001]);
        assert.deepEqual([...met.values()], ['refused', 'unreachable'], persist);
        assert.match(await ok(sandbox.server.run(['cat', file])), /--dport 4000 -j ACCEPT$/m);
      } finally {
        await sandbox.stop();
      }
    }
  });
});
