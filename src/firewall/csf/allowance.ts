import type { PortRange } from '../../core/range.ts';
import type { Question } from '../firewall.ts';
import { addRange, allows, holds, isOn, readConf, removeToken, tokenOf, type PortList } from './conf.ts';
import type { Added } from './memory.ts';

/** A csf.conf, and what of it this program has put in. */
export interface Allowance {
  readonly conf: string;
  readonly added: Added;
}

const LISTS: readonly PortList[] = ['TCP_IN', 'TCP6_IN'];

/** Whether the conf lets the range in, in every family that CSF guards. @throws Problem `invalid` */
export function letsIn(text: string, { range, families }: Question): boolean {
  const conf = readConf(text);
  return listsOf(text, families).every((list) => allows(conf, list, range));
}

/** With the range in every list that lacks it. @throws Problem `invalid` where the conf must not be touched */
export function letIn(now: Allowance, { range, families }: Question): Allowance {
  return listsOf(now.conf, families).reduce(({ conf, added }, list) => {
    const longer = addRange(conf, list, range);
    if (longer === conf) return { conf, added };
    const token = tokenOf(range);
    const others = added[list].filter((each) => each !== token);
    return { conf: longer, added: { ...added, [list]: [...others, token] } };
  }, now);
}

/** Without these ranges, as far as they are ours and still stand there as we wrote them. @throws Problem `invalid` */
export function takeOut(now: Allowance, ranges: readonly PortRange[]): Allowance {
  const tokens = new Set(ranges.map(tokenOf));
  return LISTS.reduce(({ conf, added }, list) => {
    const gone = oursIn({ conf, added }, list).filter((token) => tokens.has(token));
    return {
      conf: gone.reduce((text, token) => removeToken(text, list, token), conf),
      added: { ...added, [list]: added[list].filter((token) => !tokens.has(token)) },
    };
  }, now);
}

/** What is ours and still there, each range once. @throws Problem `invalid` */
export function ours(now: Allowance): PortRange[] {
  const tokens = new Set(LISTS.flatMap((list) => oursIn(now, list)));
  return [...tokens].map((token) => {
    const [low, high] = token.split(':');
    return [Number(low), Number(high ?? low)];
  });
}

function oursIn({ conf, added }: Allowance, list: PortList): string[] {
  const settings = readConf(conf);
  return added[list].filter((token) => holds(settings, list, token));
}

/** Without IPV6 = "1" CSF makes no rules for IPv6. */
function listsOf(text: string, families: Question['families']): PortList[] {
  return LISTS.filter((list) =>
    list === 'TCP_IN' ? families.includes('ipv4') : families.includes('ipv6') && isOn(readConf(text), 'IPV6'),
  );
}
