import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CauseId } from '../../src/diagnosis/causes.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/diagnosis');

export const logOf = (file: string): string => readFileSync(join(FIXTURES, `${file}.txt`), 'utf8');

const PURE = 'Pure-FTPd 1.0.50';
const PRO = 'ProFTPD 1.3.8';
const recorded = (client: string, server: string): string => `recorded: ${client}, ${server}`;
const CURL = 'curl 7.88.1';
const LFTP = 'lftp 4.9.2';
const PYTHON = 'Python 3.11 ftplib';
const COMPOSED = 'composed to the shape of real logs';

/** A log, what it shows, and which rows of docs/diagnosis.md it is of. */
export interface Case {
  readonly rows: readonly number[];
  readonly file: string;
  /** Null: the log does not tell. */
  readonly cause: CauseId | null;
  readonly client: string | null;
  readonly origin: string;
  /** What the line of the evidence says. */
  readonly evidence: RegExp;
  /** Another cause that must be named beside it. */
  readonly or?: CauseId;
}

const OF_227 = /227 Entering Passive Mode/;
const TIMEOUT = /time-?d? ?out|Timeout/i;
const filezilla = (
  file: string,
  cause: CauseId | null,
  evidence: RegExp,
  rows: number[],
  or?: CauseId,
): Case => ({
  ...{ rows, file: `filezilla-${file}`, cause, client: 'FileZilla', origin: COMPOSED, evidence },
  ...(or === undefined ? {} : { or }),
});
const curl = (file: string, cause: CauseId | null, evidence: RegExp, rows: number[], or?: CauseId): Case => ({
  ...{ rows, file: `curl-${file}`, cause, client: 'curl', evidence },
  origin: recorded(CURL, file.startsWith('proftpd') ? PRO : PURE),
  ...(or === undefined ? {} : { or }),
});
const lftp = (file: string, cause: CauseId | null, evidence: RegExp, rows: number[], or?: CauseId): Case => ({
  ...{ rows, file: `lftp-${file}`, cause, client: 'lftp', origin: recorded(LFTP, PURE), evidence },
  ...(or === undefined ? {} : { or }),
});
const ftplib = (
  file: string,
  cause: CauseId | null,
  evidence: RegExp,
  rows: number[],
  or?: CauseId,
): Case => ({
  ...{ rows, file: `ftplib-${file}`, cause, client: 'Python ftplib', evidence },
  origin: recorded(PYTHON, file.startsWith('proftpd') ? PRO : PURE),
  ...(or === undefined ? {} : { or }),
});
const other = (
  file: string,
  client: string | null,
  cause: CauseId,
  evidence: RegExp,
  rows: number[],
  origin = COMPOSED,
): Case => ({ rows, file, cause, client, origin, evidence });

export const CASES: readonly Case[] = [
  filezilla('unroutable', 'nat-address', /unroutable address/, [1], 'data-blocked'),
  filezilla('unroutable-works', 'nat-address', OF_227, [1]),
  filezilla('passive-failed', 'nat-address', OF_227, [1, 33]),
  curl('private-skip-ok', 'nat-address', OF_227, [1]),
  curl('proftpd-private', 'nat-address', OF_227, [1]),
  lftp('private-fixed-drop', 'nat-address', OF_227, [1], 'data-blocked'),
  lftp('private-timeout', 'nat-address', OF_227, [1]),
  ftplib('private-strict', 'nat-address', OF_227, [1]),
  other('winscp-unroutable', 'WinSCP', 'nat-address', OF_227, [1]),
  other('windows-quote-pasv', 'Windows ftp', 'nat-address', OF_227, [1]),
  filezilla('timeout', 'data-blocked', TIMEOUT, [2, 3], 'provider-firewall'),
  filezilla('timeout-german', 'data-blocked', /Zeitüberschreitung/, [2]),
  filezilla('file', 'data-blocked', /La connexion a échoué/, [2]),
  filezilla('hidden-425', 'data-blocked', /425 Can't open data connection/, [2]),
  filezilla('etimedout', 'data-blocked', /ETIMEDOUT/, [2]),
  curl('pasv-drop', 'data-blocked', TIMEOUT, [2, 3], 'host-firewall'),
  curl('ipv6-drop', 'data-blocked', TIMEOUT, [2, 28]),
  curl('tls-drop', 'data-blocked', TIMEOUT, [2, 23], 'tls-hides-ports'),
  lftp('pasv-drop', 'data-blocked', TIMEOUT, [2, 38], 'virtual-node'),
  lftp('tls-drop', 'data-blocked', TIMEOUT, [2, 23], 'tls-hides-ports'),
  lftp('tls-rejected', 'tls-hides-ports', /No route to host/, [23]),
  ftplib('pasv-drop', 'data-blocked', TIMEOUT, [2, 39], 'imunify'),
  ftplib('two-drop', 'data-blocked', TIMEOUT, [2]),
  other('winscp-timeout', 'WinSCP', 'data-blocked', /Timeout detected/, [2]),
  filezilla('csf-drift', 'csf-drift', TIMEOUT, [4], 'range-mismatch'),
  filezilla('worked-before', 'data-blocked', TIMEOUT, [5, 8], 'rules-lost'),
  other('nft-family', null, 'nft-family', /did you mean table/, [6], 'recorded: nft 1.0.6'),
  other('nft-order', null, 'rule-below-deny', /49152-65534 accept/, [7], 'recorded: nft 1.0.6'),
  other(
    'iptables-order-S',
    null,
    'rule-below-deny',
    /49152:65534 -j ACCEPT/,
    [7],
    'recorded: iptables 1.8.9',
  ),
  other('iptables-order-L', null, 'rule-below-deny', /dpts:49152:65534/, [7], 'recorded: iptables 1.8.9'),
  other('iptables-order-Lv', null, 'rule-below-deny', /dpts:49152:65534/, [7], 'recorded: iptables 1.8.9'),
  curl('pasv-unreach', 'data-rejected', /No route to host/, [2, 7], 'rule-below-deny'),
  filezilla('refused', 'data-refused', /ECONNREFUSED/, [9]),
  lftp('pasv-refused', 'data-refused', /Connection refused/, [9], 'host-firewall'),
  ftplib('refused', 'data-refused', /ConnectionRefusedError/, [9]),
  other('winscp-refused', 'WinSCP', 'data-refused', /actively refused/, [9]),
  filezilla('dedicated-pureftpd', 'other-address', OF_227, [9, 10], 'dedicated-pureftpd'),
  filezilla('dedicated-proftpd', 'nat-address', OF_227, [11], 'dedicated-proftpd'),
  curl('421-forced', 'bad-forced-address', /421 Illegal forced IP/, [12]),
  ftplib('421-forced', 'bad-forced-address', /Illegal forced IP/, [12]),
  curl('425-ports', 'ports-exhausted', /425 All reserved/, [13]),
  ftplib('425-ports', 'ports-exhausted', /425 All reserved/, [13]),
  other(
    'proftpd-server-exhausted',
    null,
    'port-outside-range',
    /unable to find open port/,
    [14],
    `recorded: ${PRO}`,
  ),
  curl('proftpd-exhausted', 'data-blocked', TIMEOUT, [14], 'port-outside-range'),
  other('pureftpd-conf', null, 'range-syntax', /syntax error line 5/, [15], `recorded: ${PURE}`),
  other(
    'proftpd-t-passiveports',
    null,
    'proftpd-range-syntax',
    /fatal: PassivePorts/,
    [17],
    `recorded: ${PRO}`,
  ),
  other('proftpd-t-masquerade', null, 'empty-masquerade', /fatal: Masq/, [18], `recorded: ${PRO}`),
  filezilla('tls-only', 'tls-hides-ports', TIMEOUT, [23]),
  ftplib('proftpd-reuse', 'tls-session-reuse', /425 .*not permitted/, [24]),
  filezilla('gnutls-proftpd', 'tls-session-reuse', /GnuTLS error -15/, [24]),
  filezilla('gnutls-pureftpd', 'tls-old-pureftpd', /GnuTLS error -110/, [25]),
  filezilla('gnutls-hidden', null, /GnuTLS error -110/, [24, 25], 'tls-old-pureftpd'),
  curl('tls-required', 'tls-required', /421 Please reconnect/, [26]),
  curl('proftpd-tls-required', 'tls-required', /550 SSL\/TLS required/, [26]),
  ftplib('tls-data-required', 'tls-data-required', /521 Data connection/, [27]),
  ftplib('proftpd-data-required', 'tls-data-required', /522 SSL\/TLS required/, [27]),
  other('raw-pureftpd-ipv6-pasv', 'transcript', 'pasv-on-ipv6', /425 You cannot/, [28], `recorded: ${PURE}`),
  other(
    'raw-proftpd-ipv6-pasv',
    'transcript',
    'pasv-on-ipv6',
    /227 .*\(10,158,43\)/,
    [28],
    `recorded: ${PRO}`,
  ),
  curl('natmode', 'passive-refused', /500 Unknown command/, [29]),
  lftp('natmode', 'passive-refused', /500 Unknown command/, [29]),
  curl('broken-clients', 'epsv-refused', /500 Unknown command/, [29]),
  curl('other-source', 'other-source', TIMEOUT, [30]),
  ftplib('other-source', 'other-source', TIMEOUT, [30]),
  filezilla('too-many', 'too-many-from-address', /421 Too many connections \(8\)/, [31], 'data-blocked'),
  lftp('421-perip', 'too-many-from-address', /421 Too many connections/, [31]),
  curl('proftpd-perhost', 'too-many-from-address', /from your host/, [31]),
  curl('421-full', 'server-full', /the maximum/, [32]),
  curl('proftpd-full', 'server-full', /maximum number of allowed clients/, [32]),
  curl('active-refused', 'active-mode', /500 I won't open/, [33]),
  curl('active-drop', 'active-mode', TIMEOUT, [33]),
  lftp('active-wont', 'active-mode', /500 I won't open/, [33]),
  other('windows-active', 'Windows ftp', 'active-mode', /425 Unable to build/, [33]),
  other('windows-debug', 'Windows ftp', 'active-mode', /500 I won't open/, [33]),
  filezilla('old-address', 'other-address', OF_227, [34], 'old-address'),
  curl('other-public', 'other-address', OF_227, [9, 34], 'old-address'),
  lftp('hairpin', 'no-hairpin', OF_227, [35]),
  filezilla('container', 'container-address', OF_227, [36], 'nat-address'),
];

/** Rows of docs/diagnosis.md that no real daemon produces here, and why; the others are in test/job/rows. */
export const NOT_PRODUCED: Readonly<Record<number, string>> = {
  25: 'The Pure-FTPd of the sandbox is newer than 1.0.48, the last one with this fault.',
};

/** Logs in which no cause is to be found, and what is said instead. */
export const UNRELATED: Readonly<Record<string, RegExp>> = {
  smtp: /no conversation of an FTP client/,
  pop3: /no conversation of an FTP client/,
  apache: /no conversation of an FTP client/,
  sshd: /no conversation of an FTP client/,
  'curl-https': /no conversation of an FTP client/,
  'curl-ok': /All transfers in this log succeed/,
  'lftp-ok': /All transfers in this log succeed/,
  'filezilla-wrong-password': /refuses the login/,
  'filezilla-no-server': /does not get as far as the FTP server’s greeting/,
  'filezilla-sftp': /a log of SFTP/,
};
