import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseJournal, type Entry } from '../../src/engine/journal.ts';

const ENTRIES: readonly Entry[] = [
  { at: 'step', step: 's1', state: 'running', saved: [{ path: '/a\nb', copy: null }] },
  { at: 'step', step: 's1', state: 'done', tags: { '/a': 'absent' } },
  { at: 'step', step: 's2', state: 'failed', message: 'no "quotes"\u2028 lost' },
  { at: 'end', ended: '2026-11-22T10:00:00.000Z', state: 'done', changed: true },
  { at: 'undone', by: 'r2' },
];
const text = ENTRIES.map((entry) => `${JSON.stringify(entry)}\n`).join('');

describe('a journal', () => {
  it('is read as it was written', () => {
    assert.deepEqual(parseJournal(text), ENTRIES);
    assert.deepEqual(parseJournal(''), []);
  });

  it('cut anywhere has the entries that are whole', () => {
    fc.assert(
      fc.property(fc.nat(text.length), (at) => {
        const read = parseJournal(text.slice(0, at));
        assert.deepEqual(read, ENTRIES.slice(0, read.length));
        assert.ok(read.length >= text.slice(0, at).split('\n').length - 1);
      }),
    );
  });

  it('goes on behind a line that a power cut tore', () => {
    assert.deepEqual(parseJournal(`${text.slice(0, 20)}\n${text}`), ENTRIES);
  });
});
