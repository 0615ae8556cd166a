import assert from 'node:assert/strict';
import { subjectLine } from '../../src/runs/subject.ts';

describe('the subject of a mail', () => {
  it('is its text where that is ASCII', () => {
    assert.equal(
      subjectLine('server.example: passive FTP was undone'),
      'server.example: passive FTP was undone',
    );
  });

  it('is encoded in short lines where it is not, with no letter cut in two', () => {
    const text = `server.example: пассивный FTP снова настроен ${'ü'.repeat(40)} 🙂`;
    const lines = subjectLine(text).split('\n ');
    assert.ok(lines.length > 2);
    const read = lines.map((line) => {
      assert.ok(line.length <= 75);
      const [, word] = /^=\?utf-8\?B\?([\w+/]+=*)\?=$/.exec(line) ?? assert.fail(line);
      const bytes = Buffer.from(word ?? '', 'base64');
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    });
    assert.equal(read.join(''), text);
  });
});
