import { phrase } from '../core/phrase.ts';
import type { PlacedRule } from '../core/plan.ts';
import { Problem } from '../core/problem.ts';
import type { PortRange } from '../core/range.ts';
import type { Family, Reach, Reaches } from '../core/reach.ts';
import { deleteCommands, insertCommands, type Command } from '../firewall/placing.ts';
import type { OurRule } from '../firewall/firewall.ts';
import { parseListing } from '../firewall/nftables/listing.ts';
import type { Chain, Place, Ruleset } from '../firewall/ruleset.ts';
import { askAll, type Asker, type Query } from './asking.ts';
import { piecesOf, portStarts } from './boundaries.ts';
import { firstLine, likenCopy, listCopy, tablesBeyondNft, savedTables, type Table } from './copy.ts';
import { openCopy, type TwinPorts } from './copying.ts';
import { startHearing } from './hearing.ts';
import { readKnown } from './known.ts';
import { listedOf, type Listed } from './layout.ts';
import { readingOf, type Reading } from './rules.ts';
import { namedSources, visitor, type Origin } from './strangers.ts';
import type { TraceStep } from './trace.ts';
import { verdict } from './verdict.ts';
import { addressOf, familyOf } from './wire.ts';

/** A copy of the server's firewall that can be asked; the server itself never notices. */
export interface AskedTwin {
  /** The chains as they were copied; every index that the twin speaks of counts in these. */
  readonly chains: readonly Chain[];
  /** The exact verdict for every port of `range`. `from`: the client's address, else one that no rule names. `whole`: with the way of an open port too. */
  ask(range: PortRange, families: readonly Family[], from?: string, whole?: boolean): Promise<Reaches>;
  close(): Promise<void>;
}

/** One that has a place for everybody, and can be changed. */
export interface Twin extends AskedTwin {
  /** The same for clients for whom a rule may have been made: one of each network that the rules name, by address. */
  askSources(ranges: readonly PortRange[], most: number): Promise<ReadonlyMap<string, Reach>>;
  /** Puts rules into the copy. @throws Problem `command-failed` with the tool's words */
  place(rules: readonly PlacedRule[]): Promise<void>;
  /** Takes rules of ours out of it. @throws Problem `command-failed` */
  remove(rules: readonly OurRule[]): Promise<void>;
}

/** More ports than these, each of which has to be asked, take longer than anybody waits. */
const MOST_PORTS = 4096;
/** Somebody who is banned is banned for many ports at once: so many pieces of a range tell it. */
const MOST_PIECES = 8;

/**
 * @param rules the rules in force, or those that files would load at boot
 * @throws Problem `unsupported` where no twin can be made, `command-failed` where the rules do not load
 */
export function openTwin(ports: TwinPorts, rules: Ruleset): Promise<Twin> {
  return makeTwin(ports, readingOf(rules), savedTables, null);
}

/**
 * One that is asked only, which is made sooner: rules of iptables are loaded by nft where it can, and while the rest is
 * still being read, and rules that none of its clients can meet are left out.
 * @param visitors the addresses from which it is to be asked, but for strangers
 * @throws as openTwin; Problem `unsupported` where the rules cannot be told whole
 */
export async function openAskedTwin(
  ports: TwinPorts,
  reading: Reading,
  visitors: readonly string[] = [],
): Promise<AskedTwin> {
  return makeTwin(ports, reading, tablesBeyondNft, visitors);
}

/**
 * @param restoredOf the tables that iptables is to load
 * @param visitors null: anybody
 */
async function makeTwin(
  ports: TwinPorts,
  reading: Reading,
  restoredOf: (ruleset: Ruleset) => readonly Table[],
  visitors: readonly string[] | null,
): Promise<Twin> {
  const { tools, clock } = ports;
  const { namespaces, main, ruleset, restored, meanwhile } = await openCopy(
    ports,
    reading,
    restoredOf,
    visitors,
  );
  try {
    const hearing = startHearing(namespaces, clock);
    // Whoever asks is told.
    hearing.catch(() => undefined);
    // What nft lists, it loads: each rule then stands where it stood.
    const alike = ruleset.listed === true && restored.length === 0;
    const first = alike ? null : await likenCopy(namespaces, tools, ruleset, restored);
    const { layout, networks, targets, callers, ...known } =
      meanwhile ?? readKnown({ ...ruleset, nft: first ?? '' }, main);
    const used: Record<Family, number> = { ipv4: 0, ipv6: 0 };
    const opened = new Set<string>();
    let changed = false;
    let state = first === null ? null : stateOf(first);
    let { starts } = known;
    const now = async (): Promise<State> => (state ??= stateOf(await listCopy(namespaces, tools, ruleset)));
    const found = new Map<string, Promise<Listed | null>>();
    const find = async (steps: readonly TraceStep[]): Promise<Listed> => {
      if (changed || !alike) return (await now()).listed;
      const places = new Map(steps.map((step) => [`${step.family} ${step.table} ${step.chain}`, step]));
      for (const [name, place] of places) {
        if (!found.has(name)) found.set(name, findRules(place));
      }
      const known = await Promise.all(found.values());
      if (known.includes(null)) return (await now()).listed;
      return new Map(known.flatMap((each) => [...(each ?? [])]));
    };
    const findRules = async ({ family, table, chain }: Place): Promise<Listed | null> => {
      const place = { family, table, chain };
      return layout.listedBy(place, await namespaces.handles(place));
    };
    const knocked = new Set<Family>();
    let asking: Promise<unknown> = Promise.resolve();

    let called = callers[0];
    const caller = (): number => {
      const port = called;
      called = port === callers[1] ? callers[0] : port + 1;
      return port;
    };
    const open = async (networks: readonly string[]): Promise<void> => {
      const closed = [...new Set(networks)].filter((network) => !opened.has(network));
      for (const network of closed) opened.add(network);
      if (closed.length > 0) await namespaces.openClient(closed);
    };
    // A rule may remember who came before, so no stranger comes twice.
    const next = (family: Family): Client => {
      return clientOf(known.stranger(family), used[family]++);
    };
    const fresh = async (family: Family): Promise<string> => {
      const { address, network } = next(family);
      await open([network]);
      return address;
    };
    const run = async (commands: readonly Command[]): Promise<void> => {
      for (const { argv, stdin } of commands) {
        const result = await namespaces.run(argv, { stdin: stdin ?? '', timeoutSeconds: 60 });
        if (result.code === 0) continue;
        throw new Problem(
          'command-failed',
          phrase`The rule cannot be put in: ${firstLine(result.stderr)}`,
          result.stderr,
        );
      }
    };
    const prepare = async (
      ...ranges: readonly PortRange[]
    ): Promise<{ asker: Asker; pieces: PortRange[][] }> => {
      const heard = await hearing;
      const pieces = ranges.map((range) => piecesOf(range, starts));
      if (pieces.some(({ length }) => length > MOST_PORTS)) throw tooMany();
      await namespaces.listen([...new Set([...pieces.flat().map(([low]) => low), ...targets])]);
      return { asker: { namespaces, tools, heard, layout, find, knocked, caller, fresh }, pieces };
    };
    const ask = async (
      range: PortRange,
      families: readonly Family[],
      from?: string,
      whole?: boolean,
    ): Promise<Reaches> => {
      if (from !== undefined && visitors?.includes(from) === false)
        throw new Error(`${from} is not among those for whom this copy was made.`);
      const started = clock.elapsed();
      const {
        asker,
        pieces: [pieces = []],
      } = await prepare(range);
      const asked = families.filter((family) => family === 'ipv4' || namespaces.ipv6);
      const queries: Query[] = [];
      const networks: string[] = [];
      for (const family of asked) {
        const own = from !== undefined && familyOf(from) === family ? clientOf(visitor(from), 0) : null;
        const to = addressOf(main, family);
        for (const piece of pieces) {
          const { address, network } = own ?? next(family);
          networks.push(network);
          queries.push({ family, from: address, to, range: piece, stranger: own === null });
        }
      }
      await open(networks);
      const fates = await askAll(asker, queries, whole);
      const ms = clock.elapsed() - started;
      const answer = (family: Family): Reach =>
        asked.includes(family)
          ? verdict(
              fates.filter((fate) => fate.family === family),
              ms,
              whole,
            )
          : noIpv6();
      return Object.fromEntries(families.map((family) => [family, answer(family)]));
    };
    const askSources = async (ranges: readonly PortRange[], most: number): Promise<Map<string, Reach>> => {
      const { asker, pieces } = await prepare(...ranges);
      const some = pieces.flatMap((each) => each.slice(0, MOST_PIECES));
      const origins = namedSources(networks, main, most).map(visitor);
      const reached = origins.filter(({ family }) => family === 'ipv4' || namespaces.ipv6);
      const queries: Query[] = [];
      await open(reached.map(({ network }) => network(0)));
      for (const { family, address } of reached) {
        const known = { family, from: address(0), to: addressOf(main, family), stranger: false };
        queries.push(...some.map((piece) => ({ ...known, range: piece })));
      }
      const fates = await askAll(asker, queries);
      return new Map(
        reached.map(({ address }) => [
          address(0),
          verdict(
            fates.filter(({ from }) => from === address(0)),
            0,
          ),
        ]),
      );
    };
    const inTurn = <T>(question: () => Promise<T>): Promise<T> => {
      // One question after the other: the ends count what they are told.
      const turn = asking.then(question);
      asking = turn.catch(() => undefined);
      return turn;
    };

    return {
      chains: layout.chains,
      ask: (range, families, from, whole) => inTurn(() => ask(range, families, from, whole)),
      askSources: (ranges, most) => inTurn(() => askSources(ranges, most)),
      async place(rules) {
        const placed = rules.map((rule) => ({ ...rule, before: layout.positionOf(rule) }));
        await run(insertCommands(tools, placed, layout.now((await now()).listing)));
        layout.placed(rules);
        const added = portStarts(rules.map(({ text }) => text).join('\n'));
        starts = [...new Set([...starts, ...added])].sort((a, b) => a - b);
        [changed, state] = [true, null];
      },
      async remove(rules) {
        await run(deleteCommands(tools, rules, layout.now((await now()).listing)));
        layout.removed(rules);
        [changed, state] = [true, null];
      },
      close: () => namespaces.close(),
    };
  } catch (error) {
    await namespaces.close();
    throw error;
  }
}

/** The copy as nft lists it now. */
interface State {
  readonly listing: string;
  readonly listed: Listed;
}

function stateOf(listing: string): State {
  return { listing, listed: listedOf(parseListing(listing)) };
}

/** One address of an origin, and what has to be open for it. */
interface Client {
  readonly address: string;
  readonly network: string;
}

function clientOf({ address, network }: Origin, index: number): Client {
  return { address: address(index), network: network(index) };
}

function tooMany(): Problem {
  return new Problem(
    'unsupported',
    phrase`A rule tells ports apart by their bits, a hash or a program, so that each single one would have to be asked; take that rule out, or ask for fewer ports.`,
  );
}

function noIpv6(): Reach {
  return {
    method: 'unknown',
    reason: phrase`IPv6 is switched off in this kernel.`,
    open: [],
    blocked: [],
    ms: 0,
  };
}
