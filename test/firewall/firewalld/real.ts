import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readChains } from '../../../src/firewall/chains.ts';
import type { Deed, FirewallFacts } from '../../../src/firewall/firewall.ts';
import { firewalld } from '../../../src/firewall/firewalld/firewalld.ts';
import type { SavedTables } from '../../../src/firewall/ruleset.ts';
import { ADDRESS } from '../../sandbox/lab.ts';
import { type Machine, ok } from '../../sandbox/machine.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { connectTo } from '../../sandbox/transfer.ts';
import { fact, UNIT } from './facts.ts';

/** Reads a server as the engine does. */
export async function look(server: Machine): Promise<FirewallFacts> {
  const run = (...argv: string[]): Promise<string> => ok(server.run(argv), argv);
  const nft = await run('nft', '-a', '-s', 'list', 'ruleset');
  const saved = await Promise.all(
    (['ip', 'ip6'] as const).map(async (family): Promise<SavedTables> => ({
      family,
      tool: 'iptables',
      text: await run(`${family}tables-save`),
    })),
  );
  const ruleset = { nft, ipsets: '', saved };
  const names = await run('find', ...(firewalld.directories ?? []), '-maxdepth', '1', '-name', '*.xml');
  const paths = [...firewalld.files, ...names.trim().split('\n')];
  const texts = (await run('sh', '-c', 'for f; do cat "$f"; printf "\\1"; done', 'cat', ...paths)).split(
    '\u0001',
  );
  const files = new Map(paths.map((path, at) => [path, fact(path, texts[at] ?? '')]));
  const units = new Set([UNIT]);
  return {
    files,
    chains: readChains(ruleset),
    ruleset,
    mainInterface: 'eth0',
    active: units,
    enabled: units,
  };
}

export async function run(server: Machine, command: readonly string[]): Promise<void> {
  await ok(server.run(command), command);
}

/** Does what a plan would do. */
export async function act(server: Machine, deeds: readonly Deed[]): Promise<void> {
  for (const deed of deeds) {
    assert.ok(deed.kind === 'command');
    await run(server, deed.command);
  }
}

/** Takes it back as the engine does, the last deed first. */
export async function takeBack(server: Machine, deeds: readonly Deed[]): Promise<void> {
  for (const deed of deeds.toReversed()) {
    assert.ok(deed.kind === 'command');
    await run(server, deed.undo);
  }
}

const LISTEN = `use IO::Socket::IP; $| = 1;
my @open = map { IO::Socket::IP->new(LocalHost => "::", LocalPort => $_, Listen => 9, V6Only => 0) // die "$_: $@" } @ARGV;
print "listening\\n"; sleep 120`;

/** Of these ports, on all of which somebody listens, those that a client on the internet reaches over IPv4 and IPv6. */
export async function reached(
  { server, client }: Sandbox,
  ports: readonly number[],
): Promise<[number[], number[]]> {
  const listener = server.spawn(['perl', '-e', LISTEN, ...ports.map(String)]);
  await once(listener.stdout ?? listener, 'data');
  const over = async (address: string): Promise<number[]> =>
    [...(await connectTo(client, ports, address))].flatMap(([port, met]) => (met === 'open' ? [port] : []));
  const both: [number[], number[]] = [await over(ADDRESS.public), await over(ADDRESS.ipv6)];
  listener.kill();
  await once(listener, 'close');
  return both;
}

/** All rules in force, without handles; a rule of another program's among them. */
export async function rules(server: Machine): Promise<string> {
  const listed = await ok(server.run(['nft', '-s', 'list', 'ruleset']));
  return (
    listed +
    (await ok(server.run(['iptables-save', '-t', 'nat']))).replace(/^#.*$/gm, '').replace(/\[\d+:\d+\]/g, '')
  );
}
