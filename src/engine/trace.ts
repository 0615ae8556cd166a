/** A step of a packet through the rules, and whether it ended the packet. `handle`: null for a chain's policy. */
export interface TraceStep {
  readonly id: string;
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly handle: number | null;
  readonly text: string;
  readonly verdict: string;
}

/**
 * What a packet was when it came to the first chain of a table: the client's address, and the server's port, whichever
 * way the packet goes. A translation of addresses changes them on the way.
 */
export interface TracedPacket {
  readonly id: string;
  readonly table: string;
  readonly client: string;
  readonly port: number;
}

export type TraceLine = { readonly packet: TracedPacket } | { readonly step: TraceStep } | null;

const HEAD = /^trace id (\S+) (\S+) (\S+) (\S+) (.*)$/;
const RULE = /^rule (.*) # handle (\d+) \(verdict (.*)\)$/;
/** A rule that came after the trace began has no text. */
const UNKNOWN = /^unknown rule handle (\d+) \(verdict (.*)\)$/;
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
    return { step: { id, family, table, chain, handle: Number(handle), text, verdict } };
  }
  const unknown = UNKNOWN.exec(rest);
  if (unknown) {
    const [, handle = '', verdict = ''] = unknown;
    return { step: { id, family, table, chain, handle: Number(handle), text: '', verdict } };
  }
  const policy = POLICY.exec(rest)?.[1];
  if (policy === undefined) return null;
  return { step: { id, family, table, chain, handle: null, text: `policy ${policy}`, verdict: policy } };
}

function tracedPacket(id: string, table: string, rest: string): TraceLine {
  const leaving = /^packet: (?:iif "[^"]*" )?oif /.test(rest);
  const port = (leaving ? /\btcp sport (\d+)/ : /\btcp dport (\d+)/).exec(rest)?.[1];
  const client = (leaving ? /\bip6? daddr (\S+)/ : /\bip6? saddr (\S+)/).exec(rest)?.[1];
  return port === undefined || client === undefined
    ? null
    : { packet: { id, table, client, port: Number(port) } };
}
