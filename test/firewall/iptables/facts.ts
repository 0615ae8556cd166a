import type { FileFact } from '../../../src/core/file.ts';
import type { FirewallFacts } from '../../../src/firewall/firewall.ts';
import { parseSaved } from '../../../src/firewall/iptables/saved.ts';
import type { SavedTables } from '../../../src/firewall/ruleset.ts';

export const file = (path: string, text: string): FileFact => ({
  path,
  text,
  encoding: 'utf8',
  tag: 'sha256:0 mode:600 uid:0 gid:0',
  mtimeMs: 0,
});

export interface World {
  readonly saved?: readonly SavedTables[];
  /** Texts by path; null: it was looked for, and is not there. */
  readonly files?: Readonly<Record<string, string | null>>;
  readonly active?: readonly string[];
  readonly enabled?: readonly string[];
}

export function factsOf({ saved = [], files = {}, active = [], enabled = [] }: World): FirewallFacts {
  const read = Object.entries(files).map(
    ([path, text]) => [path, text === null ? null : file(path, text)] as const,
  );
  return {
    files: new Map(read),
    chains: saved.flatMap(parseSaved),
    ruleset: { nft: '', ipsets: '', saved },
    active: new Set(active),
    mainInterface: 'eth0',
    enabled: new Set(enabled),
  };
}

export const ip = (text: string): SavedTables => ({ family: 'ip', tool: 'iptables', text });
export const ip6 = (text: string): SavedTables => ({ family: 'ip6', tool: 'iptables', text });
export const legacy = (text: string): SavedTables => ({ family: 'ip', tool: 'iptables-legacy', text });
