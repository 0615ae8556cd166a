import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readChains, saysLess, tablesIn, tablesOfIptables } from '../../src/firewall/chains.ts';
import { NO_RULES, type SavedTables } from '../../src/firewall/ruleset.ts';

/** A table as nft lists it, with one chain a name. */
function table(name: string, chains: Readonly<Record<string, readonly string[]>>): string {
  let handle = 0;
  const texts = Object.entries(chains).map(([chain, [base = '', ...rules]]) => {
    const lines = rules.map((rule) => `\t\t${rule} # handle ${(handle += 1)}\n`).join('');
    return `\tchain ${chain} { # handle 1\n${base === '' ? '' : `\t\t${base}\n`}${lines}\t}\n`;
  });
  return `table ${name} { # handle 1\n${texts.join('\n')}}\n`;
}
const HOOK = 'type filter hook input priority filter; policy accept;';

describe('a table', () => {
  const rows: readonly (readonly [made: boolean, what: string, listing: string])[] = [
    [true, 'rules that only iptables makes', table('ip filter', { INPUT: [HOOK, 'xt match recent drop'] })],
    [true, 'such rules in a chain of any name', table('ip raw', { mine: ['', 'xt target "CT"'] })],
    [
      true,
      'counters, in chains of the built-in names',
      table('ip filter', { INPUT: [HOOK, 'counter packets 0 bytes 0 accept'], bans: ['', 'drop'] }),
    ],
    [true, 'counters whose numbers are left out', table('ip6 mangle', { INPUT: [HOOK, 'counter drop'] })],
    [true, 'no rules at all', table('ip filter', { INPUT: [HOOK] })],
    [false, 'no counter', table('ip filter', { INPUT: [HOOK, 'tcp dport 22 accept'] })],
    [false, 'a base chain of another name', table('ip filter', { input: [HOOK, 'counter drop'] })],
    [false, 'a name that iptables has not', table('ip firewall', { INPUT: [HOOK, 'counter drop'] })],
    [false, 'a family that iptables has not', table('inet filter', { INPUT: [HOOK, 'counter drop'] })],
    [false, 'a family of bridges', table('bridge filter', { INPUT: [HOOK, 'counter drop'] })],
  ];
  for (const [made, what, listing] of rows) {
    it(`is ${made ? '' : 'not '}one of iptables with ${what}`, () => {
      assert.equal(tablesOfIptables(listing).length, made ? 1 : 0);
    });
  }

  it('is told by its family and name', () => {
    const listing = [
      table('ip filter', { INPUT: [HOOK, 'counter drop'] }),
      table('ip filters', { INPUT: [HOOK, 'counter drop'] }),
      table('inet filter', { INPUT: [HOOK, 'counter drop'] }),
      table('ip6 nat', { PREROUTING: [HOOK] }),
    ].join('');
    assert.deepEqual(tablesOfIptables(listing), [
      { family: 'ip', table: 'filter' },
      { family: 'ip6', table: 'nat' },
    ]);
    assert.deepEqual(tablesOfIptables(''), []);
  });

  it('that iptables made in the real kernel is one of its own, whatever is in it', () => {
    const script = String.raw`
      open my $restore, '|-', 'iptables-nft-restore' or exit 1;
      print $restore "*filter\n:INPUT DROP [0:0]\n:mine - [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -j mine\n",
        "-A mine -m limit --limit 3/min -j LOG\nCOMMIT\n*raw\n-A PREROUTING -p udp -j NOTRACK\nCOMMIT\n";
      close $restore or exit 1;
      exec qw(nft -a -s list ruleset)`;
    const listing = execFileSync('unshare', ['-n', 'perl', '-e', script], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    assert.deepEqual(tablesOfIptables(listing), [
      { family: 'ip', table: 'filter' },
      { family: 'ip', table: 'raw' },
    ]);
  });

  it('is named in the text of iptables-save by its star', () => {
    const text = '# x\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n*nat\nCOMMIT\n# *raw\n';
    assert.deepEqual(tablesIn({ family: 'ip6', tool: 'iptables', text }), [
      { family: 'ip6', table: 'filter' },
      { family: 'ip6', table: 'nat' },
    ]);
  });
});

describe('the chains in force', () => {
  const nft = table('ip filter', {
    INPUT: [HOOK, 'tcp dport 22 counter accept', 'tcp dport { 80, 443 } counter accept', 'counter drop'],
  });
  const saved = (rules: readonly string[], some: Partial<SavedTables> = {}): SavedTables => {
    const text = ['*filter', ':INPUT ACCEPT [0:0]', ...rules.map((rule) => `-A INPUT ${rule}`), 'COMMIT', ''];
    return { family: 'ip', tool: 'iptables', text: text.join('\n'), ...some };
  };
  const OWN = ['-p tcp -m tcp --dport 22 -j ACCEPT', '-p tcp -j ACCEPT', '-j DROP'];
  const told = (given: readonly SavedTables[]): unknown =>
    readChains({ ...NO_RULES, nft, saved: given }).map(({ tool, rules }) => [
      tool,
      ...rules.map(({ handle, text }) => `${handle ?? '-'} ${text}`),
    ]);

  it('of a table that iptables keeps are in its words, but for rules that it cannot say', () => {
    assert.deepEqual(told([saved(OWN)]), [
      [
        'iptables',
        '1 -p tcp -m tcp --dport 22 -j ACCEPT',
        '2 tcp dport { 80, 443 } counter accept',
        '3 -j DROP',
      ],
    ]);
  });

  it('are in the words of nft where the two lists are not of one length, or of another family', () => {
    const listed = [
      'nft',
      '1 tcp dport 22 counter accept',
      '2 tcp dport { 80, 443 } counter accept',
      '3 counter drop',
    ];
    assert.deepEqual(told([]), [listed]);
    assert.deepEqual(told([saved(OWN.slice(1))]), [listed]);
    assert.deepEqual(told([saved(OWN, { family: 'ip6' })]), [listed]);
  });

  it('have those of iptables-legacy beside them, for nft does not see these', () => {
    assert.deepEqual(told([saved(OWN.slice(2), { tool: 'iptables-legacy' })]), [
      ['nft', '1 tcp dport 22 counter accept', '2 tcp dport { 80, 443 } counter accept', '3 counter drop'],
      ['iptables-legacy', '- -j DROP'],
    ]);
  });

  it('keep their hooks', () => {
    const [chain] = readChains({ ...NO_RULES, nft, saved: [saved(OWN)] });
    assert.equal(chain?.base, HOOK);
  });
});

describe('what iptables-save says of a rule', () => {
  it('is less than the rule where a match on ports is missing', () => {
    assert.equal(saysLess('-p tcp -j ACCEPT', 'tcp dport { 80, 443 } counter accept'), true);
    assert.equal(saysLess('-j DROP', 'tcp sport 53 drop'), true);
  });

  it('is all of it where the ports are there, or nft cannot read the rule', () => {
    assert.equal(saysLess('-p tcp -m tcp --dport 80 -j ACCEPT', 'tcp dport 80 counter accept'), false);
    assert.equal(
      saysLess('-p tcp -m multiport --dports 80,443 -j ACCEPT', 'tcp dport { 80, 443 } accept'),
      false,
    );
    assert.equal(
      saysLess('-p tcp -m multiport --ports 80 -j ACCEPT', 'xt match multiport tcp dport 1 accept'),
      false,
    );
    assert.equal(saysLess('-j DROP', 'counter drop'), false);
  });
});
