import assert from 'node:assert/strict';
import type { PortRange } from '../../src/core/range.ts';
import type { Reaches } from '../../src/core/reach.ts';
import { tablesBeyondNft, savedTables } from '../../src/engine/copy.ts';
import type { CommandResult, Files } from '../../src/engine/ports.ts';
import { readingOf, readRules, type Reading } from '../../src/engine/rules.ts';
import type { TwinPorts } from '../../src/engine/copying.ts';
import { openAskedTwin, openTwin, type AskedTwin } from '../../src/engine/twin.ts';
import { NO_RULES, type Ruleset } from '../../src/firewall/ruleset.ts';
import { tools } from '../../src/system/programs.ts';
import { openReal, REAL } from './real.ts';
import { written } from './twins.ts';

const RANGE: PortRange = [50_000, 50_060];
const FAMILIES = ['ipv4', 'ipv6'] as const;
const VISITOR = '198.51.100.7';
/** A copy that nft alone can make needs none of these. */
const NO_IPTABLES = { ...tools, iptables: () => '/sbin/no-iptables' };
const FILES = { read: () => Promise.resolve(null) } as unknown as Files;

/** What nft has words for, as a panel or an administrator writes it. */
const READABLE = (icmp: string): string => `*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 50050:50052 -j DROP
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:closed - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p ${icmp} -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m multiport --dports 50000,50005:50010 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 50011:50015 -j closed
-A INPUT -p tcp -m tcp --dport 50020:50030 -m limit --limit 1/hour --limit-burst 1 -j ACCEPT
-A INPUT -p tcp -m conntrack --ctstate NEW -m tcp --dport 50040:50052 -m comment --comment "more -j ACCEPT" -j ACCEPT
-A closed -p tcp -j REJECT --reject-with tcp-reset
COMMIT
`;
const OPEN = '50000,50005-50010,50020-50030,50040-50049';
/** One that nft can only name. */
const BEYOND = '-A INPUT -p tcp -m recent --rcheck --name nobody -j ACCEPT\n-A closed';

/** The rules in force after iptables has loaded these, as the product reads them. */
async function read(change = (text: string): string => text): Promise<Ruleset> {
  const live = await openReal();
  try {
    for (const [family, icmp] of [['ip', 'icmp'] as const, ['ip6', 'ipv6-icmp'] as const]) {
      const argv = [tools.iptables(family, 'iptables', '-restore')];
      const { code, stderr } = await live.run(argv, { stdin: change(READABLE(icmp)) });
      assert.equal(code, 0, stderr);
    }
    const { ruleset, trouble } = await readRules({ run: live.run, tools, files: FILES });
    assert.equal(trouble, null);
    return ruleset;
  } finally {
    await live.close();
  }
}

/** What nft lists is there before the rest. */
function early(ruleset: Ruleset): Reading {
  return { ...readingOf(ruleset), listing: Promise.resolve(ruleset.nft) };
}
const WAYS = { 'read at once': readingOf, 'whose listing is there first': early };

async function ask(opened: Promise<AskedTwin>): Promise<Reaches> {
  const twin = await opened;
  try {
    const reaches = await twin.ask(RANGE, FAMILIES);
    return Object.fromEntries(
      Object.entries(reaches).map(([family, reach]) => [family, { ...reach, ms: 0 }]),
    );
  } finally {
    await twin.close();
  }
}

/** What a twin is made with; of each program that runs in it somebody is told. */
function overheard(hear: (argv: readonly string[], result: CommandResult) => unknown): TwinPorts {
  return {
    ...REAL,
    async openNamespaces(spec) {
      const namespaces = await REAL.openNamespaces(spec);
      return {
        ...namespaces,
        async run(argv, options) {
          const result = await namespaces.run(argv, options);
          hear(argv, result);
          return result;
        },
      };
    },
  };
}

describe('a twin that is only asked', function () {
  this.timeout(30_000);

  for (const [way, reading] of Object.entries(WAYS)) {
    it(`has rules ${way} of iptables from nft, and tells of them in the words of iptables`, async () => {
      const ruleset = await read();
      assert.deepEqual(tablesBeyondNft(ruleset), []);
      const reaches = await ask(openAskedTwin({ ...REAL, tools: NO_IPTABLES }, reading(ruleset)));
      for (const family of FAMILIES) {
        assert.equal(written(reaches[family]?.open ?? []), OPEN);
        const at = (port: number): unknown =>
          reaches[family]?.blocked.find(({ range: [low, high] }) => low <= port && port <= high)?.decision;
        const told = { tool: 'iptables', family: family === 'ipv4' ? 'ip' : 'ip6' };
        assert.deepEqual(at(50_012), {
          ...told,
          ...{ table: 'filter', chain: 'closed', index: 0, text: '-p tcp -j REJECT --reject-with tcp-reset' },
        });
        assert.deepEqual(at(50_051), {
          ...told,
          ...{
            table: 'mangle',
            chain: 'PREROUTING',
            index: 0,
            text: '-p tcp -m tcp --dport 50050:50052 -j DROP',
          },
        });
        assert.deepEqual(at(50_060), {
          ...told,
          ...{ table: 'filter', chain: 'INPUT', index: null, text: 'policy drop' },
        });
      }
    });

    it(`answers as one that iptables has loaded, of rules ${way}`, async () => {
      const ruleset = await read();
      assert.equal(savedTables(ruleset).length, 4);
      assert.deepEqual(await ask(openAskedTwin(REAL, reading(ruleset))), await ask(openTwin(REAL, ruleset)));
    });

    it(`has from iptables the tables that nft cannot load, and no others, of rules ${way}`, async () => {
      const ruleset = await read((text) => text.replace('-A closed', BEYOND));
      const filters = ['ip', 'ip6'].map((family) => ({ family, table: 'filter' }));
      assert.deepEqual(tablesBeyondNft(ruleset), filters);
      const reaches = await ask(openAskedTwin(REAL, reading(ruleset)));
      assert.equal(written(reaches.ipv4?.open ?? []), OPEN);
      assert.deepEqual(reaches, await ask(openTwin(REAL, ruleset)));
    });

    it(`has from iptables what an older nft tells as a remark only, of rules ${way}`, async () => {
      const ruleset = await read((text) => text.replace('-A closed', BEYOND));
      // As nft 1.0.2 prints it, of the rules and of the copy.
      const olden = (listing: string): string => listing.replace(/\bxt match "?recent"?/g, '# xt_recent');
      const openNamespaces: TwinPorts['openNamespaces'] = async (spec) => {
        const namespaces = await REAL.openNamespaces(spec);
        const run: typeof namespaces.run = async (...command) => {
          const result = await namespaces.run(...command);
          return { ...result, stdout: olden(result.stdout) };
        };
        return { ...namespaces, run };
      };
      const old = { ...ruleset, nft: olden(ruleset.nft) };
      assert.match(old.nft, /# xt_recent .*# handle \d+$/m);
      const reaches = await ask(openAskedTwin({ ...REAL, openNamespaces }, reading(old)));
      assert.deepEqual(reaches, await ask(openTwin(REAL, ruleset)));
    });

    it(`has all of them from iptables where nft refuses what it has listed itself, of rules ${way}`, async () => {
      const ruleset = await read();
      const nft = ruleset.nft.replace('table ip mangle {', 'table ip mangle {\n\tfoo bar');
      assert.notEqual(nft, ruleset.nft);
      const refused: (string | undefined)[] = [];
      const ports = overheard(([program], { code }) => code !== 0 && refused.push(program));
      const reaches = await ask(openAskedTwin(ports, reading({ ...ruleset, nft })));
      for (const family of FAMILIES) assert.equal(written(reaches[family]?.open ?? []), OPEN);
      assert.deepEqual(refused, [REAL.tools.nft]);
    });
  }

  it('has nft load what it lists while the rest is still being read', async () => {
    const ruleset = await read();
    const listing = Promise.resolve(ruleset.nft);
    let loaded: () => void = () => undefined;
    const rules = new Promise<void>((resolve) => (loaded = resolve)).then(() => ({ ruleset, trouble: null }));
    const ports = overheard((_, { code }) => {
      assert.equal(code, 0);
      loaded();
    });
    const reaches = await ask(openAskedTwin(ports, { listing, rules }));
    assert.equal(written(reaches.ipv4?.open ?? []), OPEN);
  });

  it('looks for the way of what is open only where that is wanted', async () => {
    const looked: string[] = [];
    const openNamespaces: TwinPorts['openNamespaces'] = async (spec) => {
      const namespaces = await REAL.openNamespaces(spec);
      const handles: typeof namespaces.handles = (place) => {
        looked.push(place.chain);
        return namespaces.handles(place);
      };
      return { ...namespaces, handles };
    };
    const twin = await openAskedTwin({ ...REAL, openNamespaces }, readingOf(await read()));
    try {
      for (let time = 0; time < 5; time++) {
        const { ipv4 } = await twin.ask([50_000, 50_000], ['ipv4']);
        assert.equal(ipv4?.open.length, 1);
        assert.equal('path' in ipv4, false);
      }
      assert.equal(looked.length, 0);
      const { ipv4 } = await twin.ask([50_000, 50_000], ['ipv4'], undefined, true);
      assert.match(ipv4?.path?.join('\n') ?? '', /--dports 50000,50005:50010/);
      assert.ok(looked.includes('INPUT'));
    } finally {
      await twin.close();
    }
  });

  it('comes from ports that no rule names', async () => {
    const chain = (hook: string, rules: string): string =>
      `\tchain ${hook} {\n\t\ttype filter hook ${hook} priority 0; policy accept;\n\t\t${rules}\n\t}\n`;
    const coming = chain('input', 'tcp sport 32768-40000 drop');
    const nft = `table inet t {\n${coming}${chain('output', 'tcp dport 60000-60999 drop')}}\n`;
    const twin = await openAskedTwin(REAL, readingOf({ ...NO_RULES, nft }), [VISITOR]);
    try {
      for (let time = 0; time < 10; time++) {
        const reaches = await twin.ask([50_000, 50_000], FAMILIES, time % 2 === 0 ? undefined : VISITOR);
        for (const family of FAMILIES) assert.equal(written(reaches[family]?.open ?? []), '50000');
      }
    } finally {
      await twin.close();
    }
  });

  it('has rules from files as they are written there', async () => {
    const { saved } = await read();
    const files: Ruleset = { nft: '', ipsets: '', saved };
    assert.equal(tablesBeyondNft(files).length, 4);
    assert.equal(written((await ask(openAskedTwin(REAL, readingOf(files)))).ipv4?.open ?? []), OPEN);
  });
});
