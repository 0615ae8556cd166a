import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import type { FirewallFacts } from './firewall.ts';
import type { Place } from './ruleset.ts';

/** APF: makes iptables rules out of one file of settings. It is recognised here, and never changed. */
export const APF_CONF = '/etc/apf/conf.apf';
const LIST = 'IG_TCP_CPORTS';
/** The chain of addresses that APF lets in. An `apf` command alone proves nothing: CSF brings one. */
const SIGN = 'TALLOW';

export function isApfInForce({ files, chains }: FirewallFacts): boolean {
  return (
    files.get(APF_CONF) != null && chains.some(({ table, chain }) => table === 'filter' && chain === SIGN)
  );
}

/** APF fills the whole table, the chains of iptables included. */
export function isOfApf({ family, table }: Place): boolean {
  return /^ip6?$/.test(family) && table === 'filter';
}

/** What to change by hand, in words that follow a semicolon or a colon. */
export function apfAdvice({ files }: FirewallFacts): string {
  const line = lineOf(files.get(APF_CONF)?.text ?? '', LIST) ?? LIST;
  return phrase`add the range, written LOW_HIGH, to the line ${line} in ${APF_CONF} and run "apf -r"`;
}

export function apfFindings(facts: FirewallFacts): Finding[] {
  const line = lineOf(facts.files.get(APF_CONF)?.text ?? '', 'DEVEL_MODE');
  if (!isApfInForce(facts) || line === null || !/=\s*["']?1/.test(line)) return [];
  return [
    {
      id: 'apf-devel-mode',
      level: 'warn',
      title: phrase`APF drops its own rules again and again`,
      fact: phrase`${line} in ${APF_CONF}: every five minutes the firewall is flushed, and then everything is let in.`,
      fix: phrase`Set DEVEL_MODE="0" in ${APF_CONF} and run "apf -r".`,
    },
  ];
}

/** The last line that sets `name`: the file is sourced by a shell. */
function lineOf(text: string, name: string): string | null {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line.startsWith(`${name}=`)) ?? null;
}
