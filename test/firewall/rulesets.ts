import { readdirSync, readFileSync } from 'node:fs';
import type { FileFact, FileFacts } from '../../src/core/file.ts';
import { readChains } from '../../src/firewall/chains.ts';
import type { FirewallFacts } from '../../src/firewall/firewall.ts';
import { NO_RULES, type Ruleset, type SavedTables } from '../../src/firewall/ruleset.ts';

const FOLDER = new URL('../fixtures/charge/', import.meta.url);

export const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.txt'))
  .map((name) => name.replace('.txt', ''));

/** The rules that a file of test/fixtures/charge lists. */
export function rulesetOf(name: string): Ruleset {
  const parts = readFileSync(new URL(`${name}.txt`, FOLDER), 'utf8').split(/^=== /m);
  const body = (part: string): string => part.slice(part.indexOf('\n') + 1);
  const saved = parts.flatMap((part): SavedTables[] => {
    const [, tool, family] = /^(iptables|iptables-legacy) (ip6?)\n/.exec(part) ?? [];
    if (tool === undefined || family === undefined || body(part) === '') return [];
    return [{ tool, family, text: body(part) } as SavedTables];
  });
  return { ...NO_RULES, nft: body(parts.find((part) => part.startsWith('nft')) ?? ''), saved };
}

export interface Given {
  readonly files?: Readonly<Record<string, string>>;
  readonly active?: readonly string[];
  readonly enabled?: readonly string[];
}

export function factsOf(
  ruleset: Ruleset,
  { files = {}, active = [], enabled = [] }: Given = {},
): FirewallFacts {
  return {
    files: filesOf(files),
    chains: readChains(ruleset),
    ruleset,
    active: new Set(active),
    mainInterface: 'eth0',
    enabled: new Set(enabled),
  };
}

export function filesOf(texts: Readonly<Record<string, string>>): FileFacts {
  return new Map(
    Object.entries(texts).map(([path, text]): [string, FileFact] => [
      path,
      { path, text, encoding: 'utf8', tag: 'sha256:0', mtimeMs: 0 },
    ]),
  );
}
