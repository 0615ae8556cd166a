import assert from 'node:assert/strict';
import fc from 'fast-check';
import { escapeInto, LONGEST_ESCAPE } from '../../src/runs/escaping.ts';

const AT = 7;

function escaped(text: string): string {
  const bytes = Buffer.from(text);
  const into = Buffer.alloc(AT + bytes.length * LONGEST_ESCAPE, 0x23);
  const end = escapeInto(into, AT, bytes);
  assert.equal(into.toString('latin1', 0, AT), '#'.repeat(AT));
  return into.toString('utf8', AT, end);
}

/** Short and long text are escaped in two ways, so each is tried in both. */
const BEFORE = { 'a few words': '', 'very many words': 'x'.repeat(5000) } as const;

for (const [much, before] of Object.entries(BEFORE)) {
  describe(`text in the quotation marks of JSON, ${much}`, () => {
    it('is what JSON.stringify makes of it, whatever stands in it', () => {
      const unit = fc.oneof(
        fc.constantFrom('\\', '"', '\r\n', '\r', '\n', '\\n', '\u001b[31m', '\u2028', '\x7f', '\0'),
        fc.string({ unit: 'binary', maxLength: 4 }),
      );
      fc.assert(
        fc.property(fc.array(unit, { maxLength: 40 }), (parts) => {
          // What UTF-8 cannot hold is replaced before anything is written.
          const text = before + Buffer.from(parts.join('')).toString();
          assert.equal(`"${escaped(text)}"`, JSON.stringify(text));
        }),
        { numRuns: 1000 },
      );
    });

    it('is what JSON.stringify makes of every character of one byte', () => {
      for (let code = 0; code < 0x80; code++) {
        const text = `${before}a${String.fromCharCode(code)}b`;
        assert.equal(`"${escaped(text)}"`, JSON.stringify(text), `character ${code}`);
      }
    });

    it('has room enough where each byte needs the most', () => {
      const zeros = before.length + 1000;
      assert.equal(escaped('\0'.repeat(zeros)), '\\u0000'.repeat(zeros));
    });
  });
}
