import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseListing, sameText, unreadable, withoutTables } from '../../../src/firewall/nftables/listing.ts';
import type { Chain } from '../../../src/firewall/ruleset.ts';

const listing = (name: string): string =>
  readFileSync(new URL(`../../fixtures/nftables-listing/${name}.nft`, import.meta.url), 'utf8');
const nameOf = ({ family, table, chain }: Chain): string => `${family} ${table} ${chain}`;
const handles = (chain: Chain | undefined): (number | null)[] =>
  chain?.rules.map(({ handle }) => handle) ?? [];

describe('a listing of nftables', () => {
  const hard = parseListing(listing('hard'));

  it('has every chain of every table, in order, and nothing else', () => {
    assert.deepEqual(hard.map(nameOf), [
      'inet filter input',
      'inet filter tail',
      'inet filter empty',
      'inet filter output',
      'ip6 nat prerouting',
      'netdev early eth',
    ]);
  });

  it('tells how a base chain is hooked, and that another one is not', () => {
    assert.deepEqual(
      hard.map(({ base }) => base),
      [
        'type filter hook input priority filter; policy drop;',
        null,
        null,
        'type filter hook output priority filter; policy accept;',
        'type nat hook prerouting priority dstnat; policy accept;',
        'type filter hook ingress device "lo" priority -500; policy accept;',
      ],
    );
  });

  it('has the rules with their handles, whatever their comments say', () => {
    const rules = hard[0]?.rules ?? [];
    assert.deepEqual(handles(hard[0]), [9, 10, 11, 12, 14, 15, 17, 18]);
    assert.deepEqual(rules[1], {
      handle: 10,
      text: 'iifname "lo" accept comment "odd # handle 99"',
    });
    assert.deepEqual(rules[2], {
      handle: 11,
      text: 'ip saddr @bans counter drop comment "} bans {"',
    });
    assert.equal(rules[4]?.text.split(',').length, 49);
    assert.deepEqual(hard[1]?.rules, [{ handle: 19, text: 'counter reject with icmpx admin-prohibited' }]);
    assert.deepEqual(handles(hard[2]), []);
    assert.deepEqual(hard[5]?.rules, [{ handle: 2, text: 'ip saddr 203.0.113.99 drop' }]);
  });

  it('keeps families apart', () => {
    assert.deepEqual(
      parseListing(listing('two-families')).map((chain) => [nameOf(chain), handles(chain)]),
      [
        ['ip filter INPUT', [3, 4, 5, 7, 8, 9]],
        ['ip filter BANS', [10]],
        ['ip6 filter INPUT', [2, 3, 4]],
      ],
    );
  });

  it('is empty for a kernel without rules', () => assert.deepEqual(parseListing(''), []));

  it('has in it what nft itself reports as JSON', () => {
    interface Listed {
      readonly rule?: {
        readonly family: string;
        readonly table: string;
        readonly chain: string;
        readonly handle: number;
      };
    }
    const script =
      'system("nft", "-f", shift) == 0 or exit 1; system("nft -a -s list ruleset; echo ---"); exec "nft", "-j", "list", "ruleset"';
    for (const name of ['hard', 'two-families', 'iptables-plain']) {
      const file = new URL(`../../fixtures/nftables-listing/${name}.nft`, import.meta.url).pathname;
      const output = execFileSync('unshare', ['-n', 'perl', '-e', script, file], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [text = '', json = ''] = output.split('\n---\n');
      const told = (JSON.parse(json) as { nftables: Listed[] }).nftables.flatMap(({ rule }) =>
        rule ? [`${rule.family} ${rule.table} ${rule.chain} ${rule.handle}`] : [],
      );
      const read = parseListing(text).flatMap((chain) =>
        handles(chain).map((handle) => `${nameOf(chain)} ${handle ?? 'none'}`),
      );
      assert.deepEqual(read.sort(), told.sort(), name);
      assert.ok(told.length > 5);
    }
  });

  it('can be read however it is cut or mixed, without an error', () => {
    const lines = ['hard', 'two-families', 'iptables-match'].flatMap((name) => listing(name).split('\n'));
    const some = fc.array(fc.oneof(fc.constantFrom(...lines), fc.string()), { maxLength: 40 });
    fc.assert(
      fc.property(some, (each) => {
        for (const { rules } of parseListing(each.join('\n'))) {
          assert.ok(rules.every(({ handle }) => Number.isSafeInteger(handle) && Number(handle) >= 0));
        }
      }),
    );
  });
});

describe('a rule that nft lists and cannot read back', () => {
  const rulesOf = (name: string): string[] =>
    parseListing(listing(name)).flatMap(({ rules }) => rules.map(({ text }) => text));

  it('is one in which iptables used a match of its own, and nft agrees', () => {
    assert.deepEqual(rulesOf('iptables-match').filter(unreadable), ['xt match recent counter log']);
    assert.ok(unreadable('counter packets 0 bytes 0 xt target "LOG"'));
    const file = new URL('../../fixtures/nftables-listing/iptables-match.nft', import.meta.url).pathname;
    assert.throws(
      () => execFileSync('unshare', ['-n', 'nft', '-c', '-f', file], { stdio: 'pipe' }),
      /unsupported xtables compat expression/,
    );
  });

  const remarked = [
    ['oifname "eth0" # xt_MASQUERADE', 'oifname "eth0"'],
    ['meta l4proto tcp # xt_multiport counter packets 0 bytes 0 accept', 'meta l4proto tcp'],
    ['ip saddr 192.0.2.1 #match-set allowed src drop', 'ip saddr 192.0.2.1'],
    ['log prefix "a # b" #recent: CHECK', 'log prefix "a # b"'],
  ] as const;
  for (const [rule, left] of remarked)
    it(`is one that an older nft tells in part as a remark, which it would read back as another: ${rule}`, () => {
      const text = `table ip t { # handle 1\n\tchain c { # handle 1\n\t\t${rule} # handle 4\n\t}\n}\n`;
      assert.deepEqual([unreadable(rule), unreadable(text)], [true, true]);
      const script = 'nft -f - && nft -s list ruleset';
      const listed = execFileSync('unshare', ['-n', 'sh', '-c', script], { input: text, encoding: 'utf8' });
      assert.ok(listed.includes(`\t\t${left}\n`), listed);
    });

  it('is no remark of nft’s own, and none that somebody else has made in quotes', () => {
    const text = [
      '# Warning: table ip filter is managed by iptables-nft, do not touch!',
      'table ip filter { # handle 1',
      '\tset banned { # handle 2',
      '\t\tsize 2\t# count 1',
      '\tchain INPUT { # handle 3',
      '\t\ttcp dport 22 accept comment "a # b" # handle 4',
      '\t\tlog prefix "# xt_recent " accept # handle 5',
    ].join('\n');
    assert.equal(unreadable(text), false);
  });

  it('is none of those that nft or iptables made in plain words', () => {
    for (const name of ['hard', 'two-families', 'iptables-plain'])
      assert.deepEqual(rulesOf(name).filter(unreadable), [], name);
  });
});

describe('a listing without some tables', () => {
  it('has all others as they were', () => {
    const names = (text: string): string[] =>
      [...text.matchAll(/^table (\S+ \S+) \{/gm)].map(([, name = '']) => name);
    const hard = listing('hard');
    const left = withoutTables(hard, [
      { family: 'inet', table: 'filter' },
      { family: 'ip', table: 'nat' },
      { family: 'netdev', table: 'early' },
    ]);
    assert.deepEqual(names(hard), ['inet filter', 'ip6 nat', 'netdev early']);
    assert.deepEqual(names(left), ['ip6 nat']);
    assert.ok(hard.includes(left));
    assert.deepEqual(
      parseListing(left),
      parseListing(hard).filter(({ table }) => table === 'nat'),
    );
    assert.equal(withoutTables(hard, []), hard);
    assert.equal(withoutTables(hard, [{ family: 'inet', table: 'filte' }]), hard);
  });

  it('tells families of one name apart, and minds no brace in a comment or a set', () => {
    const text = [
      'table ip filter { # handle 1',
      '\tset bans {',
      '\t\telements = { 192.0.2.1,',
      '\t\t\t     192.0.2.2 }',
      '\t}',
      '',
      '\tchain INPUT {',
      '\t\tdrop comment "} table ip6 filter {"',
      '\t}',
      '}',
      'table ip6 filter {',
      '\tchain INPUT {',
      '\t}',
      '}',
      '',
    ].join('\n');
    const six = 'table ip6 filter {\n\tchain INPUT {\n\t}\n}\n';
    assert.equal(withoutTables(text, [{ family: 'ip', table: 'filter' }]), six);
    assert.equal(withoutTables(text, [{ family: 'ip6', table: 'filter' }]), text.replace(six, ''));
  });

  it('is made of a very long one too', () => {
    const rules = Array.from(
      { length: 50_000 },
      (_, index) => `\t\tip saddr 10.0.0.1 drop # handle ${index}\n`,
    );
    const long = `table ip filter {\n\tchain INPUT {\n${rules.join('')}\t}\n}\n`;
    assert.equal(
      withoutTables(`${long}table ip a {\n}\n`, [{ family: 'ip', table: 'filter' }]),
      'table ip a {\n}\n',
    );
  });
});

describe('the texts of two rules', () => {
  it('are the same whatever blanks are between their words', () => {
    assert.ok(sameText(' tcp  dport 1\taccept ', 'tcp dport 1 accept'));
    assert.ok(!sameText('tcp dport 1 accept', 'tcp dport 12 accept'));
  });
});
