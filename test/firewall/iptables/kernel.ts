import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSaved } from '../../../src/firewall/iptables/saved.ts';
import type { Chain, SavedTables } from '../../../src/firewall/ruleset.ts';

type Flavour = Pick<SavedTables, 'family' | 'tool'>;

export const V4: Flavour = { family: 'ip', tool: 'iptables' };
export const V6: Flavour = { family: 'ip6', tool: 'iptables' };
export const LEGACY: Flavour = { family: 'ip', tool: 'iptables-legacy' };

/** For each file: what it loads, or `refused`, each behind a line of its own. The set is one that a fixture names. */
const RUN = `
  $| = 1;
  my ($restore, $save) = splice @ARGV, 0, 2;
  system(qw(ipset create f2b-recidive hash:ip));
  for my $file (@ARGV) {
    print "== text ==\\n";
    if (system($restore, "--test", $file) == 0 && system($restore, $file) == 0) { system($save) } else { print "refused\\n" }
  }`;

/**
 * Loads the texts one after the other into the kernel of one network namespace, each in the place of the one before;
 * what iptables-save prints of each, null for a text that iptables-restore refuses.
 */
export function saveOf(texts: readonly string[], { family, tool }: Flavour): (string | null)[] {
  const folder = mkdtempSync(join(tmpdir(), 'iptables-'));
  const program = `${family === 'ip' ? 'iptables' : 'ip6tables'}${tool === 'iptables' ? '' : '-legacy'}`;
  try {
    const files = texts.map((text, index) => {
      const file = join(folder, String(index));
      writeFileSync(file, text);
      return file;
    });
    const argv = ['-n', 'perl', '-e', RUN, `${program}-restore`, `${program}-save`, ...files];
    const output = execFileSync('unshare', argv, { encoding: 'utf8', stdio: 'pipe' });
    const parts = output.split('== text ==\n').slice(1);
    return parts.map((part) => (part.startsWith('refused') ? null : part));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The chains in force after each text; null for a text that is refused. */
export function chainsOf(texts: readonly string[], flavour: Flavour): (readonly Chain[] | null)[] {
  return saveOf(texts, flavour).map((text) => (text === null ? null : parseSaved({ ...flavour, text })));
}

/** The rules of one chain, in order; null when there is no such chain. */
export function rulesOf(chains: readonly Chain[] | null | undefined, name: string): string[] | null {
  const chain = chains?.find(({ table, chain: each }) => `${table} ${each}` === name);
  return chain?.rules.map(({ text }) => text) ?? null;
}
