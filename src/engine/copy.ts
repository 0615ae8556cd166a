import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { tablesIn, withTables } from '../firewall/chains.ts';
import { parseListing, unreadable, withoutTables } from '../firewall/nftables/listing.ts';
import type { Tools } from '../firewall/placing.ts';
import { samePlace, type Ruleset } from '../firewall/ruleset.ts';
import { TRACE_TABLES, traceScript } from './hearing.ts';
import { listRules } from './listing.ts';
import type { Namespaces } from './ports.ts';

const LOAD_SECONDS = 60;

/** A table, by its family. */
export interface Table {
  readonly family: string;
  readonly table: string;
}

/** All tables of nft that iptables has made: it finds them again only where it has loaded them itself. */
export function savedTables({ saved }: Ruleset): Table[] {
  return saved.filter(({ tool }) => tool === 'iptables').flatMap(tablesIn);
}

/** Those of them that nft itself cannot load as it lists them. */
export function tablesBeyondNft(ruleset: Ruleset): Table[] {
  if (ruleset.listed !== true) return savedTables(ruleset);
  const beyond = parseListing(ruleset.nft).filter(({ rules }) => rules.some(({ text }) => unreadable(text)));
  return savedTables(ruleset).filter((each) => inTables(beyond, each));
}

/**
 * Loads a ruleset into a copy of the server. A question asked of the copy must not use up what one connection on the
 * server would not: rates and counts of connections are raised out of reach.
 * @param trace the rules that switch the trace on: each run of nft takes its time among many rules
 * @param restored the tables that iptables is to load; nft takes a fraction of its time
 * @param early whether what nft lists is there already (loadListing); none is restored then, and all where nft has
 *   refused it
 * @returns the tables that iptables has loaded: all that it made where nft refuses one of them
 * @throws Problem `command-failed` with the words of the tool that refuses
 */
export async function loadCopy(
  namespaces: Namespaces,
  tools: Tools,
  ruleset: Ruleset,
  trace: string,
  restored: readonly Table[],
  early: Promise<boolean | null>,
): Promise<readonly Table[]> {
  const load = async (argv: readonly string[], stdin: string): Promise<void> => {
    if (stdin.trim() === '') return;
    const result = await namespaces.run(argv, { stdin, timeoutSeconds: LOAD_SECONDS });
    if (result.code === 0) return;
    const words = result.missing ? phrase`${argv[0] ?? ''} is not installed here.` : firstLine(result.stderr);
    throw new Problem('command-failed', phrase`The rules do not load: ${words}`, result.stderr);
  };
  await load([tools.ipset, '-exist', 'restore'], ruleset.ipsets);
  const all = savedTables(ruleset);
  const loadWithout = async (tables: readonly Table[]): Promise<readonly Table[]> => {
    const native = withoutTables(ruleset.nft, tables);
    await load([tools.nft, '-f', '-'], scriptOf(native, trace));
    return tables;
  };
  const loaded = await early;
  const some = loaded === false ? all : restored;
  // nft loads all of a script or nothing, so there is nothing of it when it refuses.
  const left =
    loaded === true
      ? []
      : await loadWithout(some).catch((error: unknown) => {
          if (some.length === all.length) throw error;
          return loadWithout(all);
        });
  for (const saved of ruleset.saved) {
    const { family, tool } = saved;
    const isWanted = (table: string): boolean =>
      tool === 'iptables-legacy' || inTables(left, { family, table });
    const { text } = withTables(saved, isWanted);
    await load([tools.iptables(family, tool, '-restore'), '-w', '5'], calm(text));
  }
  return left;
}

/**
 * Loads what nft lists while the rest is still being read, where nft can read all of it back.
 * @returns whether it is loaded; nothing of it is otherwise. Null: that was not tried
 */
export async function loadListing(
  namespaces: Namespaces,
  tools: Tools,
  listing: string | null,
  device: string,
): Promise<boolean | null> {
  if (listing === null || unreadable(listing)) return null;
  const stdin = scriptOf(listing, traceScript(listing, device));
  const { code } = await namespaces.run([tools.nft, '-f', '-'], { stdin, timeoutSeconds: LOAD_SECONDS });
  return code === 0;
}

/**
 * Makes a copy that was loaded like the original where the tools could not say it.
 * @returns what nft lists of the copy
 * @throws Problem `unsupported` where it cannot be made like it
 */
export async function likenCopy(
  namespaces: Namespaces,
  tools: Tools,
  ruleset: Ruleset,
  restored: readonly Table[],
): Promise<string> {
  const listed = parseListing(ruleset.nft).filter((chain) => inTables(restored, chain));
  const copy = await listCopy(namespaces, tools, ruleset);
  const repaired = listed.length > 0 && (await makeAlike(namespaces, tools, listed, copy));
  return repaired ? listCopy(namespaces, tools, ruleset) : copy;
}

/**
 * The copy's chains as nft sees them, with handles. Of a copy of what nft has listed the sets are known, and among many
 * elements telling them again takes longer than all else.
 */
export async function listCopy(
  namespaces: Namespaces,
  tools: Tools,
  { listed }: Pick<Ruleset, 'listed'>,
): Promise<string> {
  const listing = await listRules(namespaces.run, tools, listed === true ? ['-t'] : []);
  return withoutTables(listing.stdout, TRACE_TABLES);
}

function inTables(tables: readonly Table[], place: Table): boolean {
  return tables.some(({ family, table }) => family === place.family && table === place.table);
}

/**
 * iptables-save cannot say what nft has put into its tables. Where the copy differs from what nft lists of the
 * original, the rule is put there by nft. Answers whether there was any.
 */
async function makeAlike(
  namespaces: Namespaces,
  tools: Tools,
  originals: ReturnType<typeof parseListing>,
  listing: string,
): Promise<boolean> {
  const copies = parseListing(listing);
  let script = '';
  for (const original of originals) {
    const { family, table, chain, rules } = original;
    const copy = copies.find((each) => samePlace(each, original));
    if (copy?.rules.length !== rules.length) throw unlike(`${family} ${table} ${chain}`);
    for (const [index, { text }] of rules.entries()) {
      const copied = copy.rules[index];
      if (copied === undefined || plain(copied.text) === plain(text)) continue;
      if (unreadable(text)) throw unlike(`${family} ${table} ${chain}`);
      // nft 1.0.6 itself fails to replace a rule by one that holds a set with a range.
      const place = `${family} ${table} ${chain} handle ${copied.handle ?? 0}`;
      script += `insert rule ${place} ${calm(text)}\ndelete rule ${place}\n`;
    }
  }
  if (script === '') return false;
  const result = await namespaces.run([tools.nft, '-f', '-'], { stdin: script });
  if (result.code !== 0) throw unlike(firstLine(result.stderr));
  return true;
}

function unlike(where: string): Problem {
  return new Problem(
    'unsupported',
    phrase`Rules of nft and of iptables are mixed so that no copy can be made: ${where}.`,
  );
}

function plain(rule: string): string {
  return calm(rule)
    .replace(/ counter packets \d+ bytes \d+/, '')
    .replace(/\s+/g, ' ');
}

function scriptOf(rules: string, trace: string): string {
  return `${calm(unowned(rules))}\n${trace}`;
}

/** A table that belongs to the program which made it would go with the program that copies it. */
function unowned(script: string): string {
  return script.replace(/^\tflags [a-z, ]*\b(?:owner|persist)\b[a-z, ]*\n/gm, '');
}

/** The rules with every limit on how often or how many so high that a few connections never reach it. */
export function calm(text: string): string {
  return (
    text
      .replace(
        /\brate (over )?\d+ ?(?:([kmg]?bytes)\/\w+(?: burst \d+ [kmg]?bytes)?|\/\w+(?: burst \d+ packets)?)/g,
        (_, over: string | undefined, bytes: string | undefined) =>
          bytes === undefined
            ? `rate ${over ?? ''}10000/second burst 10000 packets`
            : `rate ${over ?? ''}1000 mbytes/second burst 1000 mbytes`,
      )
      .replace(
        /\bct count (over )?[1-9]\d*/g,
        (_, over: string | undefined) => `ct count ${over ?? ''}1000000`,
      )
      // Without its own burst a limit lets five at once.
      .replace(/--limit \S+(?: --limit-burst \d+)?/g, '--limit 10000/sec --limit-burst 10000')
      .replace(
        /(--hashlimit(?:-upto|-above)?) \S+(?: --hashlimit-burst \S+)?/g,
        '$1 10000/sec --hashlimit-burst 10000',
      )
      .replace(/--hitcount \d+/g, '--hitcount 250')
      .replace(/(--connlimit-(?:above|upto)) [1-9]\d*/g, '$1 1000000')
  );
}

export function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
