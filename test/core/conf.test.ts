import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dropLines, mentions, readDirective } from '../../src/core/conf.ts';

const CONF = readFileSync(new URL('../fixtures/pureftpd/pure-ftpd.conf', import.meta.url), 'utf8');

describe('directive', () => {
  it('is the value of its active line, without the blanks around it', () => {
    assert.deepEqual(readDirective(CONF, 'PassivePortRange'), ['49152 65534']);
    assert.deepEqual(readDirective(CONF, 'ChrootEveryone'), ['yes']);
    assert.deepEqual(readDirective(CONF, 'TLSCipherSuite'), ['HIGH:MEDIUM:+TLSv1']);
    assert.deepEqual(readDirective(CONF, 'Umask'), ['133:022']);
  });

  it('is found in any case and behind blanks', () => {
    assert.deepEqual(readDirective(CONF, 'ForcePassiveIP'), ['203.0.113.10']);
  });

  it('may be divided from its value by a colon or an equals sign', () => {
    assert.deepEqual(readDirective(CONF, 'Bind'), ['21']);
    assert.deepEqual(readDirective(CONF, 'MaxIdleTime'), ['15']);
    assert.deepEqual(readDirective('A=1\nA:2\nA  :  3\n', 'A'), ['1', '2', '3']);
  });

  it('is not found in comments, in longer names or in values', () => {
    assert.deepEqual(readDirective('# A 1\n  #A 1\n#A 1\nAB 1\nB A\nB A 1\n', 'A'), []);
    assert.deepEqual(readDirective('', 'A'), []);
  });

  it('gives every active line in order, an empty text where the value is missing', () => {
    assert.deepEqual(readDirective('A 1\r\nB 2\r\nA 3\r\n', 'A'), ['1', '3']);
    assert.deepEqual(readDirective('A\nA \nA 1', 'A'), ['', '', '1']);
  });

  it('takes a key with signs of its own literally', () => {
    assert.deepEqual(readDirective('AxB 1\n', 'A.B'), []);
  });

  it('is mentioned by a line with a value, in force or not', () => {
    for (const text of ['A 1\n', '# A 1\n', '  #A: 1', 'B 2\na = 1\n']) assert.ok(mentions(text, 'A'), text);
    for (const text of ['', 'A\nB 1\n', '# A\n', 'AB 1\n', 'B A\n', '## A 1\n'])
      assert.equal(mentions(text, 'A'), false, text);
  });

  it('is dropped with its lines, or those only that have no value', () => {
    const text = 'A 1\r\n# A 2\nB 3\nA\n  a: 4\nA ';
    assert.equal(dropLines(text, 'A', false), '# A 2\nB 3\n');
    assert.equal(dropLines(text, 'A', true), 'A 1\r\n# A 2\nB 3\n  a: 4\n');
    assert.equal(dropLines(text, 'C', false), text);
  });
});
