import assert from 'node:assert/strict';
import type { Family, Reaches } from '../../src/core/reach.ts';
import { isExplicit } from '../../src/engine/explicit.ts';
import type { Twin } from '../../src/engine/twin.ts';
import { NO_RULES, type Ruleset, type SavedTables } from '../../src/firewall/ruleset.ts';
import { calm } from '../../src/engine/copy.ts';
import { tools } from '../../src/system/programs.ts';
import { ofNft, openReal } from './real.ts';
import { openRealTwin, portsOf, written } from './twins.ts';

const LINKS = [{ name: 'eth0', addresses: ['10.99.0.1/24', 'fd99::1/64'] }];
const RANGE = [50_000, 50_060] as const;
const FAMILIES = ['ipv4', 'ipv6'] as const;
const BANNED = { ipv4: '192.0.2.66', ipv6: '2001:db8:bad::66' } as const;
const SETS = `create bans hash:ip
add bans ${BANNED.ipv4}
create six hash:net family inet6
add six 2001:db8:bad::/48
`;

/** One firewall in the words of both families: what is matched is not what nft has a word for. */
const rules = (set: string, reject: string): string => `*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:closed - [0:0]
:slow - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p ${reject === 'icmp' ? 'icmp' : 'ipv6-icmp'} -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -m set --match-set ${set} src -m comment --comment "old -j ACCEPT bans" -j DROP
-A INPUT -p tcp -m multiport --dports 50000,50005:50010 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 50011:50015 -j closed
-A INPUT -p tcp -m tcp --dport 50020:50030 -m recent --rcheck --seconds 60 --name nobody -j ACCEPT
-A INPUT -p tcp -m tcp --dport 50020:50030 -j slow
-A INPUT -p tcp -m statistic --mode nth --every 1 --packet 0 -m tcp --dport 50040:50050 -j REJECT --reject-with ${reject}-port-unreachable
-A closed -m limit --limit 1/hour --limit-burst 1 -j LOG --log-prefix "closed: "
-A closed -p tcp -j REJECT --reject-with tcp-reset
-A slow -p tcp -m limit --limit 3/min -j ACCEPT
-A slow -j DROP
COMMIT
`;
const FOUR = rules('bans', 'icmp');
const SIX = rules('six', 'icmp6');
const OPEN = '50000,50005-50010,50020-50030';

/** As it is read of a server: what nft lists of the tables that iptables has made stands beside them. */
async function rulesetWith(tool: SavedTables['tool']): Promise<Ruleset> {
  const live = await openReal();
  try {
    const run = async (argv: readonly string[], stdin = ''): Promise<string> => {
      const { code, stdout, stderr } = await live.run(argv, { stdin });
      assert.equal(code, 0, stderr);
      return stdout;
    };
    await run([tools.ipset, 'restore'], SETS);
    const saved: SavedTables[] = [];
    for (const [family, text] of [['ip', FOUR] as const, ['ip6', SIX] as const]) {
      await run([tools.iptables(family, tool, '-restore')], text);
      saved.push({ family, tool, text: await run([tools.iptables(family, tool, '-save')]) });
    }
    return { nft: await run([tools.nft, '-a', '-s', 'list', 'ruleset']), ipsets: SETS, saved };
  } finally {
    await live.close();
  }
}

/** What stops a port: how, by the rule in whose words, at which place of its chain. */
function stop(reaches: Reaches, family: Family, port: number): unknown {
  const found = reaches[family]?.blocked.find(({ range: [low, high] }) => low <= port && port <= high);
  assert.ok(found?.decision, `${family} ${port} is not told`);
  const { tool, table, chain, index, text } = found.decision;
  return { how: found.how, tool, place: `${table} ${chain} ${index ?? '-'}`, text };
}

describe('a twin of rules that iptables made', function () {
  this.timeout(30_000);
  for (const tool of ['iptables', 'iptables-legacy'] as const) {
    describe(tool, () => {
      let twin: Twin;
      let reaches: Reaches;
      before(async () => {
        twin = await openRealTwin(await rulesetWith(tool), LINKS);
        reaches = await twin.ask(RANGE, FAMILIES);
      });
      after(() => twin.close());

      it('tells of each port what the rules do to it', () => {
        for (const family of FAMILIES) {
          const reach = reaches[family] ?? assert.fail();
          assert.equal(written(reach.open), OPEN, family);
          assert.deepEqual(
            portsOf(reach),
            Array.from({ length: 61 }, (_, index) => RANGE[0] + index),
          );
        }
      });

      it('names the rule that decides in the words of iptables', () => {
        for (const [family, icmp] of [['ipv4', 'icmp'] as const, ['ipv6', 'icmp6'] as const]) {
          const policy = { how: 'drop', tool, place: 'filter INPUT -', text: 'policy drop' };
          for (const port of [50_001, 50_016, 50_019, 50_031, 50_051])
            assert.deepEqual(stop(reaches, family, port), policy, `${family} ${port}`);
          assert.deepEqual(stop(reaches, family, 50_012), {
            how: 'reject',
            tool,
            place: 'filter closed 1',
            text: '-p tcp -j REJECT --reject-with tcp-reset',
          });
          const own = stop(reaches, family, 50_045) as {
            how: string;
            tool: string;
            place: string;
            text: string;
          };
          assert.deepEqual([own.how, own.tool, own.place], ['reject', tool, 'filter INPUT 8']);
          assert.match(
            own.text,
            new RegExp(`^-p tcp .*--dport 50040:50050 .*-j REJECT --reject-with ${icmp}-port-unreachable$`),
          );
        }
      });

      it('knows rules that forbid ports by the way to their chain too', async () => {
        const all = await twin.ask([50_011, 50_015], FAMILIES);
        for (const family of FAMILIES) {
          assert.ok(all[family]?.blocked.every(isExplicit), `${family} alone`);
          const blocked = reaches[family]?.blocked ?? [];
          const explicit = blocked.filter(isExplicit).map(({ range }) => range);
          assert.equal(written(explicit), '50011-50015,50040-50050', family);
        }
      });

      it('tells somebody who is banned by his set, and nobody else', async () => {
        const set = { ipv4: 'bans', ipv6: 'six' } as const;
        for (const family of FAMILIES) {
          const banned = await twin.ask(RANGE, [family], BANNED[family]);
          assert.deepEqual(banned[family]?.open, []);
          assert.deepEqual(stop(banned, family, 50_000), {
            how: 'drop',
            tool,
            place: 'filter INPUT 3',
            text: `-m set --match-set ${set[family]} src -m comment --comment "old -j ACCEPT bans" -j DROP`,
          });
        }
        const named = await twin.askSources([[50_000, 50_001]], 9);
        assert.deepEqual([...named.keys()].toSorted(), ['192.0.2.66', '2001:db8:bad::1']);
        for (const reach of named.values()) assert.deepEqual(reach.open, []);
        const neighbour = await twin.ask([50_000, 50_000], ['ipv4'], '192.0.2.67');
        assert.deepEqual(neighbour.ipv4?.open, [[50_000, 50_000]]);
      });
    });

    it(`is changed, and speaks of places in the original: ${tool}`, async () => {
      const place = { family: 'ip', tool, table: 'filter', chain: 'INPUT' };
      const ours = '-p tcp -m tcp --dport 40000:40010 -m comment --comment "ftp-passive:managed" -j ACCEPT';
      const text = ['-i lo -j ACCEPT', ours, '-s 192.0.2.66/32 -j DROP', '-p tcp -j DROP', '-p udp -j DROP'];
      const saved = [
        '*filter',
        ':INPUT ACCEPT [0:0]',
        ...text.map((rule) => `-A INPUT ${rule}`),
        'COMMIT',
        '',
      ];
      const live = await openReal();
      let nft = '';
      try {
        const restore = [tools.iptables('ip', tool, '-restore')];
        assert.equal((await live.run(restore, { stdin: saved.join('\n') })).code, 0);
        nft = (await live.run([tools.nft, '-a', '-s', 'list', 'ruleset'])).stdout;
      } finally {
        await live.close();
      }
      const ruleset: Ruleset = { ...ofNft(nft), saved: [{ family: 'ip', tool, text: saved.join('\n') }] };
      const twin = await openRealTwin(ruleset, LINKS);
      try {
        const ask = async (low: number): Promise<unknown> => {
          const { ipv4 } = await twin.ask([low, low + 10], ['ipv4']);
          return [written(ipv4?.open ?? []), ipv4?.blocked.map(({ decision }) => decision?.index)];
        };
        assert.deepEqual(await ask(40_000), ['40000-40010', []]);
        assert.deepEqual(await ask(50_000), ['', [3]]);
        await twin.remove([{ ...place, text: ours, index: 1, ports: [[40_000, 40_010]], next: null }]);
        assert.deepEqual(await ask(40_000), ['', [3]]);
        await twin.place([{ ...place, text: ours.replace('40000:40010', '50000:50004'), before: 3 }]);
        assert.deepEqual(await ask(50_000), ['50000-50004', [3]]);
        await twin.place([{ ...place, text: ours.replace('40000:40010', '50005:50009'), before: 3 }]);
        assert.deepEqual(await ask(50_000), ['50000-50009', [3]]);
        const banned = await twin.ask([50_000, 50_010], ['ipv4'], '192.0.2.66');
        assert.deepEqual(
          banned.ipv4?.blocked.map(({ decision }) => decision?.index),
          [2],
        );
      } finally {
        await twin.close();
      }
    });
  }

  it('tells what stops a connection where both kinds of iptables and nft have a word', async () => {
    const only = (rule: string): string => `*filter\n:INPUT ACCEPT [0:0]\n-A INPUT ${rule}\nCOMMIT\n`;
    const nft =
      'table inet guard { # handle 1\n\tchain in { # handle 1\n\t\ttype filter hook input priority 10; policy accept;\n\t\ttcp dport 50002 drop # handle 2\n\t}\n}\n';
    const newer = await openReal();
    let listing = '';
    try {
      const restore = [tools.iptables('ip', 'iptables', '-restore')];
      await newer.run(restore, { stdin: only('-p tcp -m tcp --dport 50001 -j DROP') });
      listing = (await newer.run([tools.nft, '-a', '-s', 'list', 'ruleset'])).stdout;
    } finally {
      await newer.close();
    }
    const twin = await openRealTwin(
      {
        ...NO_RULES,
        nft: nft + listing,
        saved: [
          { family: 'ip', tool: 'iptables', text: only('-p tcp -m tcp --dport 50001 -j DROP') },
          { family: 'ip', tool: 'iptables-legacy', text: only('-p tcp -m tcp --dport 50000 -j DROP') },
        ],
      },
      LINKS,
    );
    try {
      const reaches = await twin.ask([50_000, 50_003], ['ipv4']);
      assert.deepEqual(
        reaches.ipv4?.blocked.map(({ range, decision }) => [range[0], decision?.tool, decision?.text]),
        [
          [50_000, 'iptables-legacy', '-p tcp -m tcp --dport 50000 -j DROP'],
          [50_001, 'iptables', '-p tcp -m tcp --dport 50001 -j DROP'],
          [50_002, 'nft', 'tcp dport 50002 drop'],
        ],
      );
      assert.equal(written(reaches.ipv4.open), '50003');
      const { ipv4 } = await twin.ask([50_003, 50_003], ['ipv4'], undefined, true);
      // Rules of the older iptables leave no trace.
      assert.deepEqual(
        ipv4?.path?.filter((step) => step.includes(' in') || step.includes('INPUT')),
        ['ip filter INPUT: policy accept', 'inet guard in: policy accept'],
      );
    } finally {
      await twin.close();
    }
  });

  it('has rules that are never used up', () =>
    assert.match(calm(FOUR), /-A slow -p tcp -m limit --limit 10000\/sec /));
});
