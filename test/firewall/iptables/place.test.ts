import assert from 'node:assert/strict';
import fc from 'fast-check';
import { unifiedDiff } from '../../../src/core/diff.ts';
import { parseSaved, placeByNumber, placeRule, removeRules } from '../../../src/firewall/iptables/saved.ts';
import { samePlace, type Place } from '../../../src/firewall/ruleset.ts';
import {
  COMMENT,
  filter,
  fixture,
  INPUT,
  inputOf,
  NAMES,
  place,
  RULE,
  savedFixture,
  savedText,
  somewhere,
} from './texts.ts';

const added = (before: string, after: string): string[] =>
  unifiedDiff('/f', before, after)
    .split('\n')
    .filter((line) => /^(?:\+(?!\+\+)|-(?!--))/.test(line));

const remove = (text: string, rule = RULE): string => removeRules(text, 'filter', 'INPUT', rule);

describe('a rule in a saved text', () => {
  it('is one line more, directly before the rule that decides', () => {
    const text = fixture('redhat.v4');
    const after = place(text, 5);
    assert.equal(after, text.replace('-A INPUT -j REJECT', `-A INPUT ${RULE}\n-A INPUT -j REJECT`));
    assert.ok(place(text, 0).includes(`:OUTPUT ACCEPT [0:0]\n-A INPUT ${RULE}\n-A INPUT -m state`));
  });

  it('stands behind the last rule of its chain, or before COMMIT where the chain has none', () => {
    const text = fixture('csf.v4');
    assert.ok(place(text, null).includes(`-A INPUT ! -i lo -j LOGDROPIN\n-A INPUT ${RULE}\n-A OUTPUT`));
    const forward = place(text, null, { ...INPUT, chain: 'FORWARD' });
    assert.ok(forward.includes(`icmp-port-unreachable\n-A FORWARD ${RULE}\nCOMMIT\n`));
  });

  it('goes into a chain that the table has by itself, though the text does not name it', () => {
    const text = '*filter\n-A FORWARD -j DROP\nCOMMIT\n';
    assert.equal(place(text, null), text.replace('COMMIT', `-A INPUT ${RULE}\nCOMMIT`));
  });

  it('leaves counters, comments and blank lines where they are', () => {
    const counted = fixture('counters.v4');
    assert.deepEqual(added(counted, place(counted, 2)), [`+-A INPUT ${RULE}`]);
    const text = filter('# people', '-A INPUT -j A', '', '# last', '-A INPUT -j B', '# end');
    assert.equal(place(text, 1), text.replace('-A INPUT -j B', `-A INPUT ${RULE}\n-A INPUT -j B`));
    assert.equal(place(text, null), text.replace('# end', `-A INPUT ${RULE}\n# end`));
  });

  it('ends its line as its neighbour does', () => {
    const text = fixture('redhat.v4').replaceAll('\n', '\r\n');
    assert.equal(
      place(text, 5),
      text.replace('-A INPUT -j REJECT', `-A INPUT ${RULE}\r\n-A INPUT -j REJECT`),
    );
    assert.equal(place('*filter\n-A INPUT -j A', null), `*filter\n-A INPUT -j A\n-A INPUT ${RULE}`);
  });

  it('stands in the section that is in force', () => {
    const text = filter('-A INPUT -j A') + filter('-A INPUT -j B');
    assert.equal(place(text, 0), filter('-A INPUT -j A') + filter(`-A INPUT ${RULE}`, '-A INPUT -j B'));
  });

  it('is put in by number where lines do not stand in the order of the rules', () => {
    const text = filter('-A INPUT -j A', '-I INPUT -j B', '-A INPUT -j C');
    assert.equal(place(text, 1), text.replace('COMMIT', `-I INPUT 2 ${RULE}\nCOMMIT`));
    assert.deepEqual(inputOf(place(text, 1)), ['-j B', RULE, '-j A', '-j C']);
    assert.equal(place(text, null), text.replace('COMMIT', `-A INPUT ${RULE}\nCOMMIT`));
    const list = filter('-A INPUT -s 1.1.1.1,2.2.2.2 -j DROP', '-A INPUT -j C');
    assert.equal(place(list, 1), list.replace('COMMIT', `-I INPUT 2 ${RULE}\nCOMMIT`));
    assert.equal(place(list, 2), list.replace('-A INPUT -j C', `-A INPUT ${RULE}\n-A INPUT -j C`));
  });

  it('has no place where there is no such table, chain or rule', () => {
    const text = fixture('redhat.v4');
    assert.equal(placeRule(text, { ...INPUT, table: 'mangle' }, null, RULE), null);
    assert.equal(placeRule(text, { ...INPUT, chain: 'BANS' }, null, RULE), null);
    assert.equal(placeRule(text, INPUT, 6, RULE), null);
    assert.equal(placeRule('', INPUT, null, RULE), null);
  });

  it('has no sure place among lines that are not understood, but one by number', () => {
    for (const line of ['-D INPUT 1', '-F', '-R INPUT 1 -j X', '-p tcp -A INPUT', '-A', ':INPUT ACCEPT']) {
      const text = filter('-A INPUT -j A', line, '-A INPUT -j B');
      assert.equal(placeRule(text, INPUT, 0, RULE), null, line);
      assert.equal(placeByNumber(text, INPUT, 0, RULE), text.replace('COMMIT', `-I INPUT 1 ${RULE}\nCOMMIT`));
    }
    assert.equal(placeByNumber(filter(), { ...INPUT, chain: 'BANS' }, 0, RULE), null);
    assert.equal(placeByNumber(filter(), { ...INPUT, table: 'raw' }, 0, RULE), null);
  });

  it('is the one that a parse finds at its place, in any text', () => {
    fc.assert(
      fc.property(savedText(true), somewhere, fc.option(fc.nat(8)), (text, where, before) => {
        const after = placeRule(text, where, before, RULE);
        const old = rulesAt(text, where);
        if (after === null) assert.ok(old === null || (before !== null && before >= old.length));
        else assert.deepEqual(rulesAt(after, where), (old ?? []).toSpliced(before ?? Infinity, 0, RULE));
      }),
      { numRuns: 400 },
    );
  });
});

/** The rules of a chain; null where a text of the tests has none and none comes with the table. */
function rulesAt(text: string, where: Place): string[] | null {
  const family = where.family === 'ip6' ? 'ip6' : 'ip';
  const chains = parseSaved({ family, tool: 'iptables', text });
  const found = chains.find((each) => samePlace(each, where))?.rules.map((rule) => rule.text);
  const table = chains.some((each) => each.table === where.table);
  return found ?? (table && where.chain === 'OUTPUT' ? [] : null);
}

describe('a rule that is taken out of a saved text', () => {
  it('leaves every other byte, wherever it was put in', () => {
    for (const name of NAMES) {
      const saved = savedFixture(name);
      const text = saved.text.replaceAll(/^.*ftp-passive:managed".*\n/gm, '');
      const chains = parseSaved({ ...saved, text });
      assert.ok(chains.length > 2);
      for (const where of chains) {
        for (const before of [...where.rules.keys(), null]) {
          const after = place(text, before, where);
          assert.equal(after.length, text.length + `-A ${where.chain} ${RULE}\n`.length);
          assert.equal(removeRules(after, where.table, where.chain, RULE), text);
        }
      }
    }
  });

  it('leaves every other byte, in any text', () => {
    fc.assert(
      fc.property(savedText(true), somewhere, fc.option(fc.nat(8)), (text, where, before) => {
        for (const after of [
          placeRule(text, where, before, RULE),
          placeByNumber(text, where, before, RULE),
        ]) {
          if (after !== null) assert.equal(removeRules(after, where.table, where.chain, RULE), text);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('is known without its quotes, with other blanks, with counters and without -m tcp', () => {
    const kept = ['-A INPUT -j A', '-A INPUT -j B'];
    for (const line of [
      '[5:300] -A INPUT -p tcp --dport 49152:65534 -m comment --comment ftp-passive:managed -j ACCEPT',
      `  -A  INPUT ${RULE.replaceAll(' ', '  ')} `,
      `-I INPUT ${RULE}`,
      `--insert INPUT 2 ${RULE}`,
    ]) {
      assert.equal(remove(filter('-A INPUT -j A', line, '-A INPUT -j B')), filter(...kept), line);
    }
  });

  it('takes no other rule with it', () => {
    const others = [
      `-A FORWARD ${RULE}`,
      `-A INPUT ${RULE.replace('49152', '49153')}`,
      `-A INPUT -s 1.2.3.4/32 ${RULE}`,
      `-A INPUT ${RULE.replace(COMMENT, '')}`,
      `# -A INPUT ${RULE}`,
      '-A INPUT -j DROP',
    ];
    assert.equal(remove(filter(...others)), filter(...others));
    const nat = filter(`-A INPUT ${RULE}`).replace('*filter', '*nat');
    assert.equal(remove(nat), nat);
  });

  it('goes from every line and section that holds it', () => {
    const text = filter('-A INPUT -j A', `-A INPUT ${RULE}`) + filter(`-A INPUT ${RULE}`, `-A INPUT ${RULE}`);
    assert.equal(remove(text), filter('-A INPUT -j A') + filter());
  });

  it('lowers the numbers that counted it, so that the others keep their order', () => {
    const text = filter(
      '-A INPUT -j A',
      `-A INPUT ${RULE}`,
      '-A INPUT -j B',
      '-I INPUT 3 -j C',
      '-I INPUT -j D',
      '-I INPUT 2 -j E',
      '[7:8] -I INPUT 11 -j F',
      '-I FORWARD 9 -j G',
    );
    const after = filter(
      '-A INPUT -j A',
      '-A INPUT -j B',
      '-I INPUT 2 -j C',
      '-I INPUT -j D',
      '-I INPUT 2 -j E',
      '[7:8] -I INPUT 10 -j F',
      '-I FORWARD 9 -j G',
    );
    assert.equal(remove(text), after);
    assert.deepEqual(
      inputOf(after),
      inputOf(text).filter((each) => each !== RULE),
    );
  });

  it('counts a list of addresses as a rule each when it lowers numbers', () => {
    const lines = ['-I INPUT 1 -s 1.1.1.1,2.2.2.2 -j C', '-I INPUT 4 -j D', '-I INPUT 6 -j E'];
    const text = filter('-A INPUT -j A', `-A INPUT ${RULE}`, ...lines);
    assert.equal(remove(text), filter('-A INPUT -j A', ...lines).replace('INPUT 6', 'INPUT 5'));
  });

  it('lowers no number where it is not known which rules a number counts', () => {
    const lines = ['-A INPUT -j A', '-A INPUT -j B', '-F INPUT', '-A INPUT -j C'];
    const text = filter(...lines, `-A INPUT ${RULE}`, '-I INPUT 5 -j D');
    assert.equal(remove(text), filter(...lines, '-I INPUT 5 -j D'));
  });

  it('leaves the order of all others, in any text that people went on writing', () => {
    const more = fc.array(fc.tuple(fc.nat(12), fc.constantFrom('C', 'D', RULE)), { maxLength: 6 });
    fc.assert(
      fc.property(fc.nat(3), more, (start, inserted) => {
        const lines = Array.from({ length: start }, (_, index) => `-A INPUT -j K${index}`);
        inserted.forEach(([number, target], index) => {
          const rule = target === RULE ? RULE : `-j ${target}${index}`;
          lines.push(`-I INPUT ${1 + (number % (lines.length + 1))} ${rule}`);
        });
        const text = filter(...lines);
        assert.deepEqual(
          inputOf(remove(text)),
          inputOf(text).filter((each) => each !== RULE),
        );
      }),
    );
  });
});
