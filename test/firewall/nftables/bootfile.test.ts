import assert from 'node:assert/strict';
import fc from 'fast-check';
import { unifiedDiff } from '../../../src/core/diff.ts';
import {
  findChains,
  markedRules,
  placeRule,
  removeRules,
  type RulePlace,
} from '../../../src/firewall/nftables/bootfile.ts';
import {
  fixture,
  INPUT,
  isOurs,
  MARK,
  nameOf,
  NAMES,
  place,
  placesOf,
  RULE,
  rulesByChain,
} from './bootfiles.ts';

const added = (text: string, where: RulePlace): string[] =>
  unifiedDiff('/f', text, place(text, where))
    .split('\n')
    .filter((line) => /^[+-](?![+-])/.test(line));

describe('boot file chains', () => {
  it('gives the body of each block and the rules as they are written', () => {
    const text = 'table inet filter {\n\tchain INPUT { # in }\n\t\tpolicy drop; iif lo accept;\n\t}\n}\n';
    const [chain, ...others] = findChains(text);
    assert.ok(chain);
    assert.deepEqual(others, []);
    assert.equal(text.slice(chain.start, chain.end), ' # in }\n\t\tpolicy drop; iif lo accept;\n\t');
    assert.deepEqual(chain.rules, [{ start: 57, end: 70, text: 'iif lo accept' }]);
    assert.equal(text.slice(57, 70), 'iif lo accept');
  });

  it('names the family ip when the table has none', () => {
    assert.deepEqual(findChains(fixture('two-families.nft')).map(nameOf), [
      'ip filter INPUT',
      'ip6 filter INPUT',
    ]);
  });

  it('gives each block of a chain that is written in several', () => {
    const blocks = findChains(fixture('blocks.nft')).filter((chain) => nameOf(chain) === nameOf(INPUT));
    assert.deepEqual(
      blocks.map((block) => block.rules.map((rule) => rule.text)),
      [[], ['iif lo accept'], ['tcp dport @s accept', 'ct state established accept'], ['drop']],
    );
  });

  it('keeps braces over several lines, continued lines and quoted braces in one rule', () => {
    const rules = rulesByChain(fixture('sets.nft')).get(nameOf(INPUT)) ?? [];
    assert.equal(rules.length, 10);
    assert.equal(rules[2], 'ip saddr @banned counter packets 0 bytes 0 drop comment "banned; see wiki } {"');
    assert.match(
      rules[3] ?? '',
      /^ip saddr \$admins\\\n\t\t\ttcp dport \{ 22,\n.*2087 \} \\\n\t\t\taccept comment "admins"$/,
    );
  });

  it('does not take chains of comments, of quotes and of blocks that stay open', () => {
    assert.deepEqual(
      findChains('# table ip a { chain b { drop } }\ndefine x = "table ip a { chain b { } }"\n'),
      [],
    );
    assert.deepEqual(findChains('table ip a { chain b { drop\n'), []);
    assert.deepEqual(findChains('table ip a\ndelete table ip a\nadd rule ip a b drop\n'), []);
  });
});

describe('boot file rule', () => {
  it('stands on a line of its own, indented like its neighbours', () => {
    assert.deepEqual(added(fixture('cpanel.nft'), { ...INPUT, before: 2 }), [`+\t\t${RULE}`]);
    assert.deepEqual(added(fixture('cpanel.nft'), { ...INPUT, before: null }), [`+\t\t${RULE}`]);
    assert.deepEqual(added(fixture('redhat.nft'), { ...INPUT, chain: 'input', before: 3 }), [
      `+        ${RULE}`,
    ]);
    assert.deepEqual(added(fixture('two-families.nft'), { ...INPUT, family: 'ip', before: null }), [
      `+    ${RULE}`,
    ]);
  });

  it('goes into a chain without rules, below its hook', () => {
    const text = place(fixture('debian.nft'), { ...INPUT, chain: 'input', before: null });
    assert.ok(text.includes(`hook input priority filter;\n\t\t${RULE}\n\t}\n`));
  });

  it('goes into a body that says nothing, with one tab more than its brace', () => {
    const where = { family: 'ip', table: 'a', chain: 'b', before: null };
    assert.equal(
      place('table a {\n  chain b {\n  }\n}\n', where),
      `table a {\n  chain b {\n  \t${RULE}\n  }\n}\n`,
    );
    assert.equal(place('table a { chain b {}; }', where), `table a { chain b {${RULE}; }; }`);
    assert.equal(
      place('table a { chain b { policy drop } }', where),
      `table a { chain b { policy drop; ${RULE} } }`,
    );
  });

  it('stands beside its neighbours where they share a line', () => {
    const one = 'table a { chain b { policy drop; iif lo accept; drop; }; }';
    const where = { family: 'ip', table: 'a', chain: 'b' };
    assert.equal(place(one, { ...where, before: 1 }), one.replace('drop; }', `${RULE}; drop; }`));
    assert.equal(place(one, { ...where, before: null }), one.replace('drop; }', `drop; ${RULE}; }`));
    const open = 'table a { chain b { iif lo accept } }';
    assert.equal(place(open, { ...where, before: null }), open.replace('accept', `accept; ${RULE}`));
  });

  it('stands below the comment behind the last rule', () => {
    const text = 'table a {\n\tchain b {\n\t\taccept; # all\n\t}\n}\n';
    const after = place(text, { family: 'ip', table: 'a', chain: 'b', before: null });
    assert.equal(after, text.replace('# all\n', `# all\n\t\t${RULE}\n`));
  });

  it("ends with the file's own line ending", () => {
    const text = 'table a {\r\n\tchain b {\r\n\t\taccept\r\n\t}\r\n}\r\n';
    const where = { family: 'ip', table: 'a', chain: 'b' };
    assert.equal(
      place(text, { ...where, before: 0 }),
      text.replace('\t\taccept', `\t\t${RULE}\r\n\t\taccept`),
    );
    assert.equal(
      place(text, { ...where, before: null }),
      text.replace('accept\r\n', `accept\r\n\t\t${RULE}\r\n`),
    );
  });

  it('has no place in a chain or before a rule that the text does not show', () => {
    const text = fixture('cpanel.nft');
    assert.equal(placeRule(text, { ...INPUT, chain: 'input', before: null }, RULE), null);
    assert.equal(placeRule(text, { ...INPUT, family: 'ip', before: 0 }, RULE), null);
    assert.equal(placeRule(text, { ...INPUT, table: 'other', before: null }, RULE), null);
    assert.equal(placeRule(text, { ...INPUT, before: 3 }, RULE), null);
    assert.equal(placeRule('add table ip a\nadd chain ip a b\n', { ...INPUT, before: null }, RULE), null);
  });

  it('is found by its own mark, not by the mark on an element of a set', () => {
    const text = fixture('sets.nft');
    assert.deepEqual(markedRules(text, MARK), []);
    const [marked, ...others] = markedRules(place(text, { ...INPUT, before: 4 }), MARK);
    assert.deepEqual(others, []);
    assert.ok(marked);
    assert.deepEqual([nameOf(marked), marked.text], ['inet filter INPUT', RULE]);
    const inSet = `table a { chain b { ip saddr { 192.0.2.1 comment "${MARK}" } drop; }; }`;
    assert.deepEqual(markedRules(inSet, MARK), []);
    assert.deepEqual(markedRules('table a { chain b { accept comment "ftp-passive"; }; }', MARK), []);
  });
});

describe('boot file removal', () => {
  const without = (body: string): string =>
    removeRules(`table a { chain b {${body}} }`, isOurs).slice(19, -3);

  it('takes the whole line of a rule that is alone on it', () => {
    assert.equal(without(`\n\tdrop\n\t${RULE};  \n\taccept\n`), '\n\tdrop\n\taccept\n');
  });

  it('takes one semicolon with a rule that shares its line', () => {
    assert.equal(without(` drop; ${RULE}; accept; `), ' drop; accept; ');
    assert.equal(without(` drop; ${RULE}\n`), ' drop\n');
    assert.equal(without(` ${RULE}; ${RULE};\n`), ' \n');
  });

  it('keeps a comment that stands behind the rule', () => {
    assert.equal(without(`\n\t${RULE} # why\n`), '\n\t # why\n');
  });

  it('changes nothing when no rule is meant', () => {
    for (const name of NAMES) assert.equal(removeRules(fixture(name), isOurs), fixture(name));
  });

  it('gives back the very bytes that every place in every fixture had', () => {
    for (const name of NAMES) {
      const text = fixture(name);
      for (const where of placesOf(text)) assert.equal(removeRules(place(text, where), isOurs), text);
    }
  });

  it('gives back the very bytes of any script, and the rule was where it was asked for', () => {
    const statement = fc.constantFrom(
      'type filter hook input priority 0',
      'policy drop',
      'comment "x; } { #"',
      'tcp dport 22 accept',
      'tcp dport { 21, # ftp }\n 22 } accept',
      'ip saddr 192.0.2.1 \\\n\t drop',
      'iif lo\\\n accept',
      'accept comment "a\nb"',
      'drop',
    );
    const between = fc.constantFrom(
      '\n\t',
      ';',
      '; ',
      ' ;\n',
      '; \\\n ',
      '\n\n # c } ;\n  ',
      ' # "\n',
      ';;\n\t\t',
    );
    const end = fc.constantFrom('', ' ', '\n', ';', '; ', '\n\t', '; # }\n ', ' \\\n', '; \\\n ');
    const body = fc.tuple(between, fc.array(fc.tuple(statement, between)), statement, end);
    const chain = fc.record({ name: fc.constantFrom('a', 'b'), body: fc.option(body), end, gap: between });
    const script = fc
      .record({ chains: fc.array(chain, { minLength: 1, maxLength: 4 }), eol: fc.constantFrom('\n', '\r\n') })
      .map(({ chains, eol }) => {
        const blocks = chains.map(
          (each) => `chain ${each.name} {${each.body?.flat(3).join('') ?? ''}${each.end}}${each.gap}`,
        );
        return `table inet t {\n${blocks.join('')}}\n`.replaceAll('\n', eol);
      });
    fc.assert(
      fc.property(script, (text) => {
        const places = placesOf(text);
        assert.ok(places.length > 0);
        for (const where of places) {
          const after = place(text, where);
          const expected = rulesByChain(text);
          const rules = expected.get(nameOf(where)) ?? [];
          rules.splice(where.before ?? rules.length, 0, RULE);
          assert.deepEqual(rulesByChain(after), expected);
          assert.equal(removeRules(after, isOurs), text);
        }
      }),
      { numRuns: 500 },
    );
  });
});
