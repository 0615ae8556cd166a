import type { Status } from '../../src/core/status.ts';
import type { CauseId } from '../../src/diagnosis/causes.ts';
import { blocked, open, same, type Change } from './server.ts';

/** A log held against a server, and what comes of it. */
export interface Decided {
  readonly rows: readonly number[];
  readonly file: string;
  readonly change: Change;
  readonly cause: CauseId | null;
  readonly fact: RegExp;
  readonly right?: boolean;
  readonly or?: CauseId;
}

const TWO_ADDRESSES: Status['nat'] = {
  behind: true,
  addresses: [
    { local: '10.0.0.5', public: '203.0.113.10' },
    { local: '10.0.0.6', public: '203.0.113.11' },
  ],
};
const TOLD = '203.0.113.10';
const MOVED = { local: '10.0.0.5', public: '198.51.100.77' };
const NO_NAT: Status['nat'] = { behind: false, addresses: [] };

const row = (
  rows: number | number[],
  file: string,
  change: Change,
  cause: CauseId | null,
  fact: RegExp,
  more: Pick<Decided, 'right' | 'or'> = {},
): Decided => ({ rows: [rows].flat(), file, change, cause, fact, ...more });

/** Rows of docs/diagnosis.md that the server's facts decide. */
export const DECIDED: readonly Decided[] = [
  row(
    1,
    'lftp-private-timeout',
    { address: same(null) },
    'nat-address',
    /behind NAT \(10\.0\.0\.5 is 203\.0\.113\.10 outside\)\. pure-ftpd here advertises the local address/,
  ),
  row(1, 'lftp-private-timeout', {}, 'nat-address', /advertises 203\.0\.113\.10\. The log is older/, {
    right: true,
  }),
  row(
    2,
    'lftp-pasv-drop',
    { reach: blocked([49152, 65534], 'inet filter INPUT policy drop') },
    'host-firewall',
    /firewall here \(nftables\) drops 49152-65534 over IPv4, by: inet filter INPUT policy drop/,
    { or: 'rule-below-deny' },
  ),
  row(
    2,
    'curl-ipv6-drop',
    { reach: { ipv4: open([49152, 65534]), ...only6(blocked([49152, 65534], 'policy drop')) } },
    'host-firewall',
    /over IPv6, by: policy drop/,
  ),
  row(
    3,
    'lftp-pasv-drop',
    {},
    'provider-firewall',
    /lets port 52574 in over IPv4, so this server is right now and it stops before it\./,
    { right: true },
  ),
  row(
    3,
    'lftp-pasv-drop',
    { findings: ['cloud-firewall'] },
    'provider-firewall',
    /\(Fact of cloud-firewall\.\)/,
    { right: true },
  ),
  row(
    4,
    'lftp-pasv-drop',
    {
      active: 'csf',
      range: { rendered: [30000, 35000], live: [30000, 35000] },
      reach: blocked([49152, 65534], 'LOGDROPIN'),
    },
    'csf-drift',
    /\(csf\) drops/,
    { or: 'host-firewall' },
  ),
  row(
    5,
    'curl-proftpd-exhausted',
    { server: 'proftpd', range: same([34000, 60000]), reach: blocked([34000, 49151], 'policy drop') },
    'range-mismatch',
    /drops 34000-49151/,
    { or: 'host-firewall' },
  ),
  row(
    5,
    'filezilla-worked-before',
    { range: same([50000, 65535]), reach: blocked([50000, 65535], 'policy drop') },
    'rules-lost',
    /drops 50000-65535/,
    { or: 'range-mismatch' },
  ),
  row(
    7,
    'curl-pasv-unreach',
    { reach: blocked([49152, 65534], 'reject with icmpx host-prohibited', 'reject') },
    'host-firewall',
    /rejects 49152-65534/,
    { or: 'rule-below-deny' },
  ),
  row(
    8,
    'filezilla-worked-before',
    { findings: ['boot-not-enabled'], reach: blocked([49152, 65534], 'policy drop') },
    'rules-lost',
    /drops/,
    { or: 'host-firewall' },
  ),
  row(
    9,
    'lftp-pasv-refused',
    { reach: blocked([49152, 65534], 'reject with tcp reset', 'reject') },
    'host-firewall',
    /rejects 49152-65534 over IPv4, by: reject with tcp reset/,
  ),
  row(9, 'lftp-pasv-refused', {}, 'data-refused', /lets port 60162 in/, { right: true }),
  row(
    10,
    'filezilla-dedicated-pureftpd',
    { nat: TWO_ADDRESSES },
    'dedicated-pureftpd',
    /203\.0\.113\.10 and 203\.0\.113\.11 are both addresses of this server\. pure-ftpd here advertises 203\.0\.113\.10/,
  ),
  row(
    11,
    'filezilla-dedicated-proftpd',
    { server: 'proftpd', nat: TWO_ADDRESSES },
    'dedicated-proftpd',
    /10\.0\.0\.6 is 203\.0\.113\.11 outside, and MasqueradeAddress is 203\.0\.113\.10 for the main address only/,
  ),
  row(
    12,
    'curl-421-forced',
    { address: { rendered: 'no-such-host.invalid' }, findings: ['address-host-name'] },
    'bad-forced-address',
    /says no-such-host\.invalid\. Fact of address-host-name\./,
  ),
  row(12, 'curl-421-forced', {}, 'bad-forced-address', /That is usable/, { right: true }),
  row(13, 'curl-425-ports', { range: same([61000, 61009]) }, 'ports-exhausted', /61000-61009, 10 ports/),
  row([13, 37], 'curl-425-ports', {}, 'ports-exhausted', /49152-65534, 16383 ports/, { or: 'range-overlap' }),
  row(
    14,
    'curl-proftpd-exhausted',
    { server: 'proftpd', range: same([50000, 50001]) },
    'port-outside-range',
    /shows port 34201, which is outside 50000-50001, the range of proftpd/,
  ),
  row(
    15,
    'pureftpd-conf',
    { running: false, range: { rendered: null, live: null } },
    'range-syntax',
    /pure-ftpd does not run; its file says no passive range that can be read/,
  ),
  row(
    16,
    'lftp-pasv-drop',
    { range: { configured: [30000, 35000], rendered: null, live: null } },
    'range-ignored',
    /port 52574, which is outside 30000-35000/,
    { or: 'setting-without-effect' },
  ),
  row(
    16,
    'lftp-pasv-drop',
    { range: { configured: [30000, 35000], rendered: [30000, 35000], live: null } },
    'range-ignored',
    /outside 30000-35000/,
  ),
  row(
    17,
    'proftpd-t-passiveports',
    { server: 'proftpd' },
    'proftpd-range-syntax',
    /proftpd runs now; its file says 49152-65534/,
    { right: true },
  ),
  row(
    18,
    'proftpd-t-masquerade',
    { server: 'proftpd', address: { rendered: null } },
    'empty-masquerade',
    /No address is set/,
  ),
  row(
    19,
    'curl-proftpd-private',
    { server: 'proftpd', address: same('ftp.example.com') },
    'masquerade-name',
    /MasqueradeAddress is the name ftp\.example\.com/,
  ),
  row(
    20,
    'lftp-private-timeout',
    { address: { rendered: null, live: null }, findings: ['store-broken'] },
    'setting-without-effect',
    /settings say 203\.0\.113\.10, the file of pure-ftpd says nothing\. Fact of store-broken\./,
  ),
  row(
    20,
    'lftp-private-timeout',
    { address: same(null), findings: ['store-broken'] },
    'setting-without-effect',
    /behind NAT .* advertises the local address .* Fact of store-broken\./,
    { or: 'nat-address' },
  ),
  row(
    21,
    'filezilla-old-address',
    { nat: NO_NAT, address: same('198.51.100.77') },
    'sticky-setting',
    /advertises 198\.51\.100\.77/,
  ),
  row(
    22,
    'curl-proftpd-exhausted',
    { server: 'proftpd', range: { rendered: null, live: null } },
    'no-global-block',
    /34201, which is outside 49152-65534/,
  ),
  row(
    23,
    'filezilla-tls-only',
    { reach: blocked([49152, 65534], 'policy drop') },
    'tls-hides-ports',
    /drops 49152-65534/,
  ),
  row(24, 'filezilla-gnutls-hidden', { server: 'proftpd' }, 'tls-session-reuse', /server here is proftpd/),
  row(25, 'filezilla-gnutls-hidden', {}, 'tls-old-pureftpd', /server here is pure-ftpd/),
  row(
    32,
    'curl-421-full',
    { findings: ['server-full'] },
    'server-full',
    /server here is pure-ftpd\. Fact of server-full\./,
  ),
  row(
    34,
    'filezilla-old-address',
    { address: same('198.51.100.77') },
    'old-address',
    /advertises 198\.51\.100\.77\. NAT: 10\.0\.0\.5 is 203\.0\.113\.10/,
  ),
  row(34, 'filezilla-old-address', {}, 'other-address', /advertises 203\.0\.113\.10\. The log is older/, {
    right: true,
  }),
  row(
    34,
    'ftplib-pasv-drop',
    { address: same(TOLD), nat: { behind: true, addresses: [MOVED] }, findings: ['address-former'] },
    'old-address',
    /NAT: 10\.0\.0\.5 is 198\.51\.100\.77 outside/,
  ),
  row(
    34,
    'ftplib-pasv-drop',
    { address: same(TOLD), nat: NO_NAT },
    'provider-firewall',
    /this server is right now/,
    { right: true },
  ),
  row(
    35,
    'lftp-hairpin',
    { address: same('203.0.113.99') },
    'no-hairpin',
    /10\.0\.0\.5 is the local address of 203\.0\.113\.10/,
  ),
  row(
    36,
    'filezilla-container',
    { address: same(null), nat: NO_NAT },
    'container-address',
    /knows of no NAT here/,
  ),
  row(38, 'lftp-pasv-drop', { findings: ['virtual-node'] }, 'provider-firewall', /Fact of virtual-node/, {
    right: true,
    or: 'virtual-node',
  }),
  row(
    39,
    'lftp-pasv-drop',
    { reach: blocked([49152, 65534], 'ip filter INPUT_imunify360 drop') },
    'imunify',
    /imunify360/,
  ),
];

function only6({ ipv6 }: Status['firewall']['reach']): Status['firewall']['reach'] {
  return ipv6 === undefined ? {} : { ipv6 };
}
