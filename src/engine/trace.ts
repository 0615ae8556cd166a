import type { Decision, Family } from '../core/reach.ts';

/** A step of a packet through the rules, and whether it ended the packet. */
export interface TraceStep {
  readonly id: string;
  readonly decision: Decision;
  readonly verdict: string;
}

/**
 * What a packet was when it came to the first chain of a table. `port`: the server's, whichever way the packet goes;
 * a translation of addresses changes it on the way.
 */
export interface TracedPacket {
  readonly id: string;
  readonly table: string;
  readonly family: Family;
  readonly port: number;
}

export type TraceLine = { readonly packet: TracedPacket } | { readonly step: TraceStep } | null;

const HEAD = /^trace id (\S+) (\S+) (\S+) (\S+) (.*)$/;
const RULE = /^rule (.*) # handle (\d+) \(verdict (.*)\)$/;
const POLICY = /^policy (\S+)/;

/** Reads one line of `nft -a monitor trace`; null for lines that say nothing about a verdict. */
export function parseTraceLine(line: string): TraceLine {
  const head = HEAD.exec(line);
  if (!head) return null;
  const [, id = '', family = '', table = '', chain = '', rest = ''] = head;
  if (rest.startsWith('packet: ')) return tracedPacket(id, table, rest);
  const rule = RULE.exec(rest);
  if (rule) {
    const [, text = '', handle = '', verdict = ''] = rule;
    return { step: { id, decision: { family, table, chain, handle: Number(handle), text }, verdict } };
  }
  const policy = POLICY.exec(rest)?.[1];
  if (policy === undefined) return null;
  return {
    step: { id, decision: { family, table, chain, handle: null, text: `policy ${policy}` }, verdict: policy },
  };
}

function tracedPacket(id: string, table: string, rest: string): TraceLine {
  const own = rest.startsWith('packet: oif ') ? /\btcp sport (\d+)/ : /\btcp dport (\d+)/;
  const port = own.exec(rest)?.[1];
  if (port === undefined) return null;
  const family = rest.includes(' ip6 saddr ') ? 'ipv6' : 'ipv4';
  return { packet: { id, table, family, port: Number(port) } };
}
