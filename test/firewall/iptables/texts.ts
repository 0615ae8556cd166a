import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseSaved, placeRule } from '../../../src/firewall/iptables/saved.ts';
import type { Chain, Place, SavedTables } from '../../../src/firewall/ruleset.ts';

export const COMMENT = '-m comment --comment "ftp-passive:managed"';
export const RULE = `-p tcp -m tcp --dport 49152:65534 ${COMMENT} -j ACCEPT`;
export const INPUT = { family: 'ip', table: 'filter', chain: 'INPUT' } as const;

const FOLDER = new URL('../../fixtures/iptables-save/', import.meta.url);
export const NAMES = readdirSync(FOLDER).filter((name) => /\.v[46]$/.test(name));
export const fixture = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');

/** A fixture as it was in force. */
export function savedFixture(name: string): SavedTables {
  const tool = name.startsWith('legacy') ? 'iptables-legacy' : 'iptables';
  return { family: name.endsWith('.v6') ? 'ip6' : 'ip', tool, text: fixture(name) };
}

export const parse = (text: string): readonly Chain[] => parseSaved({ family: 'ip', tool: 'iptables', text });

export function inputOf(text: string, chain = 'INPUT'): string[] {
  const found = parse(text).find((each) => each.table === 'filter' && each.chain === chain);
  return found?.rules.map((rule) => rule.text) ?? assert.fail(`no chain ${chain}`);
}

export const place = (text: string, before: number | null, where: Place = INPUT): string =>
  placeRule(text, where, before, RULE) ?? assert.fail('no such place');

/** A filter table, its lines ended by a newline each. */
export const filter = (...lines: readonly string[]): string =>
  ['*filter', ':INPUT DROP [0:0]', ...lines, 'COMMIT', ''].join('\n');

const CHAINS = ['INPUT', 'FORWARD', 'BANS', 'say'] as const;
const rule = fc.constantFrom(
  '-j ACCEPT',
  '-p tcp -m tcp --dport 22 -j ACCEPT',
  '-m comment --comment "a \\"b\\" -A INPUT" -j DROP',
  '-s 1.2.3.4/32 -j BANS',
  '-i lo  -j ACCEPT ',
  '-s 1.1.1.1,2.2.2.2 -j DROP',
);
const chain = fc.constantFrom(...CHAINS);
const counters = fc.constantFrom('', '', '[0:0] ', '[12:3456] ');
const appended = fc.tuple(counters, chain, rule).map(([count, name, text]) => `${count}-A ${name} ${text}`);
const inserted = fc.tuple(counters, chain, rule).map(([count, name, text]) => `${count}-I ${name} ${text}`);
const aside = fc.constantFrom('# -A INPUT -j DROP', '', '# final');

/** `inserts`: whether -I lines may occur. */
const section = (inserts: boolean): fc.Arbitrary<string[]> =>
  fc
    .tuple(
      fc.constantFrom('filter', 'filter', 'mangle'),
      fc.array(
        fc.oneof(
          { weight: 6, arbitrary: appended },
          { weight: 2, arbitrary: aside },
          {
            weight: inserts ? 1 : 0,
            arbitrary: inserted,
          },
        ),
        { maxLength: 12 },
      ),
      fc.constantFrom('COMMIT', 'COMMIT', 'COMMIT', '# no commit'),
    )
    .map(([table, lines, end]) => [
      `*${table}`,
      ':INPUT DROP [3:4]',
      ':FORWARD ACCEPT [0:0]',
      ':BANS - [0:0]',
      ':say - [0:0]',
      ...lines,
      end,
    ]);

/** Texts in the form of iptables-save, with what people and editors do to them. */
export const savedText = (inserts: boolean): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(section(inserts), { minLength: 1, maxLength: 3 }),
      fc.constantFrom('\n', '\n', '\r\n'),
      fc.constantFrom('\n', '', '\r\n', '\r'),
    )
    .map(([sections, eol, last]) => sections.flat().join(eol) + last);

export const somewhere: fc.Arbitrary<Place> = fc.record({
  family: fc.constantFrom('ip', 'ip6'),
  table: fc.constantFrom('filter', 'mangle', 'nat'),
  chain: fc.constantFrom(...CHAINS, 'OUTPUT', 'MISSING'),
});
