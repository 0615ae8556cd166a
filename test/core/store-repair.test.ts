import assert from 'node:assert/strict';
import fc from 'fast-check';
import { repairStore } from '../../src/core/store-repair.ts';
import { readStore } from '../../src/core/store.ts';

const KEYS = ['PassivePortRange', 'ForcePassiveIP'];
const repaired = (text: string): string | undefined => repairStore(text, KEYS)?.text;

describe('a repaired store', () => {
  it('is as it was when nothing is wrong', () => {
    for (const text of ['', '# c\n', '---\nA: 1\n', "A: 'x' # c\nB: |\n  x: 1\n  y\n", 'A: x\n  y\n', '{}']) {
      const repair = repairStore(text, KEYS);
      assert.deepEqual(repair, { text, windows: false, indented: false, broken: null }, text);
    }
  });

  it('has Unix line ends and no byte order mark', () => {
    assert.deepEqual(repairStore('\uFEFF# c\r\nA: 1\r\n', KEYS), {
      text: '# c\nA: 1\n',
      windows: true,
      indented: false,
      broken: null,
    });
  });

  it('begins its entries at the margin', () => {
    assert.deepEqual(repairStore('# c\n  A: 1\n  # d\n  B: 2\n', KEYS), {
      text: '# c\nA: 1\n  # d\nB: 2\n',
      windows: false,
      indented: true,
      broken: null,
    });
    assert.equal(repaired('A: 1\n  B: 2\n\tC: 3\n'), 'A: 1\nB: 2\nC: 3\n');
    assert.equal(repaired('A:\n  B: 1\n'), 'A:\nB: 1\n');
  });

  it('parts entries that run together, at the keys that are known', () => {
    assert.equal(
      repaired('ForcePassiveIP: 203.0.113.10PassivePortRange: 49152 65534\n'),
      'ForcePassiveIP: 203.0.113.10\nPassivePortRange: 49152 65534\n',
    );
    assert.equal(
      repaired('A: 1 ForcePassiveIP: ~ PassivePortRange: 1 2'),
      'A: 1\nForcePassiveIP: ~\nPassivePortRange: 1 2',
    );
    assert.equal(
      repaired('# old: 1 ForcePassiveIP: ~\nA: 1\nB\n'),
      '# old: 1 ForcePassiveIP: ~\nA: 1\n# B\n',
    );
  });

  it('keeps every line that can be read, and the others as comments', () => {
    const rows: [string, string][] = [
      ['A: 1\nB\nC: 2\n', 'A: 1\n# B\nC: 2\n'],
      ['A: 1\nB: "x\nC: 3\n# d\n', 'A: 1\n# B: "x\nC: 3\n# d\n'],
      ['A: 1\n---\nB: 2\n', 'A: 1\n# ---\nB: 2\n'],
      ['A: 1\nB: [1]\nC: @x\nD: 3', 'A: 1\n# B: [1]\n# C: @x\nD: 3'],
      ['A: x: y\nB: 1\n', '# A: x: y\nB: 1\n'],
      ['A: 1\nB:\n  - 1\n  - 2\nC: 3\n', 'A: 1\nB:\n#   - 1\n#   - 2\nC: 3\n'],
    ];
    for (const [text, after] of rows) assert.equal(repaired(text), after, text);
  });

  it('says why it could not be read', () => {
    assert.deepEqual(repairStore('A: 1\nB\n', KEYS)?.broken, {
      ok: false,
      line: 2,
      why: 'a colon or a closing quote is missing',
    });
  });

  it('is none when no entry is left', () => {
    for (const text of ['- A\n', 'text\n', '[1, 2]\n', '"A: 1\n'])
      assert.equal(repairStore(text, KEYS), null, text);
  });

  it('can be read, holds every word that was there, and needs no second repair, whatever it was made of', () => {
    const line = fc.constantFrom(
      'A: 1',
      '  B: 2 # two',
      '\tC: 3',
      'D',
      'E: "x',
      "F: 'x'",
      'G: [1]',
      '---',
      '# c',
      '',
      'H: 1ForcePassiveIP: ~',
      'I: x: y',
      '- J',
      'K: @',
    );
    const text = fc
      .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '\uFEFF'))
      .map(([lines, eol, mark]) => mark + lines.join(eol));
    const words = (each: string): string[] =>
      each
        .replace('\uFEFF', '')
        .replaceAll('ForcePassiveIP', ' ForcePassiveIP')
        .split(/[\s#]+/)
        .filter((word) => word !== '');
    fc.assert(
      fc.property(text, (broken) => {
        const repair = repairStore(broken, KEYS);
        if (repair === null) return;
        assert.ok(readStore(repair.text).ok);
        assert.deepEqual(words(repair.text), words(broken));
        assert.deepEqual(repairStore(repair.text, KEYS)?.text, repair.text);
      }),
      { numRuns: 500 },
    );
  });
});
