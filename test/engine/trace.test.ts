import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseTraceLine } from '../../src/engine/trace.ts';

/** The other end of the wire, at which each recorded connection began. */
const CLIENTS: Readonly<Record<string, string>> = { '10.99.0.2': 'ipv4', 'fd99::2': 'ipv6' };

/** The way of each different packet in a recorded trace: what it was, then each step with its verdict. */
function ways(name: string): string[] {
  const text = readFileSync(new URL(`../fixtures/nft-trace/${name}.txt`, import.meta.url), 'utf8');
  const packets = new Map<string, string[]>();
  const all: string[][] = [];
  for (const line of text.split('\n')) {
    const read = parseTraceLine(line);
    if (read === null) continue;
    if ('packet' in read) {
      const { id, table, client, port } = read.packet;
      const family = CLIENTS[client] ?? client;
      if (table !== 'watch') {
        packets.get(id)?.push(`seen by ${table} as ${family} ${port}`);
        continue;
      }
      const way = [`${family} ${port}`];
      packets.set(id, way);
      all.push(way);
      continue;
    }
    const { id, family, table, chain, handle, text: rule, verdict } = read.step;
    if (table !== 'watch')
      packets.get(id)?.push(`${family} ${table} ${chain} [${handle ?? '-'}] ${rule} = ${verdict}`);
  }
  return [...new Set(all.map((way) => way.join('\n')))].sort();
}

/** The same way in both families. */
const both = (port: number, ...steps: readonly string[]): string[] =>
  ['ipv4', 'ipv6'].map((family) =>
    [`${family} ${port}`, ...steps.map((step) => step.replace('FAMILY', family))].join('\n'),
  );

describe('a trace', () => {
  it('shows chains that are jumped to, verdict maps, rejects, and comments that look like its own words', () => {
    const seen = (port: number): string => `seen by filter as FAMILY ${port}`;
    const jump = 'inet filter INPUT [7] jump bans = jump bans';
    const back = 'inet filter bans [4] tcp dport 50000-50001 return = return';
    const map = 'inet filter INPUT [9] tcp dport vmap { 50000 : accept, 50001 : drop }';
    const closed =
      'inet filter bans [3] tcp dport 50003 drop comment "closed # handle 99 (verdict accept)" = drop';
    assert.deepEqual(
      ways('jump-and-reject'),
      [
        ...both(50000),
        ...both(50000, seen(50000), jump, back, `${map} = accept`),
        ...both(50001, seen(50001), jump, back, `${map} = drop`),
        ...both(50002, seen(50002), jump, 'inet filter INPUT [10] reject with icmpx admin-prohibited = drop'),
        ...both(50003, seen(50003), jump, closed),
      ].sort(),
    );
  });

  it('shows policies, and rules that only look', () => {
    const log = 'ip filter INPUT [2] log prefix "in: " counter packets 0 bytes 0 = continue';
    const four = (port: number, end: string): string =>
      [`ipv4 ${port}`, `seen by filter as ipv4 ${port}`, log, `ip filter INPUT ${end}`].join('\n');
    const six = (port: number, end: string): string =>
      [`ipv6 ${port}`, `seen by filter as ipv6 ${port}`, `ip6 filter INPUT ${end}`].join('\n');
    assert.deepEqual(
      ways('policy-drop'),
      [
        'ipv4 50000',
        four(50000, '[3] tcp dport 50000 accept = accept'),
        ...[50001, 50002, 50003].map((port) => four(port, '[-] policy drop = drop')),
        'ipv6 50001',
        six(50001, '[4] tcp dport 50001 accept = accept'),
        ...[50000, 50002, 50003].map((port) => six(port, '[-] policy drop = drop')),
      ].sort(),
    );
  });

  it('names the port of the server in its answers too', () => {
    assert.deepEqual(
      ways('answer-kept-back'),
      [50000, 50001, 50002, 50003]
        .flatMap((port) => [
          ...both(port),
          ...both(
            port,
            `seen by out as FAMILY ${port}`,
            port === 50001
              ? 'inet out output [2] tcp sport 50001 drop = drop'
              : 'inet out output [-] policy accept = accept',
          ),
        ])
        .sort(),
    );
  });

  it('shows the port that a translation makes of another', () => {
    const through = (port: number, early: string, to: number, end: string): string[] =>
      both(
        port,
        `seen by nat as FAMILY ${port}`,
        `inet nat early ${early} = accept`,
        `seen by filter as FAMILY ${to}`,
        `inet filter INPUT ${end}`,
      );
    const accepted = '[-] policy accept = accept';
    const dropped = '[2] tcp dport 50003 drop = drop';
    assert.deepEqual(
      ways('translation'),
      [
        ...both(50000),
        ...both(50002),
        ...through(50000, '[-] policy accept', 50000, accepted),
        ...through(50001, '[2] tcp dport 50001 redirect to :50003', 50003, dropped),
        ...through(50002, '[-] policy accept', 50002, accepted),
        ...through(50003, '[-] policy accept', 50003, dropped),
      ].sort(),
    );
  });

  it('names a rule that came after the trace began by its handle alone', () => {
    assert.deepEqual(parseTraceLine('trace id 4d2 ip filter INPUT unknown rule handle 12 (verdict drop)'), {
      step: {
        id: '4d2',
        family: 'ip',
        table: 'filter',
        chain: 'INPUT',
        handle: 12,
        text: '',
        verdict: 'drop',
      },
    });
  });

  it('has lines that tell nothing of a verdict', () => {
    const place = 'trace id 4d2 inet filter INPUT';
    for (const line of [
      '',
      `${place} unknown rule handle drop`,
      '# a comment',
      'trace id 4d2',
      `${place} unknown words`,
      `${place} packet: iif "eth0" ip saddr 192.0.2.1 ip protocol icmp icmp type echo-request`,
      `${place} packet: iif "eth0" ip saddr 192.0.2.1 udp sport 53 udp dport 53`,
      `${place} rule tcp dport 22 accept`,
    ]) {
      assert.equal(parseTraceLine(line), null, line);
    }
  });

  it('is read without a fault, whatever comes', () => {
    const word = fc.constantFrom(
      'trace',
      'id',
      '4d2',
      'inet',
      'packet:',
      'rule',
      '#',
      'handle',
      '7',
      '(verdict',
      'drop)',
      'policy',
      'tcp',
      'dport',
      '"',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string())), (words) => {
        parseTraceLine(words.join(' '));
      }),
    );
  });
});
