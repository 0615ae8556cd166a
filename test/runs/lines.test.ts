import assert from 'node:assert/strict';
import { logLines, plainText } from '../../src/runs/lines.ts';
import type { RecordingEvent } from '../../src/runs/reading.ts';

const output = (text: string): RecordingEvent => ({ at: 0, kind: 'output', text });
const mark = (text: string): RecordingEvent => ({ at: 0, kind: 'mark', text });

function lines(...events: RecordingEvent[]): string[] {
  return logLines(events).map(
    ({ state, spans }) => (state === '' ? '' : `# ${state}: `) + spans.map((span) => span.text).join('|'),
  );
}

describe('a log', () => {
  it('has a line for each line of output, empty ones too', () => {
    assert.deepEqual(lines(output('a\r\n\r\nb'), output('c\r\n')), ['a', '', 'b|c']);
  });

  it('has a line of its own for each marker that is known', () => {
    assert.deepEqual(
      lines(output('a'), mark('s2 left: Write it'), output('b'), mark('what'), mark('run done: Proven.')),
      ['a', '# left: Step 2 could not be put back: Write it', 'b', '# done: Proven.'],
    );
  });

  it('shows the last of what was written over one line', () => {
    assert.deepEqual(lines(output('10%\r50%\r'), output('100%\r\ndone')), ['100%', 'done']);
    assert.deepEqual(lines(output('kept\r'), output('\nnext')), ['kept', 'next']);
  });

  it('is plain text without colours and controls where only text can be', () => {
    assert.equal(plainText('a \x1b[31mred\x1b[0m\r\n\x1b]0;title\x07b\n'), 'a red\nb');
  });
});
