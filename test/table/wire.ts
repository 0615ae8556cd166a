import type { Family } from '../../src/core/reach.ts';
import { type Machine, ok, runOnHost } from '../sandbox/machine.ts';
import { BANNED, OFFICE, SERVER, STRANGER } from './entry.ts';

/** The client's own addresses on the wire: the server's gateways. */
const GATEWAY: Readonly<Record<Family, string>> = { ipv4: '203.0.113.1', ipv6: '2001:db8:1::1' };

/** Gives the client every address that a ruleset may know, on an interface of its own. */
export async function settle(client: Machine): Promise<void> {
  const addresses = [...Object.values(STRANGER), ...[...BANNED, ...OFFICE].map(({ address }) => address)];
  await ip(
    client,
    addresses.map((address) => `addr add ${address} dev lo`),
  );
}

/** Two wires from the server straight to the client: `eth0` to the internet, `eth1` to a private network. */
export async function plug(server: Machine, client: Machine, families: readonly Family[]): Promise<void> {
  // The kernel lets a link with its peer's number wait a second before it may carry IPv6.
  for (const [end, number] of [
    ['eth0', '10'],
    ['eth1', '11'],
  ] as const) {
    const peer = ['type', 'veth', 'peer', 'name', end, 'netns', String(client.pid)];
    const inside = ['nsenter', '--target', String(server.pid), '--net', '--'];
    await runOnHost([...inside, 'ip', 'link', 'add', 'name', end, 'index', number, ...peer]);
  }
  const six = families.includes('ipv6');
  await ip(client, [
    `addr add ${GATEWAY.ipv4}/24 dev eth0`,
    `addr add ${GATEWAY.ipv6}/64 dev eth0 nodad`,
    'addr add 192.168.7.2/24 dev eth1',
    'link set eth0 up',
    'link set eth1 up',
  ]);
  await ip(server, [
    `addr add ${SERVER.ipv4}/24 dev eth0`,
    ...(six ? [`addr add ${SERVER.ipv6}/64 dev eth0 nodad`] : []),
    'addr add 192.168.7.1/24 dev eth1',
    'link set eth0 up',
    'link set eth1 up',
    `route add default via ${GATEWAY.ipv4}`,
    ...(six ? [`route add ::/0 via ${GATEWAY.ipv6}`] : []),
  ]);
  for (const machine of [client, server])
    await ok(machine.run(['sh', '-c', UP], { timeoutMs: 5000 }), ['link']);
}

/** IPv6 goes nowhere before the kernel has noticed that a link is up, which it does by and by. */
const UP = 'until grep -q up /sys/class/net/eth0/operstate; do sleep 0.01; done';

/** Takes the client's ends away; a server that was switched off leaves them behind for a moment. */
export async function unplug(client: Machine): Promise<void> {
  await client.run(['sh', '-c', 'for end in eth0 eth1; do ip link del $end; done']);
}

async function ip(machine: Machine, lines: readonly string[]): Promise<void> {
  await ok(machine.run(['ip', '-batch', '-'], { stdin: `${lines.join('\n')}\n` }), [machine.name, ...lines]);
}
