import type { Files } from '../../sandbox/files.ts';
import { type Backend, FIREWALLD_UNITS, firewalldFiles } from '../../sandbox/firewalls/firewalld.ts';
import { BANNED, type Entry, familyOf, OFFICE } from '../entry.ts';
import { DOCKER } from './docker.ts';
import { beside, type Saved } from './parts.ts';

const SERVICES = ['ssh', 'ftp', 'http'].map((name) => `<service name="${name}"/>`);
const PANEL = '<port port="2083-2087" protocol="tcp"/>';
const RANGE = '<port port="49152-65534" protocol="tcp"/>';

/** A zone's file. `head`: attributes of the zone itself. */
function zone(name: string, lines: readonly string[], head = ''): Files {
  const text = `<?xml version="1.0" encoding="utf-8"?>\n<zone${head}>\n  <short>${name}</short>\n${lines.map((line) => `  ${line}\n`).join('')}</zone>\n`;
  return { [`/etc/firewalld/zones/${name}.xml`]: { text } };
}

function firewalld(files: Files, standard = 'public', backend: Backend = 'nftables'): Saved {
  const stock = firewalldFiles(backend);
  const path = '/etc/firewalld/firewalld.conf';
  const text = stock[path]?.text.replace('DefaultZone=public', `DefaultZone=${standard}`) ?? '';
  return beside(
    { firewall: 'firewalld', files: stock, units: FIREWALLD_UNITS },
    { [path]: { text }, ...zone('public', SERVICES), ...files },
  );
}

const BANS = BANNED.flatMap(({ address }) => [
  `<rule family="${familyOf(address)}">`,
  `  <source address="${address}"/>`,
  '  <drop/>',
  '</rule>',
]);

/** Servers on which the real firewalld makes the rules. */
export const FIREWALLD: readonly Entry[] = [
  {
    name: "firewalld's public zone with bans",
    ...firewalld(zone('public', [...SERVICES, PANEL, ...BANS])),
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'firewalld with iptables below it, as older systems have it',
    ...firewalld(zone('public', [...SERVICES, PANEL, ...BANS]), 'public', 'iptables'),
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'an interface in another zone of firewalld than the default one',
    ...firewalld({
      ...zone('public', [...SERVICES, PANEL, RANGE]),
      ...zone('external', [...SERVICES, PANEL, '<interface name="eth0"/>']),
    }),
    expected: 'opens',
  },
  {
    name: "firewalld's drop zone for all but the office",
    ...firewalld(
      {
        ...zone('drop', [...SERVICES, PANEL], ' target="DROP"'),
        ...zone(
          'office',
          [...OFFICE.map(({ address }) => `<source address="${address}"/>`)],
          ' target="ACCEPT"',
        ),
      },
      'drop',
    ),
    known: OFFICE,
    expected: 'opens',
  },
  {
    name: 'a zone of firewalld that accepts everything',
    ...firewalld({
      ...zone('public', [...SERVICES]),
      ...zone('trusted', ['<interface name="eth0"/>'], ' target="ACCEPT"'),
    }),
    expected: 'nothing',
  },
  {
    name: 'the range in a service of firewalld',
    ...firewalld({
      ...zone('public', [...SERVICES, PANEL, '<service name="passive"/>']),
      '/etc/firewalld/services/passive.xml': {
        text: '<?xml version="1.0" encoding="utf-8"?>\n<service>\n  <short>Passive</short>\n  <port port="49000-65535" protocol="tcp"/>\n</service>\n',
      },
    }),
    expected: 'nothing',
  },
  {
    name: 'the range as a port of firewalld',
    ...firewalld(zone('public', [...SERVICES, PANEL, RANGE])),
    expected: 'nothing',
  },
  {
    name: 'the range in a rich rule of firewalld',
    ...firewalld(zone('public', [...SERVICES, PANEL, `<rule>${RANGE}<accept/></rule>`])),
    expected: 'nothing',
  },
  {
    name: 'a rich rule of firewalld that rejects a part of the range before all else',
    ...firewalld(
      zone('public', [
        ...SERVICES,
        PANEL,
        RANGE,
        '<rule priority="-10"><port port="50000-50100" protocol="tcp"/><reject/></rule>',
      ]),
    ),
    expected: { refuses: /50000-50100/ },
  },
  {
    name: 'a port of firewalld that is open until the next boot',
    ...firewalld(zone('public', [...SERVICES, PANEL])),
    once: 'firewall-cmd -q --zone=public --add-port=49152-65534/tcp',
    openNow: true,
    expected: 'opens',
  },
  {
    name: 'a port of firewalld that is open from the next boot on',
    ...firewalld(zone('public', [...SERVICES, PANEL])),
    once: 'firewall-cmd -q --permanent --zone=public --add-port=49152-65534/tcp',
    expected: 'opens',
  },
  {
    name: "containers' rules of iptables beside firewalld",
    ...firewalld(zone('public', [...SERVICES, PANEL])),
    once: DOCKER,
    expected: 'opens',
  },
  {
    name: 'addresses that firewalld drops by a set, in a zone of their own',
    ...firewalld({
      ...zone('public', [...SERVICES, PANEL]),
      ...zone(
        'block',
        ['<source ipset="banned"/>', '<source address="2001:db8:2::66"/>'],
        ' target="%%REJECT%%"',
      ),
      '/etc/firewalld/ipsets/banned.xml': {
        text: '<?xml version="1.0" encoding="utf-8"?>\n<ipset type="hash:ip">\n  <entry>198.51.100.66</entry>\n</ipset>\n',
      },
    }),
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'a direct rule of firewalld against a part of the range',
    ...firewalld({
      ...zone('public', [...SERVICES, PANEL]),
      '/etc/firewalld/direct.xml': {
        text: '<?xml version="1.0" encoding="utf-8"?>\n<direct>\n  <rule ipv="ipv4" table="filter" chain="INPUT" priority="0">-p tcp --dport 50000:50100 -j DROP</rule>\n</direct>\n',
      },
    }),
    expected: { refuses: /50000:50100/ },
  },
];
