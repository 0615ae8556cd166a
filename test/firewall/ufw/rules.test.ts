import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { PortRange } from '../../../src/core/range.ts';
import {
  incomingTuples,
  isSameButAction,
  judge,
  portsOf,
  readTuples,
  type IncomingRule,
} from '../../../src/firewall/ufw/rules.ts';

const RANGE: PortRange = [49152, 65534];
const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/ufw/${name}.rules`, import.meta.url), 'utf8');
const tuple = (fields: string): string => `### tuple ### ${fields}\n`;
const verdict = (...tuples: string[]): string =>
  judge(incomingTuples(readTuples(tuples.map(tuple).join(''))), RANGE, false).kind;

describe('rules that ufw wrote down', () => {
  const rules = readTuples(fixture('various'));

  it('are all read, with ours known by its comment', () => {
    assert.equal(rules.length, 15);
    assert.deepEqual(
      rules.filter(({ ours }) => ours).map(({ text }) => text),
      ['allow tcp 49152:65534 0.0.0.0/0 any 0.0.0.0/0 in'],
    );
    assert.equal(readTuples(fixture('various6')).filter(({ ours }) => ours).length, 1);
  });

  it('are left out where they cannot meet a connection from just anywhere', () => {
    assert.deepEqual(
      incomingTuples(rules).map(({ verdict: kind, sure, text }) => [kind, sure, text]),
      [
        ['accept', true, 'allow tcp 49152:65534 0.0.0.0/0 any 0.0.0.0/0 in'],
        ['accept', false, 'allow any 60000 0.0.0.0/0 any 0.0.0.0/0 in_eth0'],
        ['accept', false, 'allow tcp 60000:61000 0.0.0.0/0 any 0.0.0.0/0 in_eth0'],
        ['accept', true, 'allow tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 WWW%20Full - in'],
        ['deny', true, 'limit tcp 22 0.0.0.0/0 any 0.0.0.0/0 in'],
        ['accept', true, 'allow tcp any 0.0.0.0/0 any 0.0.0.0/0 in'],
        ['accept', true, 'allow tcp 50000:50010,60000,61000:61100 0.0.0.0/0 any 0.0.0.0/0 in'],
        ['accept', false, 'allow tcp 49152:65534 10.0.0.5 any 0.0.0.0/0 in'],
      ],
    );
  });

  it('are known as those that adding ours would replace', () => {
    const same = (fields: string): boolean =>
      readTuples(tuple(fields)).some((each) => isSameButAction(each, RANGE));
    for (const fields of [
      'allow tcp 49152:65534 0.0.0.0/0 any 0.0.0.0/0 in',
      'deny tcp 49152:65534 ::/0 any ::/0 in',
      'limit_log-all tcp 49152:65534 0.0.0.0/0 any 0.0.0.0/0 in comment=6d',
      'reject tcp 49152:65534 0.0.0.0/0 any 0.0.0.0/0',
    ])
      assert.ok(same(fields), fields);
    for (const fields of [
      'deny any 49152:65534 0.0.0.0/0 any 0.0.0.0/0 in',
      'deny tcp 49152:65533 0.0.0.0/0 any 0.0.0.0/0 in',
      'deny tcp 49152:65534,22 0.0.0.0/0 any 0.0.0.0/0 in',
      'deny tcp 49152:65534 0.0.0.0/0 any 192.0.2.1 in',
      'deny tcp 49152:65534 192.0.2.1 any 0.0.0.0/0 in',
      'deny tcp 49152:65534 0.0.0.0/0 20 0.0.0.0/0 in',
      'deny tcp 49152:65534 0.0.0.0/0 any 0.0.0.0/0 in_eth0',
      'deny tcp 49152:65534 0.0.0.0/0 any 0.0.0.0/0 out',
      'route:deny tcp 49152:65534 0.0.0.0/0 any 0.0.0.0/0 in',
      'allow tcp 49152:65534 0.0.0.0/0 any 0.0.0.0/0 My%20App - in',
    ])
      assert.ok(!same(fields), fields);
  });

  it('are passed over when they have a shape that ufw passes over too', () => {
    assert.deepEqual(
      readTuples(tuple('allow tcp 22') + tuple('a b c d e f g h i j') + '### tuple ###\n'),
      [],
    );
    assert.deepEqual(readTuples('# allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n'), []);
  });
});

describe('what rules do to a range', () => {
  const all = '0.0.0.0/0 any 0.0.0.0/0 in';

  it('is decided by the first that is about it', () => {
    assert.equal(verdict(`allow tcp 49152:65534 ${all}`, `deny tcp 50000 ${all}`), 'open');
    assert.equal(verdict(`deny tcp 50000 ${all}`, `allow tcp 49152:65534 ${all}`), 'denied');
    assert.equal(verdict(`deny tcp 22 ${all}`, `allow any 1024:65535 ${all}`), 'open');
    assert.equal(verdict(`deny udp 49152:65534 ${all}`, `allow tcp any ${all}`), 'open');
    assert.equal(verdict(`limit tcp 60000 ${all}`), 'denied');
    assert.equal(verdict(`allow tcp 49152:65533 ${all}`), 'closed');
    assert.equal(verdict(), 'closed');
  });

  it('is unsure where interfaces or addresses of this server are named', () => {
    assert.equal(
      verdict('deny tcp 50000 0.0.0.0/0 any 0.0.0.0/0 in_eth0', `allow tcp 49152:65534 ${all}`),
      'unsure',
    );
    assert.equal(
      verdict('deny tcp 22 0.0.0.0/0 any 0.0.0.0/0 in_eth0', `allow tcp 49152:65534 ${all}`),
      'open',
    );
    assert.equal(verdict('allow tcp 49152:65534 192.0.2.1 any 0.0.0.0/0 in'), 'unsure');
    assert.equal(
      verdict('allow tcp 50000 192.0.2.1 any 0.0.0.0/0 in', `allow tcp 49152:65534 ${all}`),
      'open',
    );
  });

  it('is not changed by rules for certain clients', () => {
    const ban = 'deny any any 0.0.0.0/0 any 203.0.113.9 in';
    assert.equal(verdict(ban, `allow tcp 49152:65534 ${all}`), 'open');
    assert.equal(verdict('allow tcp 49152:65534 0.0.0.0/0 any 10.0.0.0/8 in'), 'closed');
  });

  it('is what each port of it meets first', () => {
    const port = fc.integer({ min: 1, max: 12 });
    const ports = fc.tuple(port, port).map(([a, b]): PortRange => [Math.min(a, b), Math.max(a, b)]);
    const rule: fc.Arbitrary<IncomingRule> = fc.record({
      verdict: fc.constantFrom('accept', 'deny'),
      sure: fc.constant(true),
      ports: fc.array(ports, { maxLength: 2 }),
      text: fc.constant(''),
    });
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), ports, fc.boolean(), (rules, range, accepts) => {
        const fates = Array.from({ length: range[1] - range[0] + 1 }, (_, at) => {
          const met = rules.find((each) =>
            each.ports.some(([low, high]) => low <= range[0] + at && range[0] + at <= high),
          );
          return met?.verdict ?? (accepts ? 'accept' : 'none');
        });
        const expected = fates.includes('deny') ? 'denied' : fates.includes('none') ? 'closed' : 'open';
        assert.equal(judge(rules, range, accepts).kind, expected);
      }),
    );
  });
});

describe('ports as ufw writes them', () => {
  it('are one, a range, a list or any', () => {
    assert.deepEqual(portsOf('22'), [[22, 22]]);
    assert.deepEqual(portsOf('80,443,50000:50010'), [
      [80, 80],
      [443, 443],
      [50000, 50010],
    ]);
    assert.deepEqual(portsOf('any'), [[1, 65535]]);
    assert.deepEqual(portsOf('ftp'), []);
  });

  it('never throw, whatever stands in a file', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.string().map(tuple))), (lines) => {
        judge(incomingTuples(readTuples(lines.join('\n'))), RANGE, false);
      }),
    );
  });
});
