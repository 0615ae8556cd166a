import { type CsfOptions, csfFiles } from '../../sandbox/firewalls/csf/csf.ts';
import { FIREWALLD_UNITS, firewalldFiles } from '../../sandbox/firewalls/firewalld.ts';
import { BANNED, type Entry } from '../entry.ts';
import { beside, type Saved } from './parts.ts';

function csf(options: CsfOptions = {}): Saved {
  return { firewall: 'csf', files: csfFiles(options), units: ['csf', 'lfd'] };
}

const STOCK = '20,21,22,25,53,80,110,143,443,465,587,993,995,2077,2078,2082,2083,2086,2087,2095,2096,8443';

const FOREIGN = (csfFiles()['/etc/csf/csf.conf']?.text ?? '')
  .replace(/^TCP_IN = .*$/m, '  TCP_IN="20, 21,22 ,80,,443,2087"  # the panel')
  .replaceAll('\n', '\r\n');

/** Servers on which CSF makes the rules. */
export const CSF: readonly Entry[] = [
  {
    name: 'CSF as it comes, with addresses that it denies',
    ...csf({ deny: BANNED.map(({ address }) => address) }),
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'CSF that leaves IPv6 alone',
    ...csf({ conf: { IPV6: '0' }, deny: ['198.51.100.66'] }),
    known: BANNED.slice(0, 1),
    expected: 'opens',
  },
  {
    name: 'CSF that has the range for both families',
    ...csf({ conf: { TCP_IN: `${STOCK},49152:65534`, TCP6_IN: `${STOCK},49152:60000,60001:65535` } }),
    expected: 'nothing',
  },
  {
    name: 'CSF that has the range for IPv4 alone',
    ...csf({ conf: { TCP_IN: `${STOCK},49152:65534` } }),
    expected: 'opens',
  },
  {
    name: 'CSF that lfd restarts',
    ...csf({ conf: { LFDSTART: '1' } }),
    expected: 'opens',
  },
  {
    name: 'CSF that loads its rules one by one',
    ...csf({ conf: { FASTSTART: '0', DROP: 'REJECT' } }),
    expected: 'opens',
  },
  {
    name: 'CSF in its mode for tests',
    ...csf({ conf: { TESTING: '1' } }),
    expected: 'opens',
  },
  {
    name: 'CSF whose start has failed for a bad item in its settings',
    ...csf({ conf: { TCP_IN: `${STOCK},49152-65534` } }),
    failsToStart: true,
    openNow: true,
    expected: { refuses: /csf\.error|49152-65534/ },
  },
  {
    name: 'CSF together with firewalld',
    ...beside(csf(), firewalldFiles('nftables')),
    units: ['csf', 'lfd', ...FIREWALLD_UNITS],
    failsToStart: true,
    expected: { refuses: /firewalld/ },
  },
  {
    name: 'a drop of a part of the range in the script that CSF runs last',
    ...beside(csf(), {
      '/etc/csf/csfpost.sh': { text: 'iptables -I INPUT -p tcp --dport 50000:50100 -j DROP\n', mode: 0o700 },
    }),
    expected: { refuses: /50000:50100/ },
  },
  {
    name: 'CSF whose settings were written on another system, with blanks and a note',
    ...beside(csf(), { '/etc/csf/csf.conf': { text: FOREIGN, mode: 0o600 } }),
    expected: 'opens',
  },
  {
    name: 'CSF that its administrator has switched off',
    ...beside(csf(), { '/etc/csf/csf.disable': { text: '' } }),
    failsToStart: true,
    expected: 'nothing',
  },
];
