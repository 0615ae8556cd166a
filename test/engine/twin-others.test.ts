import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PortRange } from '../../src/core/range.ts';
import type { Family, Reaches } from '../../src/core/reach.ts';
import type { TwinPorts } from '../../src/engine/copying.ts';
import type { Files, Namespaces } from '../../src/engine/ports.ts';
import { readRules, startReading, type Reading } from '../../src/engine/rules.ts';
import { openAskedTwin, openTwin, type AskedTwin } from '../../src/engine/twin.ts';
import { parseListing } from '../../src/firewall/nftables/listing.ts';
import type { Ruleset } from '../../src/firewall/ruleset.ts';
import { tools } from '../../src/system/programs.ts';
import { SOAK } from '../house/soak.ts';
import { randomRules } from './random-rules.ts';
import { openReal, REAL } from './real.ts';

const RANGE: PortRange = [50_000, 50_030];
const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];
const FILES = { read: () => Promise.resolve(null) } as unknown as Files;
const BANNED = ['198.18.0.1', '198.18.0.2', '2a01:4f8::1'];
const BANS = [
  'ip saddr 198.18.0.1 drop',
  'ip saddr 198.18.0.0/24 tcp dport 50005-50010 reject with tcp reset',
  'ip saddr 198.18.0.2 tcp dport 50000-50020 accept',
  'iifname "eth0" ip saddr 198.18.0.2 counter drop',
  'ip6 saddr 2a01:4f8::/32 tcp dport 50011 drop',
  'ip6 saddr 2a01:4f8::1 accept',
  'iifname != "lo" ip6 saddr 2a01:4f8::1 tcp dport 50012 drop',
];

/** A server's rules as the product reads them, what nft lists first. */
interface Live {
  readonly reading: () => Reading;
  readonly ruleset: Ruleset;
}

async function withLive<T>(
  load: (live: Namespaces) => Promise<unknown>,
  what: (live: Live) => Promise<T>,
  files = FILES,
): Promise<T> {
  const live = await openReal();
  try {
    await load(live);
    const ports = { run: live.run, tools, files };
    const { ruleset, trouble } = await readRules(ports);
    assert.equal(trouble, null);
    return await what({ ruleset, reading: () => startReading(ports) });
  } finally {
    await live.close();
  }
}

const nft =
  (script: string) =>
  async (live: Namespaces): Promise<void> => {
    const { code, stderr } = await live.run([tools.nft, '-f', '-'], { stdin: script });
    assert.equal(code, 0, stderr);
  };

async function ask(opened: Promise<AskedTwin>, from?: string, range = RANGE): Promise<Reaches> {
  const families = FAMILIES.filter(
    (family) => from === undefined || family === (from.includes(':') ? 'ipv6' : 'ipv4'),
  );
  const twin = await opened;
  try {
    const reaches = await twin.ask(range, families, from, range[0] === range[1]);
    return Object.fromEntries(
      Object.entries(reaches).map(([family, reach]) => [family, { ...reach, ms: 0 }]),
    );
  } finally {
    await twin.close();
  }
}

/** What a twin is made with, and the number of the server's rules in each copy that was made, when it was asked. */
function counted(table: string): { ports: TwinPorts; counts: number[] } {
  const counts: number[] = [];
  const openNamespaces: TwinPorts['openNamespaces'] = async (spec) => {
    const namespaces = await REAL.openNamespaces(spec);
    const place = counts.push(0) - 1;
    return {
      ...namespaces,
      async connect(...given) {
        const { stdout } = await namespaces.run([tools.nft, '-a', 'list', 'ruleset']);
        const chains = parseListing(stdout).filter((chain) => chain.table === table);
        counts[place] = chains.flatMap(({ rules }) => rules).length;
        return namespaces.connect(...given);
      },
    };
  };
  return { ports: { ...REAL, openNamespaces }, counts };
}

/** A list of bans in a chain of its own, and a chain with rules about ports between others'. */
const SCRIPT = `table inet filter {
	chain banned {
		${BANS.join('\n\t\t')}
	}
	chain input {
		type filter hook input priority 0; policy drop;
		ct state established,related accept
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
		ip saddr 198.18.0.9 accept
		jump banned
		tcp dport 50003 drop
		ip saddr 198.18.0.7 tcp dport 50015 accept
		tcp dport 50000-50009 accept
		tcp dport 50014 reject with tcp reset
	}
}
`;
const ALL_RULES = BANS.length + 8;

describe('a twin without the rules for others', function () {
  this.timeout(60_000);

  it('tells strangers what all of the rules would tell them, each rule by its place among all', async () => {
    await withLive(nft(SCRIPT), async ({ reading, ruleset }) => {
      const { ports, counts } = counted('filter');
      const reaches = await ask(openAskedTwin(ports, reading()));
      assert.deepEqual(counts, [ALL_RULES - BANS.length - 2]);
      assert.deepEqual(reaches, await ask(openTwin(REAL, ruleset)));
      const dropped = reaches.ipv4?.blocked.find(({ range: [low] }) => low === 50_003)?.decision;
      assert.deepEqual([dropped?.index, dropped?.text], [4, 'tcp dport 50003 drop']);
      const refused = reaches.ipv6?.blocked.find(({ range: [low] }) => low === 50_014)?.decision;
      assert.deepEqual([refused?.index, refused?.text], [7, 'tcp dport 50014 reject with tcp reset']);
    });
  });

  it('tells the whole way of an open port as all of the rules would', async () => {
    await withLive(nft(SCRIPT), async ({ reading, ruleset }) => {
      const port: PortRange = [50_005, 50_005];
      const reaches = await ask(openAskedTwin(REAL, reading()), undefined, port);
      assert.match(reaches.ipv4?.path?.join('\n') ?? '', /tcp dport 50000-50009 accept/);
      assert.deepEqual(reaches, await ask(openTwin(REAL, ruleset), undefined, port));
    });
  });

  it('has the rules for a visitor, and answers for no other', async () => {
    await withLive(nft(SCRIPT), async ({ reading, ruleset }) => {
      const [visitor = '', other = ''] = BANNED;
      const { ports, counts } = counted('filter');
      const reaches = await ask(openAskedTwin(ports, reading(), [visitor]), visitor);
      assert.deepEqual(reaches.ipv4?.open, []);
      assert.deepEqual(reaches, await ask(openTwin(REAL, ruleset), visitor));
      assert.deepEqual(counts, [ALL_RULES - 3]);
      await assert.rejects(
        ask(openAskedTwin(REAL, reading()), other),
        /^Error: 198\.18\.0\.2 is not among those for whom this copy was made\.$/,
      );
    });
  });

  it('has rules of iptables for others left out too, and the rest in the words of iptables', async () => {
    const saved = `*filter
:INPUT ACCEPT [0:0]
-A INPUT -s 198.18.0.1/32 -p tcp -m tcp --dport 50002 -j DROP
-A INPUT -p tcp -m tcp --dport 50003 -j DROP
-A INPUT -s 198.18.0.0/24 -i eth0 -j REJECT --reject-with icmp-port-unreachable
-A INPUT -p tcp -m tcp --dport 50004 -j DROP
COMMIT
`;
    const load = async (live: Namespaces): Promise<void> => {
      const argv = [tools.iptables('ip', 'iptables', '-restore')];
      const { code, stderr } = await live.run(argv, { stdin: saved });
      assert.equal(code, 0, stderr);
    };
    await withLive(load, async ({ reading, ruleset }) => {
      const { ports, counts } = counted('filter');
      const reaches = await ask(openAskedTwin(ports, reading()));
      assert.deepEqual(counts, [2]);
      assert.deepEqual(reaches, await ask(openTwin(REAL, ruleset)));
      assert.deepEqual(
        reaches.ipv4?.blocked.map(({ range, decision }) => [range[0], decision?.index, decision?.text]),
        [
          [50_003, 1, '-p tcp -m tcp --dport 50003 -j DROP'],
          [50_004, 3, '-p tcp -m tcp --dport 50004 -j DROP'],
        ],
      );
    });
  });

  it('is made anew with all rules where every stranger could be meant by one', async () => {
    const lands = ['45.83.12', '91.198.22', '141.98.11', '185.66.140', '62.210.5', '198.51.100', '203.0.113'];
    const script = `table ip filter {
	chain input {
		type filter hook input priority 0; policy accept;
		${lands.map((land) => `ip saddr ${land}.0/24 tcp dport 50001 drop`).join('\n\t\t')}
	}
}
`;
    await withLive(nft(script), async ({ reading }) => {
      const { ports, counts } = counted('filter');
      const reaches = await ask(openAskedTwin(ports, reading()));
      assert.deepEqual(counts, [0, lands.length]);
      assert.deepEqual(
        reaches.ipv4?.blocked.map(({ range }) => range),
        [[50_001, 50_001]],
      );
    });
  });

  it('is made anew with all rules where iptables-legacy has some, which nft does not list', async () => {
    const saved = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 50001 -j DROP\nCOMMIT\n';
    const load = async (live: Namespaces): Promise<void> => {
      await nft(SCRIPT)(live);
      const argv = [tools.iptables('ip', 'iptables-legacy', '-restore')];
      const { code, stderr } = await live.run(argv, { stdin: saved });
      assert.equal(code, 0, stderr);
    };
    const files = {
      read: (path: string) =>
        Promise.resolve(path === '/proc/net/ip_tables_names' ? { text: 'filter\n' } : null),
    } as unknown as Files;
    await withLive(
      load,
      async ({ reading }) => {
        const { ports, counts } = counted('filter');
        const reaches = await ask(openAskedTwin(ports, reading()));
        assert.deepEqual(counts, [0, ALL_RULES]);
        const shut = reaches.ipv4?.blocked.find(({ range: [low] }) => low === 50_001);
        assert.equal(shut?.decision?.tool, 'iptables-legacy');
      },
      files,
    );
  });

  it('has all rules where nft refuses what is left of its listing, and is made once', async () => {
    await withLive(nft(SCRIPT), async ({ ruleset }) => {
      const { ports, counts } = counted('filter');
      const listing = ruleset.nft.replace('tcp dport 50003 drop', 'tcp dport nowhere drop');
      assert.notEqual(listing, ruleset.nft);
      const rules = Promise.resolve({ ruleset, trouble: null });
      const asked = openAskedTwin(ports, { listing: Promise.resolve(listing), rules });
      assert.deepEqual(await ask(asked), await ask(openTwin(REAL, ruleset)));
      assert.deepEqual(counts, [ALL_RULES]);
    });
  });

  it('tells strangers and visitors what all rules tell, whatever the rules are and wherever others stand between', async () => {
    let lighter = 0;
    const bans = fc.array(fc.tuple(fc.constantFrom(...BANS), fc.nat(40)), { minLength: 1, maxLength: 8 });
    const visitor = fc.option(fc.constantFrom(...BANNED));
    await fc.assert(
      fc.asyncProperty(randomRules(RANGE), bans, visitor, async (rules, placed, from) => {
        const lines = rules.split('\n');
        for (const [ban, at] of placed) {
          // Behind a rule, or before the first of a chain.
          const places = lines.flatMap((line, place) =>
            /^chain (?:low|middle) \{$|\b(?:accept|drop|reject.*|return|(?:jump|goto) \w+)$/.test(line)
              ? [place + 1]
              : [],
          );
          lines.splice(places[at % places.length] ?? 0, 0, ban);
        }
        await withLive(nft(lines.join('\n')), async ({ reading, ruleset }) => {
          const { ports, counts } = counted('filter');
          const reaches = await ask(
            openAskedTwin(ports, reading(), from === null ? [] : [from]),
            from ?? undefined,
          );
          const all = parseListing(ruleset.nft).flatMap((chain) => chain.rules).length;
          if ((counts[0] ?? all) < all) lighter += 1;
          assert.equal(counts.length, 1);
          assert.deepEqual(reaches, await ask(openTwin(REAL, ruleset), from ?? undefined));
        });
      }),
      { numRuns: SOAK ? 300 : 12 },
    );
    assert.ok(lighter > 4, `${lighter} were lighter`);
  }).timeout(SOAK ? 900_000 : 120_000);
});
