import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createRecordingReader, type RecordingEvent } from '../../src/runs/reading.ts';
import { cut } from '../web/cut.ts';

const HEADER = '{"version":2,"width":100,"height":30}\n';

function read(chunks: readonly Uint8Array[]): RecordingEvent[] {
  const reader = createRecordingReader();
  return chunks.flatMap((chunk) => reader.push(chunk));
}

describe('a recording', () => {
  it('is read as output and markers, without its header', () => {
    const bytes = Buffer.from(`${HEADER}[0.1,"o","hello\\r\\n"]\n[1,"m","s1 running: Write"]\n[2,"o","par`);
    assert.deepEqual(read([bytes]), [
      { at: 0.1, kind: 'output', text: 'hello\r\n' },
      { at: 1, kind: 'mark', text: 's1 running: Write' },
    ]);
  });

  it('leaves out lines that are not events of this product', () => {
    const lines = [
      'x',
      '[]',
      '[1]',
      '[1,"o"]',
      '[1,"i","typed"]',
      '["1","o","x"]',
      '[1,"o",2]',
      '{"a":1}',
      'null',
      '[1,"__proto__","x"]',
      '',
    ];
    assert.deepEqual(read([Buffer.from(lines.join('\n') + '\n[3,"o","y"]\n')]), [
      { at: 3, kind: 'output', text: 'y' },
    ]);
  });

  it('reads the same however the bytes are cut, also inside a letter', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { maxLength: 8 }),
        fc.array(fc.nat(2000), { maxLength: 12 }),
        (texts, places) => {
          const lines = texts.map((text, at) => JSON.stringify([at, 'o', text]) + '\n');
          const bytes = Buffer.from(HEADER + lines.join(''));
          assert.deepEqual(
            read(cut(bytes, places)).map((event) => event.text),
            texts,
          );
        },
      ),
    );
  });
});
