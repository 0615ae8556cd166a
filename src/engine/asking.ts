import type { PortRange } from '../core/range.ts';
import type { Decision, Family } from '../core/reach.ts';
import type { Tools } from '../firewall/placing.ts';
import { connectionId, type Hearing } from './hearing.ts';
import type { Layout, Listed } from './layout.ts';
import { isReached, moved, readCounts, type Counts, type Met } from './legacy.ts';
import type { Ask, Namespaces, Outcome } from './ports.ts';
import type { TraceStep } from './trace.ts';

/** A packet that leaves no trace and gets no answer was dropped before any rule could see it. */
const SILENCE_MS = 1500;
/** Rules of iptables-legacy leave no trace; what they stop is told by their counters after this. */
const UNTRACED_MS = 150;
/** The two ends learn each other's place on the wire in far less. */
const KNOCK_MS = 300;
const UNTRACED_KNOCK_MS = 60;
/** The trace comes later than the answer, line after line; when none has come for this long it is at its end. */
const LAG_MS = 200;
const UNTRACED_LAG_MS = 40;
const AT_ONCE = 250;

/** One connection to make: it speaks for all ports of `range`, which meet the same rules with the same answers. */
export interface Query {
  readonly family: Family;
  readonly from: string;
  readonly to: string;
  readonly range: PortRange;
  /** Whether anybody will do who was not here before. */
  readonly stranger: boolean;
}

/** What became of it. */
export interface Fate extends Query {
  readonly outcome: Outcome;
  readonly decided: Decision | null;
  readonly path: readonly Decision[];
}

/** What a question is asked with. */
export interface Asker {
  readonly namespaces: Namespaces;
  readonly tools: Tools;
  readonly heard: Hearing;
  readonly layout: Layout;
  /** Where the rules of these steps stand in the copy as it is now. */
  readonly find: (steps: readonly TraceStep[]) => Promise<Listed>;
  /** Families in which the ends know each other's place. */
  readonly knocked: Set<Family>;
  /** The next port to come from. */
  readonly caller: () => number;
  /** The address of a stranger from whom nothing came before. */
  readonly fresh: (family: Family) => Promise<string>;
}

/**
 * Makes the connections, and tells of each what became of it and why; in the order asked.
 * @param whole whether to wait for the whole way of what is open too, which takes longer
 */
export async function askAll(asker: Asker, queries: readonly Query[], whole = false): Promise<Fate[]> {
  const untraced = asker.layout.chains.some(({ tool }) => tool === 'iptables-legacy');
  const knockMs = untraced ? UNTRACED_KNOCK_MS : KNOCK_MS;
  await Promise.all((['ipv4', 'ipv6'] as const).map((family) => knock(asker, family, queries, knockMs)));
  const fates: Fate[] = [];
  for (let first = 0; first < queries.length; first += AT_ONCE) {
    const some = queries.slice(first, first + AT_ONCE);
    fates.push(...(await (untraced ? askCounted(asker, some, whole) : askTwice(asker, some, whole))));
  }
  return fates;
}

/**
 * Makes the ends learn each other's place on the wire. Until they have, only some packets can wait, and of many first
 * ones the rest would be lost.
 */
async function knock(
  { namespaces, heard, knocked, caller, fresh }: Asker,
  family: Family,
  queries: readonly Query[],
  limitMs: number,
): Promise<void> {
  const query = queries.find((each) => each.family === family);
  if (query === undefined || knocked.has(family)) return;
  knocked.add(family);
  const { to, range } = query;
  const from = await fresh(family);
  const id = connectionId(from, range[0]);
  heard.expect(id);
  const ask = { id, from, caller: caller(), to, port: range[0] };
  await namespaces.connect([ask], limitMs, () => undefined);
}

async function askTraced(
  asker: Asker,
  queries: readonly Query[],
  limitMs: number,
  whole: boolean,
): Promise<Fate[]> {
  const { namespaces, heard, layout, caller } = asker;
  const asks: Ask[] = queries.map(({ from, to, range: [port] }) => {
    return { id: connectionId(from, port), from, caller: caller(), to, port };
  });
  const traces = asks.map(({ id }) => heard.expect(id));
  const outcomes = new Map<string, Outcome>();
  await namespaces.connect(asks, limitMs, (id, outcome) => outcomes.set(id, outcome));
  // Of what is open the way is not waited for, and what is there of it by chance costs a look at its chains.
  const isOpen = ({ id }: Ask): boolean => outcomes.get(id) === 'open' && !whole;
  const told = (ask: Ask, index: number): boolean => isOpen(ask) || traces[index]?.decided !== null;
  await heard.settle(() => asks.every(told), limitMs < SILENCE_MS ? UNTRACED_LAG_MS : LAG_MS);
  const paths = asks.map((ask, index) => (isOpen(ask) ? [] : (traces[index]?.path ?? [])));
  const listed = await asker.find(paths.flat());
  return queries.map((query, index) => {
    const decided = traces[index]?.decided ?? null;
    return {
      ...query,
      outcome: outcomes.get(asks[index]?.id ?? '') ?? 'silent',
      decided: decided === null ? null : layout.decisionOf(decided, listed),
      path: (paths[index] ?? []).map((step) => layout.decisionOf(step, listed)),
    };
  });
}

/** A busy machine may lose a packet on its way; what neither an answer nor a trace tells of is asked once more. */
async function askTwice(asker: Asker, queries: readonly Query[], whole: boolean): Promise<Fate[]> {
  const fates = await askTraced(asker, queries, SILENCE_MS, whole);
  const untold = fates.filter((fate) => !isTold(fate));
  if (untold.length === 0) return fates;
  const again: Query[] = [];
  for (const { family, from, to, range, stranger } of untold) {
    again.push({ family, from: stranger ? await asker.fresh(family) : from, to, range, stranger });
  }
  const told = await askTraced(asker, again, SILENCE_MS, whole);
  return fates.map((fate) => told[untold.indexOf(fate)] ?? fate);
}

/**
 * With rules of iptables-legacy among those in force: where no trace tells what stopped a connection, the counters of
 * these rules do. All at once first; one after the other unless one rule has stopped them all, by one way.
 */
async function askCounted(asker: Asker, queries: readonly Query[], whole: boolean): Promise<Fate[]> {
  const before = await counts(asker);
  const fates = await askTraced(asker, queries, UNTRACED_MS, whole);
  if (fates.every(isTold)) return fates;
  const after = await counts(asker);
  const told: Fate[] = [];
  for (const fate of fates) {
    const met = moved(before[fate.family], after[fate.family]);
    const enders = met.filter(({ ends }) => ends);
    const untold = fates.filter((each) => each.family === fate.family && !isTold(each)).length;
    const [only] = enders;
    const common = met.filter(({ packets }) => packets >= untold);
    if (isTold(fate)) told.push(fate);
    else if (only === undefined || enders.length > 1 || only.packets !== untold || !isReached(only, common))
      told.push(await askAlone(asker, fate));
    else told.push(stoppedBy(asker, fate, only, common));
  }
  return told;
}

function isTold({ outcome, decided }: Fate): boolean {
  return outcome === 'open' || decided !== null;
}

/** Alone, what moved is what this connection met. What stopped it without a counter gets all the time there is. */
async function askAlone(asker: Asker, asked: Query): Promise<Fate> {
  let fate: Fate = { ...asked, outcome: 'silent', decided: null, path: [] };
  for (const limit of [UNTRACED_MS, SILENCE_MS]) {
    const from = asked.stranger ? await asker.fresh(asked.family) : asked.from;
    const query: Query = { ...asked, from };
    const before = await counts(asker);
    [fate = fate] = await askTraced(asker, [query], limit, false);
    if (isTold(fate)) return fate;
    const met = moved(before[query.family], (await counts(asker))[query.family]);
    const ender = met.findLast(({ ends }) => ends);
    if (ender !== undefined) return stoppedBy(asker, fate, ender, met);
  }
  return fate;
}

function stoppedBy({ layout }: Asker, fate: Fate, ender: Met, met: readonly Met[]): Fate {
  const path = met.slice(0, met.indexOf(ender) + 1).map(({ decision }) => layout.original(decision));
  return { ...fate, decided: path.at(-1) ?? null, path };
}

async function counts({ namespaces, tools }: Asker): Promise<Record<Family, Counts>> {
  const [ipv4, ipv6] = await Promise.all(
    (['ip', 'ip6'] as const).map(async (family) => {
      const result = await namespaces.run([tools.iptables(family, 'iptables-legacy', '-save'), '-c']);
      return readCounts(family, result.stdout);
    }),
  );
  return { ipv4: ipv4 ?? new Map(), ipv6: ipv6 ?? new Map() };
}
