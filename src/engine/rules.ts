import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { tablesOfIptables, withTables } from '../firewall/chains.ts';
import { unreadable } from '../firewall/nftables/listing.ts';
import type { Tools } from '../firewall/placing.ts';
import { NO_RULES, type Ruleset, type SavedTables } from '../firewall/ruleset.ts';
import { listRules } from './listing.ts';
import type { CommandResult, Files, RunCommand } from './ports.ts';

/** The rules in force, and why they cannot be told whole; null when they can. */
export interface RulesNow {
  readonly ruleset: Ruleset;
  readonly trouble: string | null;
}

/** Names of the tables that iptables-legacy has loaded; its rules are in no listing of nft. */
const LEGACY_TABLES = { ip: '/proc/net/ip_tables_names', ip6: '/proc/net/ip6_tables_names' } as const;
const FAMILIES = ['ip', 'ip6'] as const;

/** Rules that are being read. */
export interface Reading {
  /** What nft lists, there before the rest; null where it cannot list them. */
  readonly listing: Promise<string | null>;
  readonly rules: Promise<RulesNow>;
}

interface RulesPorts {
  readonly run: RunCommand;
  readonly files: Files;
  readonly tools: Tools;
}

/** Reads everything that decides about packets, each part by the tool that can read it. */
export function startReading(ports: RulesPorts): Reading {
  const listed = listRules(ports.run, ports.tools);
  return {
    listing: listed.then(({ code, stdout }) => (code === 0 ? stdout : null)),
    rules: readWith(ports, listed),
  };
}

/** The same of rules that are known. */
export function readingOf(ruleset: Ruleset): Reading {
  return { listing: Promise.resolve(null), rules: Promise.resolve({ ruleset, trouble: null }) };
}

export function readRules(ports: RulesPorts): Promise<RulesNow> {
  return startReading(ports).rules;
}

/** @throws Problem `unsupported` where they cannot be told whole */
export function toldRules({ ruleset, trouble }: RulesNow): Ruleset {
  if (trouble !== null) throw new Problem('unsupported', trouble);
  return ruleset;
}

async function readWith(ports: RulesPorts, listed: Promise<CommandResult>): Promise<RulesNow> {
  const { run, tools } = ports;
  const listing = await listed;
  // Only now: whoever loads the listing meanwhile has the first turn.
  const legacy = await legacyTables(ports);
  if (listing.code !== 0) {
    const why = listing.missing
      ? phrase`nft is not installed here.`
      : phrase`nft cannot list the rules: ${said(listing)}`;
    return { ruleset: { ...NO_RULES, saved: legacy.tables }, trouble: why };
  }
  const nft = listing.stdout;
  const tables = tablesOfIptables(nft);
  const families = FAMILIES.filter((family) => tables.some((table) => table.family === family));
  const saved = await Promise.all(families.map((family) => save(ports, family, 'iptables')));
  const read = saved.flatMap((each) => (typeof each === 'string' ? [] : [only(tables, each)]));
  const lost = tables.find(
    ({ family, table }) =>
      unreadable(tableText(nft, family, table)) &&
      !read.some((each) => each.family === family && new RegExp(`^\\*${table}$`, 'm').test(each.text)),
  );
  const all = [...read, ...legacy.tables];
  const ipsets = all.some(({ text }) => text.includes('--match-set'))
    ? await run([tools.ipset, 'save'])
    : null;
  const trouble =
    legacy.trouble ??
    (lost === undefined
      ? null
      : unreadableTable(
          lost,
          saved.find((each) => typeof each === 'string'),
        )) ??
    (ipsets === null || ipsets.code === 0 ? null : phrase`ipset cannot list its sets: ${said(ipsets)}`);
  return { ruleset: { nft, ipsets: ipsets?.stdout ?? '', saved: all, listed: true }, trouble };
}

async function legacyTables(ports: RulesPorts): Promise<{ tables: SavedTables[]; trouble: string | null }> {
  const loaded = await Promise.all(
    FAMILIES.map(async (family) => {
      const names = await ports.files.read(LEGACY_TABLES[family]);
      return names === null || names.text.trim() === '' ? null : save(ports, family, 'iptables-legacy');
    }),
  );
  const tables = loaded.flatMap((each) => (each === null || typeof each === 'string' ? [] : [each]));
  return {
    tables: tables.filter(({ text }) => text.includes('*')),
    trouble: loaded.find((each) => typeof each === 'string') ?? null,
  };
}

/** What iptables-save prints, or why it does not. */
async function save(
  ports: Pick<RulesPorts, 'run' | 'tools'>,
  family: 'ip' | 'ip6',
  tool: SavedTables['tool'],
): Promise<SavedTables | string> {
  const result = await ports.run([ports.tools.iptables(family, tool, '-save')]);
  if (result.code === 0) return { family, tool, text: result.stdout };
  if (!result.missing) return phrase`iptables cannot list its rules: ${said(result)}`;
  return phrase`Rules of ${tool} are in force, and ${result.argv[0] ?? tool} is not installed here to read them.`;
}

/** What of a text is about these tables; of one that it cannot read, iptables-save says no more than a comment. */
function only(tables: readonly { family: string; table: string }[], saved: SavedTables): SavedTables {
  const unread = [...saved.text.matchAll(/^# Table `(\w+)' (?:is incompatible|contains incompatible)/gm)].map(
    ([, table]) => table,
  );
  const wanted = tables.filter(({ family, table }) => family === saved.family && !unread.includes(table));
  return withTables(saved, (name) => wanted.some(({ table }) => table === name));
}

function unreadableTable(
  { family, table }: { family: string; table: string },
  why: string | undefined,
): string {
  if (why !== undefined) return why;
  return phrase`The table ${family} ${table} mixes rules of nft and of iptables so that neither tool can read them all.`;
}

function tableText(listing: string, family: string, table: string): string {
  return listing.split(/^(?=table )/m).find((block) => block.startsWith(`table ${family} ${table} `)) ?? '';
}

function said({ stderr }: CommandResult): string {
  return stderr.trim();
}
