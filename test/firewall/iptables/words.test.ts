import assert from 'node:assert/strict';
import fc from 'fast-check';
import { carries, portsOf, sameRule, targetOf, wordsOf } from '../../../src/firewall/iptables/words.ts';
import { RULE } from './texts.ts';

const values = (text: string): string[] => wordsOf(text).map(({ value }) => value);

describe('a rule’s words', () => {
  it('lose their quotes and keep what stands in them', () => {
    assert.deepEqual(values('-A INPUT  -m comment --comment "say \\"no\\" \\\\ it\\\'s" \t-j DROP'), [
      '-A',
      'INPUT',
      '-m',
      'comment',
      '--comment',
      'say "no" \\ it\'s',
      '-j',
      'DROP',
    ]);
    assert.deepEqual(values('--comment "" x'), ['--comment', '', 'x']);
  });

  it('end where a quote closes, and go on where one opens', () => {
    assert.deepEqual(values('a"b c"d'), ['ab c', 'd']);
    assert.deepEqual(values("'a b' a\\b"), ["'a", "b'", 'a\\b']);
    assert.deepEqual(values('x "never closed'), ['x', 'never closed']);
  });

  it('say where they stand, quotes included', () => {
    const text = ' -A  "a b" c';
    assert.deepEqual(
      wordsOf(text).map(({ start, end }) => text.slice(start, end)),
      ['-A', '"a b"', 'c'],
    );
  });

  it('come back from any quoted text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (given) => {
        const quoted = given.map((word) => `"${word.replace(/["\\]/g, '\\$&')}"`).join(' ');
        assert.deepEqual(values(quoted), given);
      }),
    );
  });
});

describe('two rules', () => {
  it('are the same whatever their quotes, blanks and -m tcp', () => {
    for (const other of [
      '-p tcp --dport 49152:65534 -m comment --comment ftp-passive:managed -j ACCEPT',
      ` ${RULE.replaceAll(' ', '\t ')} `,
      RULE.replace('-m tcp ', ''),
      RULE.replaceAll('"', ''),
    ]) {
      assert.ok(sameRule(RULE, other), other);
      assert.ok(sameRule(other, RULE), other);
    }
  });

  it('are not the same when anything else differs', () => {
    for (const other of [
      RULE.replace('65534', '65535'),
      RULE.replace('ACCEPT', 'DROP'),
      RULE.replace('managed', 'managed2'),
      RULE.replace('"ftp-passive:managed"', '"ftp-passive:managed "'),
      `-s 1.2.3.4/32 ${RULE}`,
      RULE.replace('-p tcp -m tcp', '-p udp -m udp'),
      '',
    ]) {
      assert.ok(!sameRule(RULE, other), other);
    }
    assert.ok(!sameRule('--comment "a b"', '--comment a b'));
    assert.ok(!sameRule('-p udp -m tcp', '-p udp'));
  });
});

describe('a rule’s parts', () => {
  it('are its mark only when the whole comment is the mark', () => {
    const mark = 'ftp-passive:managed';
    assert.ok(carries(RULE, mark));
    assert.ok(carries(RULE.replaceAll('"', ''), mark));
    for (const text of [
      '-m comment --comment "ftp-passive:managed by hand" -j ACCEPT',
      '-j LOG --log-prefix "ftp-passive:managed"',
      '-m comment --comment "--comment ftp-passive:managed" -j ACCEPT',
    ]) {
      assert.ok(!carries(text, mark), text);
    }
  });

  it('are its ports, one or a range', () => {
    assert.deepEqual(portsOf(RULE), [[49152, 65534]]);
    assert.deepEqual(portsOf('-p tcp -m tcp --dport 50000 -j ACCEPT'), [[50000, 50000]]);
    assert.deepEqual(portsOf('-p tcp -m multiport --dports 20,50000:50100 -j ACCEPT'), [
      [20, 20],
      [50000, 50100],
    ]);
    assert.deepEqual(portsOf('-p tcp -s 10.0.0.0/8 -j ACCEPT'), []);
  });

  it('are its target, which no comment and no prefix can fake', () => {
    assert.equal(targetOf(RULE), 'ACCEPT');
    assert.equal(targetOf('-p tcp -g BANS'), 'BANS');
    assert.equal(targetOf('-m comment --comment "-j DROP" -j LOG --log-prefix "x -j DROP"'), 'LOG');
    assert.equal(targetOf('-m comment --comment "-j" -j REJECT --reject-with tcp-reset'), 'REJECT');
    assert.equal(targetOf('-p tcp'), null);
  });
});
