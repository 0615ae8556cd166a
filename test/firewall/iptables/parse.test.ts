import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseSaved } from '../../../src/firewall/iptables/saved.ts';
import { filter, inputOf, NAMES, parse, savedFixture, savedText } from './texts.ts';

/** A chain back in the form of iptables-save, without counters. */
const written = ({ text }: { text: string }): string[] =>
  text
    .split('\n')
    .filter((line) => /^[*:[-]/.test(line))
    .map((line) => line.replace(/^\[\d+:\d+\] /, '').replace(/ \[\d+:\d+\]$/, ''));

function rewritten(saved: ReturnType<typeof savedFixture>): string[] {
  const chains = parseSaved(saved);
  return [...new Set(chains.map(({ table }) => table))].flatMap((table) => {
    const own = chains.filter((each) => each.table === table);
    const policy = (base: string | null): string =>
      /policy (\w+);$/.exec(base ?? '')?.[1]?.toUpperCase() ?? '-';
    return [
      `*${table}`,
      ...own.map(({ chain, base }) => `:${chain} ${policy(base)}`),
      ...own.flatMap(({ chain, rules }) => rules.map(({ text }) => `-A ${chain} ${text}`)),
    ];
  });
}

describe('saved tables', () => {
  for (const name of NAMES) {
    it(`of ${name} give every chain, policy and rule, and nothing else`, () => {
      const saved = savedFixture(name);
      const lines = written(saved);
      assert.ok(lines.length > 6);
      assert.deepEqual(new Set(rewritten(saved)), new Set(lines));
      assert.equal(rewritten(saved).length, lines.length);
      for (const { family, tool, rules } of parseSaved(saved)) {
        assert.deepEqual([family, tool], [saved.family, saved.tool]);
        assert.ok(rules.every(({ handle }) => handle === null));
      }
    });
  }

  it('keep the rules of each chain in their order', () => {
    const { text } = savedFixture('redhat.v4');
    const lines = text.split('\n').filter((line) => line.startsWith('-A INPUT '));
    assert.deepEqual(
      inputOf(text).map((rule) => `-A INPUT ${rule}`),
      lines,
    );
  });

  it('name the hooks of their own chains, each with its policy', () => {
    const bases = (name: string): string[][] =>
      parseSaved(savedFixture(name)).map(({ table, chain, base }) => [`${table} ${chain}`, base ?? 'none']);
    const docker = new Map(bases('docker.v4').map(([chain, base]) => [chain, base]));
    assert.equal(docker.get('filter INPUT'), 'type filter hook input priority filter; policy accept;');
    assert.equal(docker.get('filter FORWARD'), 'type filter hook forward priority filter; policy drop;');
    assert.equal(docker.get('filter DOCKER'), 'none');
    assert.equal(docker.get('nat PREROUTING'), 'type nat hook prerouting priority dstnat; policy accept;');
    assert.equal(docker.get('nat DOCKER'), 'none');
    const legacy = new Map(bases('legacy.v4').map(([chain, base]) => [chain, base]));
    assert.equal(legacy.get('raw PREROUTING'), 'type filter hook prerouting priority raw; policy accept;');
    assert.equal(legacy.get('mangle OUTPUT'), 'type route hook output priority mangle; policy accept;');
    assert.equal(legacy.get('filter INPUT'), 'type filter hook input priority filter; policy drop;');
  });

  it('have no chains where iptables-save could not read a table', () => {
    assert.deepEqual(parse("# Table `filter' is incompatible, use 'nft' tool.\n"), []);
  });
});

describe('a rules file', () => {
  it('written by hand has rules where its -I lines put them', () => {
    const text = filter(
      '-A INPUT -j A',
      '-I INPUT -j B',
      '-A INPUT -j C',
      '-I INPUT 3 -j D',
      '-I INPUT 1 -j E',
    );
    assert.deepEqual(inputOf(text), ['-j E', '-j B', '-j A', '-j D', '-j C']);
    assert.deepEqual(inputOf(filter('--append INPUT -j A', '[1:2] --insert INPUT -j B')), ['-j B', '-j A']);
  });

  it('has chains that it only names in -N, -P or -A', () => {
    const text = '*filter\n-N BANS\n-P FORWARD DROP\n-A INPUT -j BANS\n-A say -j DROP\nCOMMIT\n';
    assert.deepEqual(
      parse(text).map(({ chain, base }) => [chain, base === null ? null : /policy (\w+)/.exec(base)?.[1]]),
      [
        ['BANS', null],
        ['FORWARD', 'drop'],
        ['INPUT', 'accept'],
        ['say', null],
      ],
    );
  });

  it('has a rule for each address of a list, in the order that iptables gives them', () => {
    assert.deepEqual(inputOf(filter('-A INPUT -s 1.1.1.1,2.2.2.2 -d 3.3.3.3,4.4.4.4 -j DROP')), [
      '-s 1.1.1.1 -d 3.3.3.3 -j DROP',
      '-s 1.1.1.1 -d 4.4.4.4 -j DROP',
      '-s 2.2.2.2 -d 3.3.3.3 -j DROP',
      '-s 2.2.2.2 -d 4.4.4.4 -j DROP',
    ]);
    assert.deepEqual(inputOf(filter('-I INPUT -s 1.1.1.1,2.2.2.2')), ['-s 2.2.2.2', '-s 1.1.1.1']);
    assert.deepEqual(inputOf(filter('-A INPUT -p tcp -m multiport --dports 20,21')), [
      '-p tcp -m multiport --dports 20,21',
    ]);
  });

  it('has no rules that are for the other family', () => {
    const text = filter('-4 -A INPUT -j A', '-6 -A INPUT -j B', '-A INPUT --ipv6 -j C', '-A INPUT -j D');
    const rules = (family: 'ip' | 'ip6') =>
      parseSaved({ family, tool: 'iptables', text })[0]?.rules.map((rule) => rule.text);
    assert.deepEqual(rules('ip'), ['-j A', '-j D']);
    assert.deepEqual(rules('ip6'), ['-j B', '--ipv6 -j C', '-j D']);
    assert.deepEqual(inputOf(filter('-A INPUT -m comment --comment -6 -j ACCEPT')).length, 1);
  });

  it('means the last of several sections of a table', () => {
    const text =
      '*filter\n:INPUT DROP\n:BANS -\n-A INPUT -j A\nCOMMIT\n*nat\nCOMMIT\n*filter\n-A INPUT -j B\nCOMMIT\n';
    const read = (tool: 'iptables' | 'iptables-legacy') =>
      parseSaved({ family: 'ip', tool, text }).map(({ chain, base, rules }) => [
        chain,
        /policy (\w+)/.exec(base ?? '')?.[1],
        rules.map((rule) => rule.text),
      ]);
    assert.deepEqual(read('iptables'), [['INPUT', 'accept', ['-j B']]]);
    assert.deepEqual(read('iptables-legacy'), [['INPUT', 'drop', ['-j B']]]);
    const thrice = text.replace('*nat', '*filter\n-A INPUT -j C');
    const [input] = parseSaved({ family: 'ip', tool: 'iptables-legacy', text: thrice });
    assert.match(input?.base ?? '', /policy drop/);
  });

  it('is read as far as it can be read', () => {
    assert.deepEqual(inputOf('-A INPUT -j A\n*filter\n:INPUT DROP\n-A INPUT -j B\n-A\nnonsense\n:\n'), [
      '-j B',
    ]);
    assert.deepEqual(inputOf(filter('# -A INPUT -j A', '', '  -A   INPUT\t-j B  ', ' ')), ['-j B']);
    assert.deepEqual(inputOf(filter('[1:2]-A INPUT -j A', '-A INPUT')), ['-j A', '']);
    assert.deepEqual(inputOf('*filter\n-A INPUT -j A\n*nat\n-A INPUT -j B\n'), ['-j A']);
    assert.deepEqual(
      parse('*toString\n:constructor ACCEPT\n-A __proto__ -j A\n').map(({ base }) => base),
      [null, null],
    );
  });

  it('with line ends of Windows has the same chains', () => {
    const { text } = savedFixture('csf.v4');
    assert.deepEqual(parse(text.replaceAll('\n', '\r\n')), parse(text));
  });

  it('have the same rules when they are read word by word, whatever a rule holds', () => {
    const part = fc.constantFrom(
      '-s',
      'a,b',
      '-4',
      '--ipv6',
      '-6',
      '"',
      '\\',
      '-j A',
      '\t',
      ' ',
      '-I',
      '#',
      '[1:1]',
    );
    const line = fc.tuple(
      fc.constantFrom('INPUT', 'x', '-4', 'a"b', ''),
      fc.array(fc.oneof(part, fc.string())),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = (command: string): string =>
          filter(
            ...lines.map(([chain, parts]) => `${command}${chain} ${parts.join(' ').replaceAll('\n', '')}`),
          );
        assert.deepEqual(parse(text('-A ')), parse(text(' -A ')));
      }),
    );
  });

  it('never throws, whatever it holds', () => {
    const noise = fc.oneof(
      fc.string({ unit: 'binary' }),
      savedText(true),
      fc
        .array(
          fc.constantFrom(
            '*filter',
            '\n',
            ':',
            '-A',
            '-I',
            ' ',
            'INPUT',
            '"',
            '\\',
            '0',
            '[1:1]',
            '-s a,b',
            'COMMIT',
          ),
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(noise, (text) => {
        for (const { rules } of parse(text)) {
          for (const rule of rules) assert.equal(rule.text, rule.text.trim());
        }
      }),
    );
  });

  it('are read once, however often they are asked for', () => {
    const saved = { family: 'ip', tool: 'iptables', text: '*filter\n:INPUT DROP [0:0]\nCOMMIT\n' } as const;
    assert.equal(parseSaved(saved), parseSaved(saved));
    assert.notEqual(parseSaved({ ...saved }), parseSaved(saved));
  });
});
