import type { CauseId } from './causes.ts';
import type { Line } from './lines.ts';

interface Saying {
  readonly cause: CauseId;
  readonly pattern: RegExp;
  /** One of the lines just before must say this. */
  readonly after?: RegExp;
}

/** Words that servers and tools have for one cause only. */
const SAYINGS: readonly Saying[] = [
  { cause: 'bad-forced-address', pattern: /Illegal forced IP for passive connections/ },
  { cause: 'ports-exhausted', pattern: /\b425[ -]All reserved TCP ports are busy/ },
  { cause: 'port-outside-range', pattern: /unable to find open port in PassivePorts range/ },
  { cause: 'range-syntax', pattern: /\.conf:\d+:\d+: (?:syntax error|property not found) line \d+/ },
  { cause: 'range-syntax', pattern: /pure-?ftpd.*(?:status=252|exit (?:code|status) 252)/i },
  { cause: 'proftpd-range-syntax', pattern: /\bfatal: PassivePorts: / },
  { cause: 'empty-masquerade', pattern: /\bfatal: MasqueradeAddress: missing / },
  {
    cause: 'nft-family',
    pattern: /No such file or directory; did you mean table .{1,3}\w+.{1,3} in family inet/,
  },
  {
    cause: 'nft-family',
    pattern: /^(?:add|insert) rule (?:ip )?filter \w+ tcp dport/,
    after: /^Error: .*No such file or directory/,
  },
  {
    cause: 'tls-session-reuse',
    pattern: /\b425[ -]Unable to build data connection: Operation not permitted/,
  },
  { cause: 'tls-session-reuse', pattern: /\b522[ -].*session reuse required/i },
  { cause: 'tls-old-pureftpd', pattern: /\bTLS renegociation\b/ },
  { cause: 'tls-required', pattern: /\b421[ -]Please reconnect using TLS security mechanisms/ },
  { cause: 'tls-required', pattern: /\b5[35]0[ -]SSL\/TLS required on the control channel/ },
  { cause: 'tls-data-required', pattern: /\b521[ -]Data connection cannot be opened with this PROT setting/ },
  { cause: 'tls-data-required', pattern: /\b522[ -]SSL\/TLS required on the data channel/ },
  { cause: 'pasv-on-ipv6', pattern: /\b425[ -]You cannot use PASV on IPv6 connections/ },
  { cause: 'too-many-from-address', pattern: /\b421[ -]Too many connections \(\d+\) from this IP/ },
  {
    cause: 'too-many-from-address',
    pattern: /\b5[23]0[ -].*maximum number (?:of )?clients \(\d+\) from your host/,
  },
  { cause: 'server-full', pattern: /\b421[ -]\d+ users \(the maximum\) are already logged in/ },
  {
    cause: 'server-full',
    pattern: /\b5[23]0[ -].*maximum number of (?:allowed )?clients \(\d+\)(?! from your host)/,
  },
  { cause: 'server-full', pattern: /\bmaximum user count\b/ },
  { cause: 'active-mode', pattern: /\b50[01][ -](?:I won't open a connection to|Illegal PORT command)/ },
  { cause: 'range-overlap', pattern: /\b42[15][ -].*Address already in use/ },
  {
    cause: 'virtual-node',
    pattern:
      /can't initialize ip6?tables table .*(?:does not exist|insmod)|modprobe: (?:FATAL|ERROR): .*_(?:conntrack|nat)_ftp\b/,
  },
];

/** How many lines before a line may hold what it answers. */
const BEFORE = 3;
/** Some clients write a reply of many lines as one. */
const LONG = 200;
/** Without one of these words no saying can hold. */
const ANY =
  /\b4\d\d[ -]|\b5\d\d[ -]|PassivePorts|MasqueradeAddress|forced IP|line \d+|252|No such file|rule |renegociation|user count|tables table|_ftp\b/;

export interface Heard {
  readonly cause: CauseId;
  readonly line: Line;
}

/** What servers and tools said, each cause once, in the order of the log. */
export function sayings(lines: readonly Line[]): Heard[] {
  const heard = new Map<CauseId, Heard>();
  lines.forEach((line, index) => {
    if (!ANY.test(line.text)) return;
    for (const { cause, pattern, after } of SAYINGS) {
      if (heard.has(cause) || !pattern.test(line.text)) continue;
      const before = lines.slice(Math.max(0, index - BEFORE), index);
      if (after !== undefined && !before.some(({ text }) => after.test(text))) continue;
      heard.set(cause, { cause, line: excerpt(line, pattern) });
    }
  });
  return [...heard.values()];
}

/** Of a long line, what was heard. */
function excerpt(line: Line, pattern: RegExp): Line {
  const at = pattern.exec(line.text)?.index ?? 0;
  return line.text.length <= LONG ? line : { ...line, text: `… ${line.text.slice(at, at + LONG)}` };
}
