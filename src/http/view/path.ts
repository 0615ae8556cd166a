import { phrase } from '../../core/phrase.ts';
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

const WORDS = {
  good: phrase`right`,
  warn: phrase`look here`,
  bad: phrase`wrong`,
  unknown: phrase`not known`,
} as const;

type Saying = (level: Hop['level'], sentence: string) => Hop;

const hopAt =
  (id: HopId, name: string, facts: readonly string[]): Saying =>
  (level, sentence) => ({ id, name, level, word: WORDS[level], sentence, facts });

/** The way from a client on the internet to the FTP server, in order. */
export function pathOf(status: Status): Hop[] {
  return [
    hopAt('client', phrase`Client`, [phrase`logs in at port 21,`, phrase`then opens a data port`])(
      'good',
      phrase`Connects to port 21 and is told an address and a port for the data.`,
    ),
    hopAt('outside', phrase`Firewall outside`, [phrase`the internet,`, phrase`the provider, the cloud`])(
      'unknown',
      phrase`A provider’s or cloud firewall cannot be seen from this server.`,
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
  const hop = hopAt('nat', phrase`NAT (address translation)`, natFacts(nat));
  const pairs = nat.addresses.map((pair) => phrase`${pair.local} is ${pair.public} outside`).join('; ');
  const place = !nat.behind
    ? phrase`There is none.`
    : pairs === ''
      ? phrase`Its public address is not known.`
      : `${pairs}.`;
  if (ftp.server === 'disabled' || !ftp.running) return hop('unknown', place);
  const told = ftp.passiveAddress.live ?? ftp.passiveAddress.rendered;
  const sentence = phrase`${place} The FTP server tells clients ${told ?? (nat.behind ? phrase`its local address` : phrase`its own address`)}`;
  // The verdict knows what was chosen; without one the map must do.
  if (findings.some(({ id }) => id === 'address-right')) return hop('good', `${sentence}.`);
  if (!nat.behind) return hop(told === null ? 'good' : 'warn', `${sentence}.`);
  if (pairs === '') return hop('warn', `${sentence}.`);
  if (told === null) return hop('bad', phrase`${sentence}, which they cannot reach.`);
  return nat.addresses.some((pair) => pair.public === told)
    ? hop('good', `${sentence}.`)
    : hop('bad', phrase`${sentence}, which is not an address of this server.`);
}

function natFacts({ behind, addresses: [first, ...more] }: Status['nat']): string[] {
  if (!behind) return [phrase`none`];
  if (first === undefined) return [phrase`address not known`];
  return [
    phrase`${first.public} is`,
    phrase`${first.local} here`,
    ...(more.length > 0 ? [phrase`and ${more.length} more`] : []),
  ];
}

function firewallHop({ firewall, ftp }: Status): Hop {
  const range = formatRange(ftp.range.configured ?? DEFAULT_RANGE);
  const verdicts = [
    familyVerdict('IPv4', firewall.reach.ipv4),
    familyVerdict('IPv6', firewall.reach.ipv6),
  ].flatMap((each) => each ?? []);
  const short = verdicts.map(({ family, open }) => `${family}: ${openWord(open)}`);
  const hop = hopAt(
    'firewall',
    phrase`Firewall here (${firewall.active === 'none' ? phrase`none` : firewall.active})`,
    [phrase`ports ${range}`, ...short],
  );
  const sentence = verdictWords(verdicts) || phrase`Nobody asked whether it lets ${range} in.`;
  if (verdicts.some((each) => each.open === false)) return hop('bad', sentence);
  if (verdicts.length === 0 || verdicts.some((each) => each.open === null)) return hop('unknown', sentence);
  return hop('good', sentence);
}

function openWord(open: boolean | null): string {
  return open === null ? phrase`not known` : open ? phrase`open` : phrase`blocked`;
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
  return [...families].map(([words, names]) => `${names.join(phrase` and `)}: ${words}`).join(' ');
}

function familyVerdict(family: string, reach: Reach | undefined): Verdict | null {
  if (!reach) return null;
  const open = allOpen(reach);
  const verdict = (words: string): Verdict => ({ family, open, words });
  if (open === null) return verdict(phrase`could not tell (${reach.reason ?? phrase`no reason is known`}).`);
  if (open) return verdict(phrase`the whole range is open.`);
  const first = reach.blocked[0];
  const rule = first?.rule ?? null;
  return verdict(
    phrase`${rangeWords(first?.range ?? null)} is blocked${rule === null ? '' : phrase` by: ${rule}`}.`,
  );
}

function ftpHop(status: Status): Hop {
  const { ftp } = status;
  const name = ftp.server === 'disabled' ? phrase`FTP server` : phrase`FTP server (${ftp.server})`;
  const { configured, live } = ftp.range;
  const told = toldAddress(status) ?? phrase`its own address`;
  const hop = hopAt(
    'ftp',
    name,
    ftp.running
      ? [live === null ? phrase`ports not known` : phrase`ports ${formatRange(live)}`, phrase`tells ${told}`]
      : [],
  );
  if (ftp.server === 'disabled') return hop('bad', phrase`FTP is disabled in WHM.`);
  if (!ftp.running) return hop('bad', phrase`It does not run.`);
  if (live === null) return hop('unknown', phrase`It runs; with which passive ports could not be told.`);
  return sameRange(configured ?? DEFAULT_RANGE, live)
    ? hop('good', phrase`It runs and picks ports from ${rangeWords(live)}.`)
    : hop(
        'warn',
        phrase`It picks ports from ${rangeWords(live)}, but WHM’s settings say ${rangeWords(configured)}.`,
      );
}
