import type { PortRange } from '../../core/range.ts';
import type { Family } from '../../core/reach.ts';
import { BOTH, EVERY_PORT } from './verdicts.ts';

/** What a rule of the kernel does to every new TCP connection to its ports, whoever makes it. */
export interface PlainRule {
  readonly does: 'accept' | 'deny' | 'return' | { readonly to: string; readonly comesBack: boolean };
  readonly families: readonly Family[];
  readonly ports: readonly PortRange[];
}

/** Reads a rule as nft or iptables-save prints it; null when it looks at anything else than ports, or decides nothing. */
export function readRule(text: string): PlainRule | null {
  return /^(?:! )?-/.test(text) ? readIptables(text) : readNft(text);
}

const WORDS = /"[^"]*"|\{[^{}]*\}|\S+/g;

function readNft(text: string): PlainRule | null {
  const words = text.match(WORDS) ?? [];
  let ports: readonly PortRange[] = [EVERY_PORT];
  let families = BOTH;
  for (let at = 0; at < words.length;) {
    const [first = '', second = '', third = ''] = words.slice(at, at + 3);
    const does = verdictOf(first, second);
    if (does !== null) return { does, families, ports };
    if (first === 'counter') {
      at += second === 'packets' ? 5 : 1;
      continue;
    }
    switch (`${first} ${second}`) {
      case 'tcp dport': {
        const named = portsOf(third.replace(/[{}\s]/g, ''), '-');
        if (named === null) return null;
        ports = named;
        break;
      }
      case 'meta nfproto':
        if (third !== 'ipv4' && third !== 'ipv6') return null;
        families = [third];
        break;
      case 'meta l4proto':
        if (!/\btcp\b/.test(third)) return null;
        break;
      case 'ct state':
        if (!/\bnew\b/.test(third)) return null;
        break;
      default:
        return null;
    }
    at += 3;
  }
  return null;
}

const MODULES = ['tcp', 'conntrack', 'state', 'multiport', 'comment'];

function readIptables(text: string): PlainRule | null {
  const words = text.match(WORDS) ?? [];
  let ports: readonly PortRange[] = [EVERY_PORT];
  let does: PlainRule['does'] | null = null;
  for (let at = 0; at < words.length; at += 2) {
    const [option = '', value = ''] = words.slice(at, at + 2);
    const named = /^--dports?$/.test(option) ? portsOf(value, ':') : null;
    if (named !== null) ports = named;
    else if (option === '-j' || option === '-g') {
      does = verdictOf(option === '-g' ? 'goto' : value.toLowerCase(), value) ?? {
        to: value,
        comesBack: true,
      };
    } else if (option === '-p' ? value !== 'tcp' : !isHarmless(option, value)) return null;
  }
  return does === null ? null : { does, families: BOTH, ports };
}

function isHarmless(option: string, value: string): boolean {
  if (option === '-m') return MODULES.includes(value);
  if (option === '--ctstate' || option === '--state') return value.split(',').includes('NEW');
  return option === '--comment' || option === '--reject-with';
}

function verdictOf(word: string, next: string): PlainRule['does'] | null {
  if (word === 'accept' || word === 'return') return word;
  if (word === 'drop' || word === 'reject') return 'deny';
  return word === 'jump' || word === 'goto' ? { to: next, comesBack: word === 'jump' } : null;
}

function portsOf(list: string, separator: string): PortRange[] | null {
  const ranges = list.split(',').map((each) => {
    const [low = NaN, high = low, ...more] = each.split(separator).map(Number);
    return more.length === 0 ? ([low, high] as const) : ([NaN, NaN] as const);
  });
  return ranges.every((range) => range.every(Number.isInteger)) ? ranges : null;
}
