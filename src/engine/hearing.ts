import type { Clock, Namespaces } from './ports.ts';
import { parseTraceLine, type TraceStep } from './trace.ts';

const TABLE = 'ftp_passive_twin';
export const TRACE_TABLES = ['inet', 'netdev'].map((family) => ({ family, table: TABLE }));
/** Only the first packet of a connection and the server's answer to it are decisive. */
const FIRST = 'tcp flags & (fin | syn | rst | ack) == syn meta nftrace set 1';
const ANSWER = 'tcp flags & (syn | ack) == syn | ack meta nftrace set 1';

/** Steps of one connection's packets through the rules, in order, and the step that ended it. */
export interface Trace {
  readonly path: TraceStep[];
  decided: TraceStep | null;
  onDecided: (() => void) | null;
}

/** The kernel's own report of which rules packets meet. */
export interface Hearing {
  /** Begins to listen for a client's connection to a port; a rule that ends it ends the wait. */
  expect(id: string): Trace;
  /** Waits for lines that are still to come: until `enough` says so, or none has come for `lagMs`. */
  settle(enough: () => boolean, lagMs: number): Promise<void>;
}

/** Of a connection, as the trace names it. */
export function connectionId(client: string, port: number): string {
  return `${client}|${port}`;
}

/**
 * The rules that switch the trace on: before all others, and at the very edge where rules stand there.
 * @param rules a listing or a script of nft
 */
export function traceScript(rules: string, device: string): string {
  const edge = /\bnetdev\b|\bhook\s+ingress\b|^\s*include\b/m.test(rules)
    ? `table netdev ${TABLE} {
	chain edge {
		type filter hook ingress device "${device}" priority -2000000000; policy accept;
		${FIRST}
	}
}
`
    : '';
  return `table inet ${TABLE} {
	chain incoming {
		type filter hook prerouting priority -400; policy accept;
		${FIRST}
	}
	chain outgoing {
		type filter hook output priority -400; policy accept;
		${ANSWER}
	}
}
${edge}`;
}

/** To be started when the rules that switch the trace on are there. */
export async function startHearing(namespaces: Namespaces, clock: Clock): Promise<Hearing> {
  const traces = new Map<string, Trace>();
  const connections = new Map<string, string>();
  let lastMs = 0;
  await namespaces.trace((text) => {
    lastMs = clock.elapsed();
    const line = parseTraceLine(text);
    if (line === null) return;
    if ('packet' in line) {
      const { id, table, client, port } = line.packet;
      // Ours is the first table of all; in a later one the port may be another by a translation.
      if (table === TABLE || !connections.has(id)) connections.set(id, connectionId(client, port));
      return;
    }
    const { step } = line;
    const trace = traces.get(connections.get(step.id) ?? '');
    if (trace === undefined || step.table === TABLE || trace.decided !== null) return;
    trace.path.push(step);
    if (step.verdict !== 'drop') return;
    trace.decided = step;
    trace.onDecided?.();
  });
  return {
    expect(id) {
      const trace: Trace = { path: [], decided: null, onDecided: () => namespaces.settle([id]) };
      traces.set(id, trace);
      return trace;
    },
    async settle(enough, lagMs) {
      const asked = clock.elapsed();
      while (!enough() && clock.elapsed() - Math.max(asked, lastMs) < lagMs) await clock.sleep(2);
    },
  };
}
