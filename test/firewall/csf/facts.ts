import { readFileSync } from 'node:fs';
import type { FileFact } from '../../../src/core/file.ts';
import type { PortRange } from '../../../src/core/range.ts';
import { CONF } from '../../../src/firewall/csf/files.ts';
import type { FirewallFacts, Question } from '../../../src/firewall/firewall.ts';
import { parseSaved } from '../../../src/firewall/iptables/saved.ts';
import { NO_RULES, type SavedTables } from '../../../src/firewall/ruleset.ts';

export const RANGE: PortRange = [49152, 65534];
export const QUESTION: Question = { range: RANGE, families: ['ipv4', 'ipv6'] };

export const SERVER_CONF = fixture('server.conf');

interface Told {
  readonly conf?: string | null;
  /** Further files and their texts. */
  readonly files?: Readonly<Record<string, string>>;
  /** The families whose rules of CSF are in force. */
  readonly inForce?: readonly ('ip' | 'ip6')[];
  readonly tool?: SavedTables['tool'];
  readonly active?: readonly string[];
}

/** What was read of a server with CSF; without a word more, one where all is well. */
export function facts({
  conf = SERVER_CONF,
  files = {},
  inForce = ['ip', 'ip6'],
  tool = 'iptables',
  active = ['csf.service'],
}: Told = {}): FirewallFacts {
  const texts = { ...(conf === null ? {} : { [CONF]: conf }), ...files };
  const rules = { ip: 'rules.v4', ip6: 'rules.v6' };
  return {
    files: new Map(Object.entries(texts).map(([path, text]) => [path, fact(path, text)])),
    chains: inForce.flatMap((family) => parseSaved({ family, tool, text: fixture(rules[family]) })),
    ruleset: NO_RULES,
    active: new Set(active),
    mainInterface: 'eth0',
    enabled: new Set(['csf.service', 'lfd.service']),
  };
}

/** The stock conf of these tests with some settings changed. */
export function confWith(changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((text, [key, value]) => {
    const line = new RegExp(`^${key} = ".*?"`, 'm');
    if (!line.test(text)) throw new Error(`server.conf has no ${key}`);
    return text.replace(line, () => `${key} = "${value}"`);
  }, SERVER_CONF);
}

function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/csf/${name}`, import.meta.url), 'utf8');
}

function fact(path: string, text: string): FileFact {
  return { path, text, encoding: 'utf8', tag: 'sha256:0 mode:600 uid:0 gid:0', mtimeMs: 0 };
}
