import { BANNED, type Entry } from '../entry.ts';
import type { Saved } from './parts.ts';

/** ufw's own commands write its rules; it is not running yet, so it only writes. */
function ufw(...commands: readonly string[]): Saved & { readonly prepare: string } {
  return {
    firewall: 'ufw',
    files: {},
    units: ['ufw'],
    prepare: [
      'rm -f /etc/ufw/*.2* /etc/ufw/user*.rules; cp /usr/share/ufw/iptables/user*.rules /etc/ufw/',
      ...commands.map((command) => `ufw ${command} >/dev/null`),
      'sed -i s/^ENABLED=.*/ENABLED=yes/ /etc/ufw/ufw.conf',
    ].join('\n'),
  };
}

const PORTS = 'allow proto tcp from any to any port 20:22,80,443,2083,2087';
const RANGE = '49152:65534/tcp';

/** Servers on which the real ufw makes the rules. */
export const UFW: readonly Entry[] = [
  {
    name: 'ufw that denies what it does not know, and bans',
    ...ufw(...BANNED.map(({ address }) => `deny from ${address}`), PORTS, 'limit 2222/tcp'),
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'ufw that rejects, and an allow of a half of the range',
    ...ufw('default reject incoming', PORTS, 'allow 49152:57000/tcp'),
    expected: 'opens',
  },
  {
    name: "an administrator's rule of ufw against a part of the range",
    ...ufw(PORTS, 'deny 50000:50100/tcp', `allow ${RANGE}`),
    expected: { refuses: /50000:50100/ },
  },
  {
    name: 'ufw that lets the range in',
    ...ufw(PORTS, `allow ${RANGE}`),
    expected: 'nothing',
  },
  {
    name: 'ufw that allows what it does not know',
    ...ufw('default allow incoming', 'deny 3389/tcp'),
    expected: 'nothing',
  },
  {
    name: 'ufw that is told to have nothing to do with IPv6, and so lets none of it in',
    files: {},
    firewall: 'ufw',
    units: ['ufw'],
    prepare: `sed -i s/^IPV6=.*/IPV6=no/ /etc/default/ufw\n${ufw(PORTS).prepare}`,
    expected: 'opens',
  },
  {
    name: "an administrator's rule against a part of the range in the file of ufw that comes first",
    firewall: 'ufw',
    files: {},
    units: ['ufw'],
    prepare: `${ufw(PORTS).prepare}
sed -i '/^# allow all on loopback/i -A ufw-before-input -p tcp --dport 50000:50100 -j DROP' /etc/ufw/before.rules`,
    expected: { refuses: /50000:50100/ },
  },
];
