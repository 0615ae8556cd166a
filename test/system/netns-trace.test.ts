import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ask, Namespaces } from '../../src/engine/ports.ts';
import { parseTraceLine } from '../../src/engine/trace.ts';
import { traceScript } from '../../src/engine/hearing.ts';
import { parseListing } from '../../src/firewall/nftables/listing.ts';
import { tools } from '../../src/system/programs.ts';
import { openReal } from '../engine/real.ts';

const SERVER = { 4: '203.0.113.10', 6: '2001:db8:1::10' } as const;
const RULES = `table inet filter {
	set closed {
		type inet_service
		flags interval
		elements = { 50005, 50007-50008 }
	}
	chain bans {
		tcp dport 50001 return
		tcp dport { 50002, 50006 } counter drop comment "closed # handle 99 (verdict accept)"
	}
	chain INPUT {
		type filter hook input priority filter; policy drop;
		meta l4proto ipv6-icmp accept
		jump bans
		tcp dport vmap { 50000 : accept, 50001 : goto last }
		tcp dport @closed reject with tcp reset
	}
	chain last {
		tcp dport 50001 accept
	}
}
table ip raw {
	chain early {
		type filter hook prerouting priority raw; policy accept;
		tcp dport 50003 drop
	}
}
table netdev edge {
	chain first {
		type filter hook ingress device "eth0" priority 0; policy accept;
		tcp dport 50004 drop
	}
}
`;

/** Connects to these ports in both families, and waits until what came of it has been told. */
async function connectTo(namespaces: Namespaces, ports: readonly number[]): Promise<void> {
  const asks = ports.flatMap((port): Ask[] =>
    ([4, 6] as const).map((family) => {
      return { id: `${family}-${port}`, from: '', caller: 0, to: SERVER[family], port };
    }),
  );
  await namespaces.connect(asks, 400, () => undefined);
  await sleep(200);
}

/** The ways of all packets, without their numbers and the words of rules: nft's own reader of traces adds these. */
function ways(lines: readonly string[]): string[] {
  const found = new Map<string, string[]>();
  for (const line of lines) {
    const read = parseTraceLine(line);
    if (read === null) continue;
    const way = 'packet' in read ? read.packet : read.step;
    const words =
      'packet' in read
        ? `${read.packet.table}: ${read.packet.client} ${read.packet.port}`
        : `${read.step.family} ${read.step.table} ${read.step.chain} ${read.step.handle ?? '-'} ${read.step.verdict}`;
    found.set(way.id, [...(found.get(way.id) ?? []), words]);
  }
  const all = [...found.values()].map((way) => way.join('\n')).sort();
  // Packets to this port show that the trace has begun; how many, no one knows.
  return all.filter((way) => !/^\S+ \S+ 9$/m.test(way));
}

describe('the trace in the namespaces of a twin', function () {
  this.timeout(20_000);

  it('says what nft monitor says, but for the words of the rules', async () => {
    const namespaces = await openReal(RULES + traceScript(RULES, 'eth0'));
    try {
      const nft = namespaces.run([tools.nft, '-a', 'monitor', 'trace'], { timeoutSeconds: 4 });
      await sleep(1000);
      const lines: string[] = [];
      await namespaces.trace((line) => void lines.push(line));
      await namespaces.listen([50_000, 50_001]);
      await connectTo(namespaces, [50_000, 50_001, 50_002, 50_003, 50_004, 50_005, 50_008, 50_009]);
      const told = ways(lines);
      assert.ok(told.length >= 16, told.join('\n\n'));
      for (const verdict of ['drop', 'accept', 'jump bans', 'goto last', 'return'])
        assert.ok(
          told.some((way) => way.split('\n').some((step) => step.endsWith(` ${verdict}`))),
          verdict,
        );
      assert.ok(told.some((way) => /^netdev edge first \d+ drop$/m.test(way)));
      assert.deepEqual(told, ways((await nft).stdout.split('\n')));
    } finally {
      await namespaces.close();
    }
  });

  it('goes with the numbers of the rules in their order', async () => {
    const namespaces = await openReal(RULES);
    try {
      const insert = 'insert rule inet filter INPUT tcp dport 22 accept';
      assert.equal((await namespaces.run([tools.nft, '-f', '-'], { stdin: insert })).code, 0);
      const { stdout } = await namespaces.run([tools.nft, '-a', '-s', 'list', 'ruleset']);
      const chains = parseListing(stdout);
      assert.equal(chains.length, 5);
      for (const chain of chains) {
        const handles = chain.rules.map(({ handle }) => handle);
        assert.deepEqual(await namespaces.handles(chain), handles, chain.chain);
      }
      assert.deepEqual(await namespaces.handles({ family: 'inet', table: 'filter', chain: 'none' }), []);
    } finally {
      await namespaces.close();
    }
  });
});
