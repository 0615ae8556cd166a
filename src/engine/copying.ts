import type { Tools } from '../firewall/placing.ts';
import type { Ruleset } from '../firewall/ruleset.ts';
import { loadCopy, loadListing, type Table } from './copy.ts';
import { traceScript } from './hearing.ts';
import { readKnown, type Known } from './known.ts';
import { withoutOthers, type Lightened } from './others.ts';
import type { Clock, Link, Namespaces, OpenNamespaces } from './ports.ts';
import { toldRules, type Reading } from './rules.ts';
import { mainOf, stubsOf } from './wire.ts';

export interface TwinPorts {
  readonly openNamespaces: OpenNamespaces;
  readonly links: () => Promise<readonly Link[]>;
  readonly tools: Tools;
  readonly clock: Clock;
}

/** Namespaces with the rules in them. */
export interface Copied {
  readonly namespaces: Namespaces;
  /** The interface by which clients come. */
  readonly main: Link;
  readonly ruleset: Ruleset;
  /** The tables that iptables has loaded. */
  readonly restored: readonly Table[];
  /** What was read of the rules meanwhile; null where the copy is to be asked. */
  readonly meanwhile: Known | null;
}

/** Rules that are longer than a pipe takes at once (pipe(7)) are handed over in some turns, which take so long. */
const PIPE_BYTES = 65_536;
const HANDED_OVER_MS = 10;

/** The tables that iptables is to load. */
type RestoredOf = (ruleset: Ruleset) => readonly Table[];

/**
 * Makes the namespaces while the rules are read, and has nft load what it lists before the rest is there.
 * @param visitors who is to ask it beside strangers: rules that begin with any other sender are left out where that is
 *   sound. Null: anybody, and all rules
 * @throws Problem `unsupported` where no copy can be made, `command-failed` where the rules do not load
 */
export async function openCopy(
  ports: TwinPorts,
  reading: Reading,
  restoredOf: RestoredOf,
  visitors: readonly string[] | null,
): Promise<Copied> {
  const { tools, clock } = ports;
  const { listing, rules } = reading;
  const links = ports.links();
  const told = rules.then(toldRules);
  const spec = {
    main: links.then(mainOf),
    stubs: Promise.all([links, listing]).then(async ([some, nft]) => stubsOf(some, nft ?? (await told).nft)),
  };
  // Whoever makes the namespaces is told.
  for (const each of [told, ...Object.values(spec)]) each.catch(() => undefined);
  const namespaces = await ports.openNamespaces(spec);
  let early: Promise<boolean | null> = Promise.resolve(null);
  try {
    const main = await spec.main;
    const listed = await listing;
    const light =
      listed === null || visitors === null ? null : withoutOthers(listed, [...main.addresses, ...visitors]);
    early = loadListing(namespaces, tools, light?.listing ?? listed, main.name);
    // Whoever loads the rest is told.
    early.catch(() => undefined);
    const ruleset = await told;
    const trace = traceScript(ruleset.nft, main.name);
    const loading = loadCopy(namespaces, tools, ruleset, trace, restoredOf(ruleset), early);
    const [restored, meanwhile] = await Promise.all([loading, readMeanwhile(clock, ruleset, main, light)]);
    const copied = { namespaces, main, ruleset, restored };
    // Where nft has refused what is light, all rules are in it.
    if (light !== null && (await early) !== true) return { ...copied, meanwhile: readKnown(ruleset, main) };
    if (light === null || isSound(ruleset, meanwhile)) return { ...copied, meanwhile };
    await namespaces.close();
  } catch (error) {
    // What still loads is in them until it has done so.
    await Promise.allSettled([namespaces.close(), early]);
    throw error;
  }
  return openCopy(ports, reading, restoredOf, null);
}

/** Whether what was left out is about nobody who is there: strangers have no name in it, and no other list decides. */
function isSound({ saved, ipsets }: Ruleset, known: Known | null): boolean {
  if (known === null || ipsets !== '' || saved.some(({ tool }) => tool === 'iptables-legacy')) return false;
  return (['ipv4', 'ipv6'] as const).every((family) => !known.stranger(family).named);
}

/**
 * What nft has listed is read while nft loads it, which takes as long where there are many rules; but first they have
 * to be handed over to it.
 */
async function readMeanwhile(
  clock: Clock,
  ruleset: Ruleset,
  main: Link,
  light: Lightened | null,
): Promise<Known | null> {
  if (ruleset.listed !== true) return null;
  if ((light?.listing ?? ruleset.nft).length > PIPE_BYTES) await clock.sleep(HANDED_OVER_MS);
  return readKnown(ruleset, main, light);
}
