import { subtractRanges, type PortRange } from '../../core/range.ts';
import { MARK } from '../firewall.ts';

/**
 * A rule as far as a new TCP connection from anywhere is concerned. `sure`: it decides every such connection to its
 * ports; otherwise it looks at the interface, the address that is reached, or something that is not understood.
 */
export interface IncomingRule {
  readonly verdict: 'accept' | 'deny';
  readonly sure: boolean;
  readonly ports: readonly PortRange[];
  readonly text: string;
}

/** A rule as ufw writes it down for itself; fields as they stand there. */
export interface Tuple {
  readonly action: string;
  readonly protocol: string;
  readonly ports: string;
  readonly to: string;
  readonly fromPorts: string;
  readonly from: string;
  readonly direction: string;
  /** Whether the rule carries our mark. */
  readonly ours: boolean;
  readonly text: string;
}

/** `denied`: a rule that must not be overridden decides against some of the ports. */
export type Verdict =
  { readonly kind: 'open' | 'closed' | 'unsure' } | { readonly kind: 'denied'; readonly rule: IncomingRule };

export const EVERY_PORT: PortRange = [1, 65535];
const ANYWHERE = ['0.0.0.0/0', '::/0', 'any'];
/** ufw keeps comments in hexadecimal. */
const MARK_HEX = MARK.replace(/./g, (each) => each.charCodeAt(0).toString(16).padStart(2, '0'));

/** The rules of user.rules or user6.rules, in their order. Source: ufw 0.36.2, backend_iptables.py. */
export function readTuples(text: string): Tuple[] {
  return [...text.matchAll(/^### tuple ###\s*(.*)$/gm)].flatMap(([, line = '']) => {
    const [fields = '', comment = ''] = line.split(' comment=');
    const words = fields.trim().split(/\s+/);
    if (words.length < 6 || words.length > 9) return [];
    const [action = '', protocol = '', ports = '', to = '', fromPorts = '', from = ''] = words;
    // Six and eight fields are an older form, which knows incoming rules only.
    const direction = words.length % 2 === 0 ? 'in' : (words.at(-1) ?? '');
    const ours = comment.trim() === MARK_HEX;
    return [{ action, protocol, ports, to, fromPorts, from, direction, ours, text: fields.trim() }];
  });
}

/** Whether `ufw allow LOW:HIGH/tcp` would not add a rule but replace this one, whatever it says. */
export function isSameButAction(tuple: Tuple, range: PortRange): boolean {
  const [ports, ...more] = portsOf(tuple.ports);
  const plain = tuple.protocol === 'tcp' && tuple.direction === 'in' && !tuple.action.startsWith('route:');
  const anywhere = isAnywhere(tuple.to) && isAnywhere(tuple.from) && tuple.fromPorts === 'any';
  const same = more.length === 0 && ports?.[0] === range[0] && ports[1] === range[1];
  return plain && anywhere && same && tuple.text.split(' ').length < 8;
}

/** Rules of ufw's own form; those that cannot meet a connection from just anywhere are left out. */
export function incomingTuples(tuples: readonly Tuple[]): IncomingRule[] {
  return tuples.flatMap((tuple): IncomingRule[] => {
    const [direction = '', device] = tuple.direction.split('_');
    if (direction !== 'in' || tuple.action.startsWith('route:')) return [];
    if (!['tcp', 'any'].includes(tuple.protocol)) return [];
    if (!isAnywhere(tuple.from) || tuple.fromPorts !== 'any') return [];
    const verdict = tuple.action.split('_')[0] === 'allow' ? 'accept' : 'deny';
    const sure = device === undefined && isAnywhere(tuple.to);
    return [{ verdict, sure, ports: portsOf(tuple.ports), text: tuple.text }];
  });
}

export function portsOf(words: string): PortRange[] {
  if (words === 'any') return [EVERY_PORT];
  return words.split(',').flatMap((word) => {
    const [, low, high] = /^(\d+)(?::(\d+))?$/.exec(word) ?? [];
    return low === undefined ? [] : [[Number(low), Number(high ?? low)] as const];
  });
}

/** What rules in this order do to the range; `accepts`: what happens to ports that no rule decides. */
export function judge(rules: readonly IncomingRule[], range: PortRange, accepts: boolean): Verdict {
  const accepted: PortRange[] = [];
  const doubts = new Set<IncomingRule['verdict']>();
  for (const rule of rules) {
    const left = subtractRanges(range, accepted);
    if (!left.some((each) => overlaps(each, rule.ports))) continue;
    if (!rule.sure) doubts.add(rule.verdict);
    else if (rule.verdict === 'deny') return { kind: 'denied', rule };
    else accepted.push(...rule.ports);
  }
  const open = accepts || subtractRanges(range, accepted).length === 0;
  return { kind: doubts.has('deny') || (!open && doubts.size > 0) ? 'unsure' : open ? 'open' : 'closed' };
}

function overlaps([low, high]: PortRange, ports: readonly PortRange[]): boolean {
  return ports.some((each) => each[0] <= high && low <= each[1]);
}

function isAnywhere(address: string): boolean {
  return ANYWHERE.includes(address);
}
