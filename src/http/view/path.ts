import { allOpen, type Reach } from '../../core/reach.ts';
import { DEFAULT_RANGE, sameRange } from '../../core/range.ts';
import type { Status } from '../../core/status.ts';
import { rangeWords } from './words.ts';

/** One place on the way of a passive connection. `word` says the level, so that colour is never alone. */
export interface Hop {
  readonly name: string;
  readonly level: 'good' | 'warn' | 'bad' | 'unknown';
  readonly word: string;
  readonly sentence: string;
}

const WORDS = { good: 'right', warn: 'look here', bad: 'wrong', unknown: 'not known' } as const;

const hop = (name: string, level: Hop['level'], sentence: string): Hop => ({
  name,
  level,
  word: WORDS[level],
  sentence,
});

/** The way from a client on the internet to the FTP server, in order. */
export function pathOf(status: Status): Hop[] {
  return [
    hop('Client', 'good', 'Connects to port 21 and is told an address and a port for the data.'),
    hop('Firewall outside', 'unknown', 'A provider’s or cloud firewall cannot be seen from this server.'),
    natHop(status),
    firewallHop(status),
    ftpHop(status),
  ];
}

function natHop({ nat, ftp, findings }: Status): Hop {
  const pairs = nat.addresses.map((pair) => `${pair.local} is ${pair.public} outside`).join('; ');
  const place = !nat.behind
    ? 'There is none.'
    : pairs === ''
      ? 'Its public address is not known.'
      : `${pairs}.`;
  if (ftp.server === 'disabled' || !ftp.running) return hop('NAT', 'unknown', place);
  const told = ftp.passiveAddress.live ?? ftp.passiveAddress.rendered;
  const sentence = `${place} The FTP server tells clients ${told ?? (nat.behind ? 'its local address' : 'its own address')}`;
  // The verdict knows what was chosen; without one the map must do.
  if (findings.some(({ id }) => id === 'address-right')) return hop('NAT', 'good', `${sentence}.`);
  if (!nat.behind) return hop('NAT', told === null ? 'good' : 'warn', `${sentence}.`);
  if (pairs === '') return hop('NAT', 'warn', `${sentence}.`);
  if (told === null) return hop('NAT', 'bad', `${sentence}, which they cannot reach.`);
  return nat.addresses.some((pair) => pair.public === told)
    ? hop('NAT', 'good', `${sentence}.`)
    : hop('NAT', 'bad', `${sentence}, which is not an address of this server.`);
}

function firewallHop({ firewall, ftp }: Status): Hop {
  const name = `Firewall here (${firewall.active})`;
  const range = rangeWords(ftp.range.configured);
  const verdicts = [
    familyVerdict('IPv4', firewall.reach.ipv4),
    familyVerdict('IPv6', firewall.reach.ipv6),
  ].flatMap((each) => each ?? []);
  const sentence = verdictWords(verdicts) || `Nobody asked whether it lets ${range} in.`;
  if (verdicts.some((each) => each.open === false)) return hop(name, 'bad', sentence);
  if (verdicts.length === 0 || verdicts.some((each) => each.open === null))
    return hop(name, 'unknown', sentence);
  return hop(name, 'good', sentence);
}

interface Verdict {
  readonly family: string;
  readonly open: boolean | null;
  readonly words: string;
}

/** Families of which the same is true share a sentence. */
function verdictWords(verdicts: readonly Verdict[]): string {
  const families = new Map<string, string[]>();
  for (const { family, words } of verdicts) families.set(words, [...(families.get(words) ?? []), family]);
  return [...families].map(([words, names]) => `${names.join(' and ')}: ${words}`).join(' ');
}

function familyVerdict(family: string, reach: Reach | undefined): Verdict | null {
  if (!reach) return null;
  const open = allOpen(reach);
  const verdict = (words: string): Verdict => ({ family, open, words });
  if (open === null) return verdict(`could not tell (${reach.reason ?? 'no reason is known'}).`);
  if (open) return verdict('the whole range is open.');
  const first = reach.blocked[0];
  const rule = first?.rule ?? null;
  return verdict(`${rangeWords(first?.range ?? null)} is blocked${rule === null ? '' : ` by: ${rule}`}.`);
}

function ftpHop({ ftp }: Status): Hop {
  const name = ftp.server === 'disabled' ? 'FTP server' : `FTP server (${ftp.server})`;
  if (ftp.server === 'disabled') return hop(name, 'bad', 'FTP is disabled in WHM.');
  if (!ftp.running) return hop(name, 'bad', 'It does not run.');
  const { configured, live } = ftp.range;
  if (live === null) return hop(name, 'unknown', 'It runs; with which passive ports could not be told.');
  return sameRange(configured ?? DEFAULT_RANGE, live)
    ? hop(name, 'good', `It runs and picks ports from ${rangeWords(live)}.`)
    : hop(
        name,
        'warn',
        `It picks ports from ${rangeWords(live)}, but WHM’s settings say ${rangeWords(configured)}.`,
      );
}
