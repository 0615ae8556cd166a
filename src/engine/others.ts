import { unreadable } from '../firewall/nftables/listing.ts';
import type { Place } from '../firewall/ruleset.ts';

/** A listing without rules that nobody in the copy meets. */
export interface Lightened {
  readonly listing: string;
  /** Whether the rule of that table with that number was left out. */
  without(place: Pick<Place, 'family' | 'table'>, handle: number | null): boolean;
}

const TABLE = /^table (\S+) (\S+) \{/;
/** A rule whose first words, or the first after those about an interface, are one sender. They have no other effect. */
const SENDER =
  /^\t\t(?:[io]if(?:name)? (?:!= )?\S+ )?ip6? saddr (?:(\d+)(?:\.\d+){3}|([0-9a-f]*):[0-9a-f:]*)(?:\/(\d+))? .* # handle (\d+)$/;
/** Networks that reach over more than one first number. */
const WIDE = { ipv4: 8, ipv6: 16 } as const;
/** The first numbers of who has no address yet, of loopback, and of the wire's own ends. */
const ANYWHERE = /^(?:|0|127|169|fe[89ab][0-9a-f])$/;
/** What gives a packet on its way another sender, or could. */
const REWRITES =
  /\b(?:snat|dnat|masquerade|redirect|netmap|tproxy|synproxy|queue|dup|fwd)\b|\bsaddr set\b|@(?:nh|ih|ll),/i;

/**
 * A list of bans has a rule for each of thousands of senders, none of whom is in the copy; nft takes most of its time to
 * load them. A rule that begins with its sender does nothing to packets of others, so it can be left out, whatever
 * stands behind.
 *
 * @param listing of nft, with handles
 * @param present all addresses of the copy, but for those of strangers, whom no rule names. What begins with the same
 *   number is left in
 * @returns null where there is no such rule, or packets may get another sender on their way, or nobody knows
 */
export function withoutOthers(listing: string, present: readonly string[]): Lightened | null {
  if (REWRITES.test(listing) || unreadable(listing)) return null;
  const here = new Set(present.map(firstNumber));
  const left = new Set<string>();
  let table = '';
  const lines = listing.split('\n').filter((line) => {
    const [, family = '', name = ''] = TABLE.exec(line) ?? [];
    if (family !== '') table = `${family} ${name}`;
    const handle = numberIfOther(line, here);
    if (handle !== null) left.add(`${table} ${handle}`);
    return handle === null;
  });
  if (left.size === 0) return null;
  return {
    listing: lines.join('\n'),
    without: (place, handle) => left.has(`${place.family} ${place.table} ${handle ?? ''}`),
  };
}

function numberIfOther(line: string, here: ReadonlySet<string>): string | null {
  const [, v4, v6 = '', length, handle] = SENDER.exec(line) ?? [];
  if (handle === undefined) return null;
  const first = v4 ?? v6;
  const wide = length !== undefined && Number(length) < (v4 === undefined ? WIDE.ipv6 : WIDE.ipv4);
  return wide || here.has(first) || ANYWHERE.test(first) ? null : handle;
}

function firstNumber(address: string): string {
  return address
    .toLowerCase()
    .replace(/^0+(?=[0-9a-f])/, '')
    .replace(/[.:].*$/, '');
}
