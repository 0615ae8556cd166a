import { inNetworks } from '../core/address.ts';
import { Problem } from '../core/problem.ts';
import { mergeRanges, type PortRange } from '../core/range.ts';
import type { Blocked, Decision, Family, Reach, Reaches } from '../core/reach.ts';
import { namedNetworks, portSegments } from './boundaries.ts';
import { parseTraceLine } from './trace.ts';
import type { Ask, Clock, Link, Namespaces, OpenNamespaces, Outcome } from './ports.ts';

/** A copy of the server's firewall that can be asked and changed; the server itself never notices. */
export interface Twin {
  /** The exact verdict for every port of `range`. `from`: the client's address, else one that no rule names. */
  ask(range: PortRange, families: readonly Family[], from?: string): Promise<Reaches>;
  /** Loads an nft script into the twin. @throws Problem `command-failed` with nft's words */
  load(script: string): Promise<void>;
  /** The twin's ruleset with handles. */
  listing(): Promise<string>;
  close(): Promise<void>;
}

export interface TwinPorts {
  readonly openNamespaces: OpenNamespaces;
  readonly links: () => Promise<readonly Link[]>;
  readonly nft: string;
  readonly clock: Clock;
}

const TRACE_TABLE = 'ftp_passive_twin';
/** Only the first packet of a connection and the server's answer to it are decisive. */
const TRACE = `table inet ${TRACE_TABLE}
delete table inet ${TRACE_TABLE}
table inet ${TRACE_TABLE} {
	chain incoming {
		type filter hook prerouting priority -400; policy accept;
		tcp flags & (fin | syn | rst | ack) == syn meta nftrace set 1
	}
	chain outgoing {
		type filter hook output priority -400; policy accept;
		tcp flags & (syn | ack) == syn | ack meta nftrace set 1
	}
}
`;

/** A packet that leaves no trace and gets no answer was dropped before any rule could see it. */
const SILENCE_MS = 1500;
/** The two ends learn each other's place on the wire in far less. */
const KNOCK_MS = 300;
/** The trace comes later than the answer, line after line; when none has come for this long it is at its end. */
const TRACE_LAG_MS = 200;
const AT_ONCE = 500;

const STAND_IN: Readonly<Record<Family, string>> = { ipv4: '192.0.2.2', ipv6: '2001:db8::2' };
/** Where a stranger could be: globally routed addresses of no meaning to a server's rules, tried in order. */
const STRANGERS: Readonly<Record<Family, readonly string[]>> = {
  ipv4: [
    '45.83.12.7',
    '91.198.22.70',
    '141.98.11.5',
    '185.66.140.9',
    '62.210.5.77',
    '198.51.100.77',
    '203.0.113.77',
  ],
  ipv6: ['2a09:7c44::7', '2a01:4f8:c17:1::7', '2600:9000:5301::7', '2001:db8:ffff::7'],
};

/**
 * @param ruleset an nft script: a listing of the live ruleset, or the text of a file that is loaded at boot
 * @throws Problem `unsupported` where no twin can be made, with the reason
 */
export async function openTwin(ports: TwinPorts, ruleset: string): Promise<Twin> {
  const links = await ports.links();
  const main = withBothFamilies(links[0] ?? { name: 'eth0', addresses: [] });
  const others = links.map((link) => link.name).filter((name) => name !== main.name);
  // Rules can name an interface only where it is; one that they do not name does no harm.
  const stubs = others.filter((name) => ruleset.includes(name));
  const namespaces = await ports.openNamespaces({ main, stubs });
  let rules: string | null = null;
  let hearing = false;
  const heard: Heard = { traces: new Map(), lastMs: 0 };
  const clients = new Set<string>();

  const twin: Twin = {
    async load(script) {
      const result = await namespaces.run([ports.nft, '-f', '-'], { stdin: script, timeoutSeconds: 60 });
      if (result.code !== 0) {
        throw new Problem(
          'command-failed',
          `The rules do not load: ${firstLine(result.stderr)}`,
          result.stderr,
        );
      }
      rules = null;
    },
    async listing() {
      return (await namespaces.run([ports.nft, '-a', '-s', 'list', 'ruleset'])).stdout;
    },
    async ask(range, families, from) {
      const started = ports.clock.elapsed();
      if (rules === null) {
        rules = await twin.listing();
        await namespaces.run([ports.nft, '-f', '-'], { stdin: TRACE });
      }
      if (!hearing) await namespaces.trace(hearTrace(heard, ports.clock));
      hearing = true;
      const known = rules;
      heard.traces.clear();
      const segments = portSegments(known, range);
      await namespaces.listen(segments.map(([low]) => low));
      const answers = families.map(async (family) => {
        if (family === 'ipv6' && !namespaces.ipv6) return [family, noIpv6()] as const;
        const client = from !== undefined && familyOf(from) === family ? from : stranger(known, family, main);
        const way = { family, from: client, to: addressOf(main, family) };
        if (!clients.has(client)) {
          await namespaces.addClient(client);
          clients.add(client);
          await knock(namespaces, heard, way, range[0]);
        }
        const fates = await askSegments(namespaces, ports.clock, heard, segments, way);
        return [family, verdict(fates, ports.clock.elapsed() - started)] as const;
      });
      return Object.fromEntries(await Promise.all(answers));
    },
    close: () => namespaces.close(),
  };
  try {
    await twin.load(ruleset);
  } catch (error) {
    await namespaces.close();
    throw error;
  }
  return twin;
}

/** Steps of one connection's packets through the rules, in order, and the step that ended it. */
interface Trace {
  readonly path: string[];
  decided: Decision | null;
  onDecided: (() => void) | null;
}

/** What was heard of the connections that are asked for; `lastMs`: when the last line of all came. */
interface Heard {
  readonly traces: Map<string, Trace>;
  lastMs: number;
}

interface Fate {
  readonly range: PortRange;
  readonly outcome: Outcome;
  readonly trace: Trace;
}

function hearTrace(heard: Heard, clock: Clock): (line: string) => void {
  const asked = new Map<string, string>();
  return (text) => {
    heard.lastMs = clock.elapsed();
    const line = parseTraceLine(text);
    if (line === null) return;
    if ('packet' in line) {
      const { id, table, family, port } = line.packet;
      // Ours is the first table of all; in a later one the port may be another by a translation.
      if (table === TRACE_TABLE || !asked.has(id)) asked.set(id, askId(family, port));
      return;
    }
    const { id, decision, verdict } = line.step;
    const trace = heard.traces.get(asked.get(id) ?? '');
    if (trace === undefined || decision.table === TRACE_TABLE || trace.decided !== null) return;
    trace.path.push(`${decision.family} ${decision.table} ${decision.chain}: ${decision.text}`);
    if (verdict !== 'drop') return;
    trace.decided = decision;
    trace.onDecided?.();
  };
}

/** From where to where the connections go. */
interface Way {
  readonly family: Family;
  readonly from: string;
  readonly to: string;
}

function askId(family: Family, port: number): string {
  return `${family}-${port}`;
}

/** Lets a connection be given up as soon as a rule is seen to end it. */
function expectTrace(namespaces: Namespaces, { traces }: Heard, id: string): void {
  traces.set(id, { path: [], decided: null, onDecided: () => namespaces.settle([id]) });
}

/**
 * Makes the ends learn each other's place on the wire. Until they have, only some packets can wait, and of many first
 * ones the rest would be lost.
 */
async function knock(
  namespaces: Namespaces,
  heard: Heard,
  { family, from, to }: Way,
  port: number,
): Promise<void> {
  const id = askId(family, port);
  expectTrace(namespaces, heard, id);
  await namespaces.connect([{ id, from, to, port }], KNOCK_MS, () => undefined);
}

async function askSegments(
  namespaces: Namespaces,
  clock: Clock,
  heard: Heard,
  segments: readonly PortRange[],
  { family, from, to }: Way,
): Promise<Fate[]> {
  const fates: Fate[] = [];
  for (let first = 0; first < segments.length; first += AT_ONCE) {
    const some = segments.slice(first, first + AT_ONCE);
    const asks: Ask[] = some.map(([port]) => ({ id: askId(family, port), from, to, port }));
    for (const { id } of asks) expectTrace(namespaces, heard, id);
    const outcomes = new Map<string, Outcome>();
    await namespaces.connect(asks, SILENCE_MS, (id, outcome) => outcomes.set(id, outcome));
    const untold = (): boolean =>
      asks.some(({ id }) => outcomes.get(id) !== 'open' && heard.traces.get(id)?.decided === null);
    const ended = clock.elapsed();
    const lag = (): number => clock.elapsed() - Math.max(ended, heard.lastMs);
    while (untold() && lag() < TRACE_LAG_MS) await clock.sleep(2);
    for (const [index, { id }] of asks.entries()) {
      const trace = heard.traces.get(id) ?? { path: [], decided: null, onDecided: null };
      fates.push({ range: some[index] ?? [0, 0], outcome: outcomes.get(id) ?? 'silent', trace });
    }
  }
  return fates;
}

function verdict(fates: readonly Fate[], ms: number): Reach {
  const blocked: Blocked[] = [];
  for (const fate of fates.filter(({ outcome }) => outcome !== 'open')) {
    const next = blockedBy(fate);
    const last = blocked.at(-1);
    if (
      last &&
      last.range[1] + 1 === next.range[0] &&
      last.how === next.how &&
      last.path.join() === next.path.join()
    ) {
      blocked[blocked.length - 1] = { ...last, range: [last.range[0], next.range[1]] };
    } else blocked.push(next);
  }
  const open = mergeRanges(fates.filter(({ outcome }) => outcome === 'open').map(({ range }) => range));
  return { method: 'twin', open, blocked, ms: Math.round(ms) };
}

function blockedBy({ range, outcome, trace }: Fate): Blocked {
  const { decided, path } = trace;
  const said = outcome === 'refused' || outcome === 'unreachable' ? 'reject' : 'unknown';
  if (decided === null) return { range, how: said, rule: null, decision: null, path };
  const rule = `${decided.family} ${decided.table} ${decided.chain}: ${decided.text}`;
  return { range, how: /\breject\b/.test(decided.text) ? 'reject' : 'drop', rule, decision: decided, path };
}

function noIpv6(): Reach {
  return { method: 'unknown', reason: 'IPv6 is switched off in this kernel.', open: [], blocked: [], ms: 0 };
}

/** A ruleset answers for both families even where the server has an address in one only. */
function withBothFamilies(link: Link): Link {
  const missing = (['ipv4', 'ipv6'] as const).filter(
    (family) => !link.addresses.some((each) => familyOf(each) === family),
  );
  return { ...link, addresses: [...link.addresses, ...missing.map((family) => STAND_IN[family])] };
}

function addressOf(link: Link, family: Family): string {
  return (link.addresses.find((each) => familyOf(each) === family) ?? STAND_IN[family]).replace(/\/.*/, '');
}

function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

function stranger(rules: string, family: Family, main: Link): string {
  const known = [...namedNetworks(rules).filter((network) => !/\/0$/.test(network)), ...main.addresses];
  const [first = '', ...more] = STRANGERS[family];
  return [first, ...more].find((address) => !inNetworks(address, known)) ?? first;
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
