import { allOpen, type Reach } from '../../core/reach.ts';
import { DEFAULT_RANGE, formatRange, sameRange } from '../../core/range.ts';
import type { Status } from '../../core/status.ts';
import { rangeWords } from './words.ts';

export type HopId = 'client' | 'outside' | 'nat' | 'firewall' | 'ftp';

/** One place on the way of a passive connection. `word` says the level, so that colour is never alone. */
export interface Hop {
  readonly id: HopId;
  readonly name: string;
  readonly level: 'good' | 'warn' | 'bad' | 'unknown';
  readonly word: string;
  readonly sentence: string;
  /** This server's own values at this place, each a few words for a picture. */
  readonly facts: readonly string[];
}

const WORDS = { good: 'right', warn: 'look here', bad: 'wrong', unknown: 'not known' } as const;

type Saying = (level: Hop['level'], sentence: string) => Hop;

const hopAt =
  (id: HopId, name: string, facts: readonly string[]): Saying =>
  (level, sentence) => ({ id, name, level, word: WORDS[level], sentence, facts });

/** The way from a client on the internet to the FTP server, in order. */
export function pathOf(status: Status): Hop[] {
  return [
    hopAt('client', 'Client', ['logs in at port 21,', 'then opens a data port'])(
      'good',
      'Connects to port 21 and is told an address and a port for the data.',
    ),
    hopAt('outside', 'Firewall outside', ['the internet,', 'the provider, the cloud'])(
      'unknown',
      'A provider’s or cloud firewall cannot be seen from this server.',
    ),
    natHop(status),
    firewallHop(status),
    ftpHop(status),
  ];
}

/** The address that clients are told, as far as it can be known: where none is set, the server's own. */
export function toldAddress({ ftp, nat }: Status): string | null {
  const set = ftp.passiveAddress.live ?? ftp.passiveAddress.rendered;
  return set ?? (nat.behind ? (nat.addresses[0]?.local ?? null) : null);
}

function natHop({ nat, ftp, findings }: Status): Hop {
  const hop = hopAt('nat', 'NAT (address translation)', natFacts(nat));
  const pairs = nat.addresses.map((pair) => `${pair.local} is ${pair.public} outside`).join('; ');
  const place = !nat.behind
    ? 'There is none.'
    : pairs === ''
      ? 'Its public address is not known.'
      : `${pairs}.`;
  if (ftp.server === 'disabled' || !ftp.running) return hop('unknown', place);
  const told = ftp.passiveAddress.live ?? ftp.passiveAddress.rendered;
  const sentence = `${place} The FTP server tells clients ${told ?? (nat.behind ? 'its local address' : 'its own address')}`;
  // The verdict knows what was chosen; without one the map must do.
  if (findings.some(({ id }) => id === 'address-right')) return hop('good', `${sentence}.`);
  if (!nat.behind) return hop(told === null ? 'good' : 'warn', `${sentence}.`);
  if (pairs === '') return hop('warn', `${sentence}.`);
  if (told === null) return hop('bad', `${sentence}, which they cannot reach.`);
  return nat.addresses.some((pair) => pair.public === told)
    ? hop('good', `${sentence}.`)
    : hop('bad', `${sentence}, which is not an address of this server.`);
}

function natFacts({ behind, addresses: [first, ...more] }: Status['nat']): string[] {
  if (!behind) return ['none'];
  if (first === undefined) return ['address not known'];
  return [
    `${first.public} is`,
    `${first.local} here`,
    ...(more.length > 0 ? [`and ${more.length} more`] : []),
  ];
}

function firewallHop({ firewall, ftp }: Status): Hop {
  const range = formatRange(ftp.range.configured ?? DEFAULT_RANGE);
  const verdicts = [
    familyVerdict('IPv4', firewall.reach.ipv4),
    familyVerdict('IPv6', firewall.reach.ipv6),
  ].flatMap((each) => each ?? []);
  const short = verdicts.map(({ family, open }) => `${family}: ${openWord(open)}`);
  const hop = hopAt('firewall', `Firewall here (${firewall.active})`, [`ports ${range}`, ...short]);
  const sentence = verdictWords(verdicts) || `Nobody asked whether it lets ${range} in.`;
  if (verdicts.some((each) => each.open === false)) return hop('bad', sentence);
  if (verdicts.length === 0 || verdicts.some((each) => each.open === null)) return hop('unknown', sentence);
  return hop('good', sentence);
}

function openWord(open: boolean | null): string {
  return open === null ? 'not known' : open ? 'open' : 'blocked';
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

function ftpHop(status: Status): Hop {
  const { ftp } = status;
  const name = ftp.server === 'disabled' ? 'FTP server' : `FTP server (${ftp.server})`;
  const { configured, live } = ftp.range;
  const told = toldAddress(status) ?? 'its own address';
  const hop = hopAt(
    'ftp',
    name,
    ftp.running ? [live === null ? 'ports not known' : `ports ${formatRange(live)}`, `tells ${told}`] : [],
  );
  if (ftp.server === 'disabled') return hop('bad', 'FTP is disabled in WHM.');
  if (!ftp.running) return hop('bad', 'It does not run.');
  if (live === null) return hop('unknown', 'It runs; with which passive ports could not be told.');
  return sameRange(configured ?? DEFAULT_RANGE, live)
    ? hop('good', `It runs and picks ports from ${rangeWords(live)}.`)
    : hop(
        'warn',
        `It picks ports from ${rangeWords(live)}, but WHM’s settings say ${rangeWords(configured)}.`,
      );
}
