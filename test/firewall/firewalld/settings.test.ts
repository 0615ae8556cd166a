import assert from 'node:assert/strict';
import type { FileFacts } from '../../../src/core/file.ts';
import type { PortRange } from '../../../src/core/range.ts';
import { ownPorts, zoneKeeps, zoneSettings } from '../../../src/firewall/firewalld/settings.ts';
import { BOTH } from '../../../src/firewall/firewalld/verdicts.ts';
import { fact, scene } from './facts.ts';

const RANGE: PortRange = [49152, 65534];
const OPEN = '<port port="49152-65534" protocol="tcp"/>';

function files(texts: Readonly<Record<string, string>>): FileFacts {
  return new Map(Object.entries(texts).map(([path, text]) => [path, fact(path, text)]));
}

/** Whether a zone with this in it lets the range in. */
function keeps(inside: string, services: Readonly<Record<string, string>> = {}, target = ''): boolean | null {
  const texts: Record<string, string> = { '/etc/firewalld/zones/z.xml': `<zone${target}>${inside}</zone>` };
  for (const [name, text] of Object.entries(services)) {
    texts[`/usr/lib/firewalld/services/${name}.xml`] = `<service>${text}</service>`;
  }
  return zoneKeeps(files(texts), 'z', RANGE, BOTH);
}

const rule = (inside: string, attributes = ''): string => `<rule${attributes}>${inside}</rule>`;

type Row = readonly [
  what: string,
  keeps: boolean | null,
  zone: string,
  services?: Readonly<Record<string, string>>,
];

const ROWS: readonly Row[] = [
  ['nothing', false, ''],
  ['the range itself', true, OPEN],
  ['a wider range', true, '<port port="1024-65535" protocol="tcp"/>'],
  [
    'pieces of it',
    true,
    '<port port="60001-65535" protocol="tcp"/><port port="49152-60000" protocol="tcp"/>',
  ],
  [
    'pieces with a hole',
    false,
    '<port port="60002-65535" protocol="tcp"/><port port="49152-60000" protocol="tcp"/>',
  ],
  ['the range for UDP', false, '<port port="49152-65534" protocol="udp"/>'],
  ['a service with it', true, '<service name="a"/>', { a: OPEN }],
  ['a service that includes one', true, '<service name="a"/>', { a: '<include service="b"/>', b: OPEN }],
  ['services that include each other', false, '<service name="a"/>', { a: '<include service="a"/>' }],
  ['a service for all of TCP', true, '<service name="a"/>', { a: '<protocol value="tcp"/>' }],
  ['a service without port numbers', true, '<service name="a"/>', { a: '<port protocol="tcp"/>' }],
  [
    'a service for one address of this server',
    false,
    '<service name="a"/>',
    { a: `${OPEN}<destination ipv4="10.0.0.5"/>` },
  ],
  ['a service that nobody knows', null, '<service name="a"/>'],
  ['a service that nobody knows, beside the range', true, `<service name="a"/>${OPEN}`],
  ['a rich rule', true, rule(`${OPEN}<accept/>`)],
  ['a rich rule that logs too', true, rule(`${OPEN}<log prefix="x"/><accept/>`)],
  ['a rich rule with a service', true, rule('<service name="a"/><accept/>'), { a: OPEN }],
  ['a rich rule with a service that nobody knows', null, rule('<service name="a"/><accept/>')],
  ['a rich rule for all of TCP', true, rule('<protocol value="tcp"/><accept/>')],
  ['a rich rule for IPv4', false, rule(`${OPEN}<accept/>`, ' family="ipv4"')],
  [
    'a rich rule for some addresses',
    false,
    rule(`<source address="10.0.0.0/8"/>${OPEN}<accept/>`, ' family="ipv4"'),
  ],
  ['a rich rule with a limit', false, rule(`${OPEN}<accept><limit value="5/m"/></accept>`)],
  ['a rich rule that only marks', false, rule(`${OPEN}<mark set="1"/>`)],
  ['a rich rule that accepts everything', true, rule('<accept/>')],
  [
    'a ban beside the range',
    true,
    `${OPEN}${rule('<source address="198.51.100.66"/><drop/>', ' family="ipv4"')}`,
  ],
  ['a denial of a part of it', false, `${OPEN}${rule('<port port="50000" protocol="tcp"/><reject/>')}`],
  [
    'a denial of low priority',
    true,
    `${OPEN}${rule('<port port="50000" protocol="tcp"/><reject/>', ' priority="9"')}`,
  ],
  [
    'a denial before a rule of high priority',
    false,
    `${rule('<drop/>', ' priority="-9"')}${rule('<accept/>', ' priority="-8"')}`,
  ],
  ['an acceptance before a denial', true, `${rule('<drop/>')}${rule('<accept/>', ' priority="-1"')}`],
  [
    'denial and acceptance of one priority',
    false,
    `${rule('<accept/>', ' priority="3"')}${rule('<drop/>', ' priority="3"')}`,
  ],
];

describe('permanent settings of a zone', () => {
  for (const [what, expected, zone, services] of ROWS) {
    it(`let the range in: ${String(expected)}, with ${what}`, () =>
      assert.equal(keeps(zone, services), expected));
  }

  it('let everything in where the target is ACCEPT', () => {
    assert.equal(keeps('', {}, ' target="ACCEPT"'), true);
    assert.equal(keeps('', {}, ' target="DROP"'), false);
    assert.equal(keeps(rule('<port port="50000" protocol="tcp"/><drop/>'), {}, ' target="ACCEPT"'), false);
  });

  it('are the administrator’s where the distribution has some too', () => {
    const both = files({
      '/etc/firewalld/zones/z.xml': '<zone/>',
      '/usr/lib/firewalld/zones/z.xml': `<zone>${OPEN}</zone>`,
    });
    assert.equal(zoneKeeps(both, 'z', RANGE, BOTH), false);
  });

  it('cannot be told when the zone has no file, or one that cannot be read', () => {
    assert.equal(zoneKeeps(files({}), 'z', RANGE, BOTH), null);
    assert.equal(zoneKeeps(files({ '/etc/firewalld/zones/z.xml': '<zone>' }), 'z', RANGE, BOTH), null);
    assert.equal(zoneKeeps(files({ '/etc/firewalld/zones/z.xml': '<service/>' }), 'z', RANGE, BOTH), null);
  });

  const written = [
    ['stock', false],
    ['opened', true],
    ['reloaded', true],
    ['denied', false],
    ['catchall', false],
    ['covered', true],
  ] as const;
  for (const [name, kept] of written) {
    it(`are understood as firewalld writes them (${name})`, () => {
      assert.equal(zoneKeeps(scene(name).files, 'public', RANGE, BOTH), kept);
    });
  }

  it('name a rule as firewall-cmd takes it', () => {
    const texts = zoneSettings(scene('denied').files, 'public')?.verdicts.map(({ text }) => text);
    assert.deepEqual(texts, [
      'rule family="ipv6" priority="-5" port port="60000" protocol="tcp" drop',
      'rule port port="50000-50100" protocol="tcp" reject',
      'ports and services',
      'default',
    ]);
  });
});

describe('service of this program', () => {
  it('has the ranges that were opened', () => {
    assert.deepEqual(ownPorts(scene('opened').files), [RANGE]);
    assert.deepEqual(ownPorts(scene('stock').files), []);
  });
});
