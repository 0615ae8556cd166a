import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { readStore, removeKey, setKey } from '../../src/core/store.ts';
import { refusal } from './refusal.ts';

const FOLDER = new URL('../fixtures/pureftpd/', import.meta.url);
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
const BROKEN = ['local-joined.yaml', 'local-indented.yaml'];
const fixture = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
const RANGE = 'PassivePortRange';
const ADDRESS = 'ForcePassiveIP';

function valuesOf(text: string): Map<string, string | null> {
  const store = readStore(text);
  return store.ok ? new Map(store.values) : assert.fail(`line ${store.line}: ${store.why}`);
}

describe('store', () => {
  it('has its values as text, whatever YAML would make of them', () => {
    assert.deepEqual(
      valuesOf(fixture('local-tuned.yaml')),
      new Map([
        ['MaxClientsPerIP', '30'],
        ['RootPassLogins', 'no'],
        [RANGE, '30000 35000'],
        ['TLSCipherSuite', 'HIGH:MEDIUM:+TLSv1:!SSLv2:+SSLv3'],
        ['LimitRecursion', '50000 12'],
      ]),
    );
    const main = valuesOf(fixture('main.yaml'));
    assert.equal(main.get('Umask'), '133:022');
    assert.equal(main.get('TLS'), '1');
    assert.deepEqual(valuesOf('A: 010\nB: 1.50\nC: yes\nD: 0x1F\nE: 1e3\nF: 2026-01-01\n').get('A'), '010');
    assert.deepEqual(
      [...valuesOf('B: 1.50\nC: yes\nD: 0x1F\nE: 1e3\n').values()],
      ['1.50', 'yes', '0x1F', '1e3'],
    );
  });

  it('has null for ~, null and nothing, but not for a quoted ~', () => {
    assert.equal(valuesOf(fixture('local-plain.yaml')).get(ADDRESS), null);
    const text = "A: ~\nB: null\nC:\nD: # c\nE: Null\nF: '~'\nG: \"null\"\nH: ''\n";
    assert.deepEqual([...valuesOf(text).values()], [null, null, null, null, null, '~', 'null', '']);
  });

  it('is empty when the file has no entries', () => {
    for (const text of ['', '\n', '# nothing\n', '---\n', '--- {}\n', '{}', '--- ~\n', '\uFEFF']) {
      assert.deepEqual(
        readStore(text),
        { ok: true, values: new Map(), duplicates: [] },
        JSON.stringify(text),
      );
    }
  });

  it('is read behind a byte order mark, with CRLF and without a last newline', () => {
    assert.deepEqual(
      valuesOf(fixture('local-windows.yaml')),
      new Map([
        ['MaxClientsPerIP', '30'],
        [ADDRESS, '203.0.113.9'],
        ['RootPassLogins', 'no'],
      ]),
    );
  });

  it('names each key that occurs more than once, and the last value counts', () => {
    const store = readStore(fixture('local-twice.yaml'));
    assert.ok(store.ok);
    assert.deepEqual(store.duplicates, [ADDRESS, RANGE]);
    assert.deepEqual(
      [...store.values],
      [
        ['MaxClientsPerIP', '30'],
        [ADDRESS, '203.0.113.10'],
        [RANGE, '50000 51000'],
      ],
    );
  });

  it('that is broken is refused with the line and a clause', () => {
    const noLines = 'the file is not made of "Key: value" lines';
    const noValue = 'the entry has a list, a mapping or a reference where one value belongs';
    const broken: [string, number, string][] = [
      [fixture('local-joined.yaml'), 2, 'two entries run together, or the next line is indented'],
      [fixture('local-indented.yaml'), 1, 'two entries run together, or the next line is indented'],
      ['  B: 2\nA: 1\n', 2, 'the line is not indented like the ones above it'],
      ['A: 1\nB\n', 2, 'a colon or a closing quote is missing'],
      ['A: 1\nB: "x\n', 2, 'a colon or a closing quote is missing'],
      ['\tA: 1\n', 1, 'the line begins with a tab'],
      ['A: 1\n---\nB: 2\n', 2, 'a second YAML document begins here'],
      ['A: 1\nB: @x\n', 2, 'the line is not valid YAML'],
      ['# text\nA 1\n', 2, noLines],
      ['- A\n', 1, noLines],
      ['A: 1\nB: [1, 2]\n', 2, noValue],
      ['A: 1\nB:\n  - 1\n', 2, noValue],
      ['A:\n  B: 1\n', 1, noValue],
      ['A: &x 1\nB: *x\n', 2, noValue],
    ];
    for (const [text, line, why] of broken) assert.deepEqual(readStore(text), { ok: false, line, why }, text);
  });
});

describe('store entry', () => {
  it('is replaced where it stands', () => {
    assert.equal(
      setKey(fixture('local-tuned.yaml'), RANGE, '50000 51000'),
      fixture('local-tuned.yaml').replace('30000 35000', '50000 51000'),
    );
    assert.equal(setKey(fixture('local-nat.yaml'), ADDRESS, null), fixture('local-plain.yaml'));
    assert.equal(setKey(fixture('local-plain.yaml'), ADDRESS, '203.0.113.0'), fixture('local-nat.yaml'));
  });

  it('replaces the first of several, and the others go', () => {
    const once = setKey(fixture('local-twice.yaml'), RANGE, '40000 41000');
    assert.equal(
      once,
      'MaxClientsPerIP: 30\nForcePassiveIP: 203.0.113.9\nPassivePortRange: 40000 41000\n# second try\nForcePassiveIP: 203.0.113.10\n',
    );
    assert.equal(
      setKey(once, ADDRESS, '203.0.113.9'),
      'MaxClientsPerIP: 30\nForcePassiveIP: 203.0.113.9\nPassivePortRange: 40000 41000\n# second try\n',
    );
  });

  it('is added at the end, on a line of its own with the line end of the file', () => {
    assert.equal(setKey('', RANGE, '1 2'), `${RANGE}: 1 2\n`);
    assert.equal(setKey('# c', RANGE, '1 2'), `# c\n${RANGE}: 1 2\n`);
    assert.equal(setKey('A: 1', RANGE, null), `A: 1\n${RANGE}: ~\n`);
    assert.equal(setKey('---\nA: 1\n', RANGE, '1 2'), `---\nA: 1\n${RANGE}: 1 2\n`);
    const windows = fixture('local-windows.yaml');
    assert.equal(setKey(windows, RANGE, '1 2'), `${windows}\r\n${RANGE}: 1 2\r\n`);
  });

  it('is added with the indentation that all entries have', () => {
    assert.equal(setKey('  A: 1\n  B: 2\n', RANGE, '1 2'), `  A: 1\n  B: 2\n  ${RANGE}: 1 2\n`);
  });

  it('takes the place of the braces of an empty hash', () => {
    assert.equal(setKey(fixture('local-empty.yaml'), RANGE, '1 2'), `---\n${RANGE}: 1 2\n`);
    assert.equal(setKey('# c\n{} # none\n', RANGE, '1 2'), `# c\n${RANGE}: 1 2 # none\n`);
    assert.equal(setKey('\uFEFF\n\n{}', RANGE, '1 2'), `\uFEFF\n\n${RANGE}: 1 2`);
    assert.equal(setKey('\uFEFF{}\n', RANGE, '1 2'), `\uFEFF${RANGE}: 1 2\n`);
  });

  it('keeps the comment behind it', () => {
    const windows = fixture('local-windows.yaml');
    assert.equal(setKey(windows, ADDRESS, null), windows.replace('203.0.113.9', '~'));
    assert.equal(setKey('A: # none\nB: 1\n', 'A', '1 2'), 'A: 1 2 # none\nB: 1\n');
    assert.equal(setKey("A: 'x' # c\n", 'A', '1 2'), 'A: 1 2 # c\n');
  });

  it('replaces all lines of a long value', () => {
    assert.equal(setKey('A: |\n  x\n  y\nB: 1\n', 'A', '1 2'), 'A: 1 2\nB: 1\n');
    assert.equal(setKey('A: x\n  y\nB: 1', 'A', 'x y'), 'A: x y\nB: 1');
    assert.equal(setKey('A:\n  x\nB: 1\n', 'A', null), 'A: ~\nB: 1\n');
  });

  it('that says the same already is left as it is written', () => {
    for (const text of ['A: 1 2\n', "A: '1 2'\n", 'A:   "1 2" # c\r\n', '\uFEFFA: 1 2']) {
      assert.equal(setKey(text, 'A', '1 2'), text);
    }
    assert.equal(setKey('A: ~ # c', 'A', null), 'A: ~ # c');
  });

  it('that is undefined in another way becomes the documented ~', () => {
    for (const text of ['A:\n', 'A: null\n', 'A: NULL\n', 'A:   ~\n'])
      assert.equal(setKey(text, 'A', null), 'A: ~\n');
  });

  it('is refused when the store is broken', () => {
    const message = 'Line 2 of the store is broken: two entries run together, or the next line is indented.';
    assert.throws(() => setKey(fixture('local-joined.yaml'), RANGE, '1 2'), refusal(message));
    assert.throws(() => removeKey(fixture('local-joined.yaml'), RANGE), refusal(message));
  });

  it('is refused when reading back would not give exactly the values that were meant', () => {
    const message = 'A cannot be changed in this store: write every entry as one "Key: value" line.';
    const stores = ['{B: 2}\n', 'B: 1\n...\n', '? A\n: 1\n', '? B\n: 1\n? A\n: 2\n'];
    for (const text of stores) assert.throws(() => setKey(text, 'A', '1 2'), refusal(message), text);
    for (const value of ['1 # 2', 'x\nB: 1', 'a: b', '~', '', ' 1', "'x'", '[1]', '@x', 'null']) {
      assert.throws(() => setKey('C: 1\n', 'A', value), refusal(message), value);
    }
  });

  it('is taken out with its line, wherever and however often it stands', () => {
    assert.equal(removeKey('A: 1\nB: 2 # c\r\nC: 3\nB: 4', 'B'), 'A: 1\nC: 3\n');
    assert.equal(removeKey('\uFEFFA: 1\nB: 1\n', 'A'), '\uFEFFB: 1\n');
    assert.equal(removeKey('A: |\n  x\nB: 1\n', 'A'), 'B: 1\n');
    assert.equal(removeKey('A: 1', 'A'), '');
    assert.equal(removeKey('{A: 1}\n', 'A'), '');
    assert.throws(
      () => removeKey('{A: 1, B: 2}\n', 'A'),
      refusal('A cannot be changed in this store: write every entry as one "Key: value" line.'),
    );
  });

  it('that is not there is taken out without a change', () => {
    for (const name of NAMES.filter((each) => !BROKEN.includes(each))) {
      assert.equal(removeKey(fixture(name), 'Absent'), fixture(name), name);
    }
  });
});

describe('store edit', () => {
  const value = fc.constantFrom<string | null>('49152 65534', '203.0.113.10', '1', 'ftp.example.com', null);
  const written = fc.constantFrom(
    '1',
    '49152 65534',
    "'no'",
    '"a:b # c"',
    'x\u00A0',
    '~',
    '',
    '|\n  x\n  y',
    'x\n  y',
    'null',
  );
  const key = fc.constantFrom(RANGE, ADDRESS, 'TLS', 'Umask');
  const tail = fc.constantFrom('', '  ', ' # a comment: here', '\n# PassivePortRange: 1 2', '\n');
  const entry = fc
    .tuple(key, written, tail)
    .map(([name, text, rest]) => `${name}: ${text}${text.includes('|') ? '' : rest}`.replace(/: $/, ':'));
  const store = fc
    .record({
      head: fc.constantFrom('', '\uFEFF', '---\n', '# head\n', '\n\n'),
      entries: fc.array(entry, { maxLength: 7 }),
      eol: fc.constantFrom('\n', '\r\n'),
      last: fc.boolean(),
    })
    .map(({ head, entries, eol, last }) =>
      (head + entries.join('\n') + (last ? '\n' : '')).replaceAll('\n', eol),
    )
    .filter((text) => readStore(text).ok);

  it('reads back as what was meant, and a second time changes nothing', () => {
    fc.assert(
      fc.property(store, key, value, (text, name, wanted) => {
        const after = setKey(text, name, wanted);
        const expected = valuesOf(text).set(name, wanted);
        assert.deepEqual(new Map([...valuesOf(after)].sort()), new Map([...expected].sort()));
        assert.equal(setKey(after, name, wanted), after);
        const again = readStore(after);
        assert.ok(again.ok && !again.duplicates.includes(name));
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps every line that is not of the key, byte for byte', () => {
    const mark = /^\uFEFF/;
    const others = (text: string, name: string): string => {
      let own = false;
      const isForeign = (line: string): boolean => {
        const entered = /^(\w+):/.exec(line)?.[1];
        if (entered !== undefined) own = entered === name;
        else if (!line.startsWith('  ')) own = false;
        return !own;
      };
      const lines = text.replace(mark, '').split(/(?<=\n)/);
      return lines.filter(isForeign).join('');
    };
    fc.assert(
      fc.property(store, key, value, (text, name, wanted) => {
        const edited = setKey(text, name, wanted);
        const [before, after] = [others(text, name), others(edited, name)];
        assert.equal(mark.test(edited), mark.test(text));
        if (after !== before) assert.match(after.slice(before.length), /^\r?\n$/);
        assert.ok(after.startsWith(before));
      }),
      { numRuns: 1000 },
    );
  });

  it('is undone by removal when the key was new', () => {
    fc.assert(
      fc.property(store, value, (text, wanted) => {
        fc.pre(text === '' || text.endsWith('\n'));
        assert.equal(removeKey(setKey(text, 'New', wanted), 'New'), text);
      }),
    );
  });

  it('works on every fixture that is not broken', () => {
    for (const name of NAMES.filter((each) => !BROKEN.includes(each))) {
      const text = fixture(name);
      const after = setKey(setKey(text, RANGE, '50000 51000'), ADDRESS, null);
      assert.deepEqual(
        [...valuesOf(after)].sort(),
        [...valuesOf(text).set(RANGE, '50000 51000').set(ADDRESS, null)].sort(),
      );
    }
  });
});
