import type { FileTag } from '../core/file.ts';
import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import type { Settings } from '../core/settings.ts';
import type { Status } from '../core/status.ts';
import { MARK } from '../firewall/firewall.ts';
import { CPNAT } from '../ftp/nat.ts';
import type { Entry } from './journal.ts';
import type { Files } from './ports.ts';
import type { Sight } from './survey.ts';

const VERSION = '/usr/local/cpanel/version';
/** The comment of our rules, wherever they are kept. */
const SAVED_RULES = /^\/etc\/(sysconfig\/)?(nftables|iptables|ip6tables)/;

/** A file that is no longer as a run left it. `changedMs`: when it was last written, null when it is gone. */
interface Changed {
  readonly path: string;
  readonly changedMs: number | null;
}

/** What is known of how a set-up came undone. */
export interface Traces {
  /** The last run that set it up. `ended`: ISO 8601. */
  readonly run: { readonly id: string; readonly ended?: string };
  /** The journals of the runs that it is made of, the oldest first. */
  readonly entries: readonly Entry[];
  readonly found: Pick<Sight, 'rules'>;
}

/** Findings that cannot stand where a run of ours has just ended `done`: something happened since. */
const FTP_UNDONE =
  /^((range|address)-(wrong|not-kept)|address-former|daemon-older-than-conf|ftp-not-running|ftp-other-server|ftp-disabled|ftp-switched-off-flag)$/;
const FIREWALL_UNDONE = /^(range-blocked-ipv[46]|boot-blocked|keeper-forgets|csf-error)$/;

/** What of a set-up no longer holds, by the findings that show it. `only`: the half that was set up. */
export function driftOf({ findings }: Pick<Status, 'findings'>, only: Settings['only']): Finding[] {
  return findings.filter(
    ({ id, level }) =>
      (level === 'bad' || level === 'warn') &&
      ((only !== 'firewall' && FTP_UNDONE.test(id)) || (only !== 'ftp' && FIREWALL_UNDONE.test(id))),
  );
}

/** Says who has undone a run, as far as times and files tell. `drift`: what shows that it is undone. */
export async function undoneBy(
  files: Pick<Files, 'read'>,
  traces: Traces,
  drift: readonly Finding[],
): Promise<Finding> {
  const { run } = traces;
  const endedMs = Date.parse(run.ended ?? '');
  const changed = await changedSince(files, traces.entries);
  const [updatedMs, mappedMs] = await Promise.all([
    writtenAfter(files, VERSION, endedMs),
    writtenAfter(files, CPNAT, endedMs),
  ]);
  const lostRules = opened(traces.entries) && !hasOwnRules(traces.found);
  const facts = [
    phrase`Run ${run.id} ended ${run.ended ?? phrase`at a time that is not known`} with everything right; since then: ${drift.map(({ title }) => title).join('; ')}.`,
    ...changed.map(sentence),
    ...(lostRules ? [phrase`The rules that it opened are no longer in force.`] : []),
    ...(updatedMs === null ? [] : [phrase`cPanel was updated ${time(updatedMs)}.`]),
    ...(mappedMs === null ? [] : [phrase`The NAT map ${CPNAT} was written ${time(mappedMs)}.`]),
  ];
  return {
    id: 'undone-by',
    level: 'warn',
    title: phrase`What was set up is undone${suspect(changed, lostRules, updatedMs, mappedMs)}`,
    fact: facts.join(' '),
    fix: phrase`Set up passive FTP again, or run "ftp-passive ensure"; "ftp-passive watch on" does that by itself from then on.`,
  };
}

/** A clause that names whom the traces point to; empty where they point to nobody. */
function suspect(
  changed: readonly Changed[],
  lostRules: boolean,
  updatedMs: number | null,
  mappedMs: number | null,
): string {
  const has = (pattern: RegExp): boolean => changed.some(({ path }) => pattern.test(path));
  if (has(/^\/etc\/csf\//)) return phrase`, it seems by CSF: its settings were rewritten`;
  if (has(SAVED_RULES) && lostRules)
    return phrase`, it seems by a rebuild of the firewall, as cPanel’s configure_firewall_for_cpanel does it`;
  if (has(SAVED_RULES)) return phrase`: the file of the saved rules was replaced`;
  if (lostRules) return phrase`: the firewall was started again, or other rules were loaded`;
  if (mappedMs !== null) return phrase`, it seems by another address`;
  if (has(/^\/var\/cpanel\/conf\//))
    return updatedMs === null
      ? phrase`, it seems in WHM: its settings for FTP were rewritten`
      : phrase`, it seems by an update of cPanel`;
  if (updatedMs !== null) return phrase`, it seems by an update of cPanel`;
  return '';
}

/** Files that do not have the tag with which the run left them. */
async function changedSince(files: Pick<Files, 'read'>, entries: readonly Entry[]): Promise<Changed[]> {
  const left = new Map<string, FileTag>();
  for (const entry of entries) {
    if (entry.at !== 'step' || entry.state !== 'done') continue;
    for (const [path, tag] of Object.entries(entry.tags)) left.set(path, tag);
  }
  const changed: Changed[] = [];
  for (const [path, tag] of left) {
    const now = await files.read(path).catch(() => null);
    if ((now?.tag ?? 'absent') !== tag) changed.push({ path, changedMs: now?.mtimeMs ?? null });
  }
  return changed;
}

async function writtenAfter(
  files: Pick<Files, 'read'>,
  path: string,
  afterMs: number,
): Promise<number | null> {
  const file = await files.read(path).catch(() => null);
  return file !== null && file.mtimeMs > afterMs ? file.mtimeMs : null;
}

function hasOwnRules({ rules: { ruleset } }: Pick<Sight, 'rules'>): boolean {
  return [ruleset.nft, ...ruleset.saved.map(({ text }) => text)].some((text) => text.includes(MARK));
}

/** Whether the runs put rules into force. */
function opened(entries: readonly Entry[]): boolean {
  return entries.some(
    (entry) =>
      entry.at === 'begin' &&
      entry.plan.steps.some((step) => 'undo' in step && step.undo.kind === 'firewall'),
  );
}

function sentence({ path, changedMs }: Changed): string {
  return changedMs === null ? phrase`${path} is gone.` : phrase`${path} was written ${time(changedMs)}.`;
}

/** Whole seconds, as runs tell theirs. */
function time(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
