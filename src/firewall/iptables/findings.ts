import type { Finding } from '../../core/finding.ts';
import { phrase } from '../../core/phrase.ts';
import { familyName, type Family } from '../../core/reach.ts';
import type { FirewallFacts, Question } from '../firewall.ts';
import { familyOf, KEEPINGS, keptBy, savedRules, unitsOf, type Distribution } from './saved-files.ts';
import { stopsIncoming } from './stopping.ts';

/** Files that tell a distribution by being there. */
export const DEBIAN = '/etc/debian_version';
export const RED_HAT = '/etc/dnf/dnf.conf';

/** Whether the rules in force are kept for the next boot, and are loaded then. */
export function findings(facts: FirewallFacts, { families }: Pick<Question, 'families'>): Finding[] {
  return [...unsaved(facts, families), ...notLoaded(facts)];
}

function unsaved(facts: FirewallFacts, families: readonly Family[]): Finding[] {
  const kept = savedRules(facts)?.files.map(({ path }) => familyOf(path)) ?? [];
  const lost = families.filter((family) => {
    const chains = facts.chains.filter((chain) => chain.family === tableFamily(family));
    return stopsIncoming(chains) && !kept.includes(tableFamily(family));
  });
  if (lost.length === 0) return [];
  const names = lost.map(familyName).join(phrase` and `);
  return [
    {
      id: 'boot-none',
      level: 'info',
      title: phrase`The firewall rules for ${names} are not saved`,
      fact: phrase`Rules of iptables are in force over ${names}, and no file keeps them for the next boot.`,
      fix: phrase`After a reboot they are not there. ${remedy(facts, lost)}`,
    },
  ];
}

function tableFamily(family: Family): 'ip' | 'ip6' {
  return family === 'ipv4' ? 'ip' : 'ip6';
}

/** What saves the rules. Both savers write everything that is in force, so a person looks first. */
function remedy(facts: FirewallFacts, lost: readonly Family[]): string {
  const distribution = keptBy(facts) ?? runBy(facts) ?? toldBy(facts);
  const installed = keptBy(facts) !== null || runBy(facts) !== null;
  const look = phrase`look for rules that should not stay (bans, for instance)`;
  if (distribution === 'redhat') {
    const save = lost.map((family) => `service ${tableFamily(family)}tables save`).join(phrase` and `);
    if (installed) return phrase`To keep them, ${look}, then run ${save}.`;
    const own = phrase`The package brings rules of its own, which load at boot until yours are saved over them.`;
    return phrase`To keep them, run dnf install iptables-services, ${look}, then run ${save}. ${own}`;
  }
  if (distribution === 'debian') {
    if (installed) return phrase`To keep them, ${look}, then run netfilter-persistent save.`;
    return phrase`To keep them, ${look}, then run apt-get install iptables-persistent, which offers to save them.`;
  }
  return phrase`To keep them, ${look}, then save them where this system loads its rules from at boot.`;
}

function runBy({ active, enabled }: FirewallFacts): Distribution | null {
  const known = ['redhat', 'debian'] as const;
  const runs = (unit: string): boolean => active.has(unit) || enabled.has(unit);
  return known.find((each) => KEEPINGS[each].some(({ unit }) => runs(unit))) ?? null;
}

function toldBy({ files }: FirewallFacts): Distribution | null {
  if ((files.get(DEBIAN) ?? null) !== null) return 'debian';
  return (files.get(RED_HAT) ?? null) === null ? null : 'redhat';
}

function notLoaded(facts: FirewallFacts): Finding[] {
  const distribution = keptBy(facts);
  const files = savedRules(facts)?.files ?? [];
  if (distribution === null) return [];
  const idle = unitsOf(distribution, files).filter((unit) => !facts.enabled.has(unit));
  if (idle.length === 0) return [];
  const waiting = KEEPINGS[distribution].filter(({ unit }) => idle.includes(unit)).map(({ path }) => path);
  const paths = files.map(({ path }) => path).filter((path) => waiting.includes(path));
  const are = (names: readonly string[]): string =>
    `${names.join(phrase` and `)} ${names.length > 1 ? phrase`are` : phrase`is`}`;
  return [
    {
      id: 'boot-not-enabled',
      level: 'info',
      title: phrase`The saved firewall rules are not loaded at boot`,
      fact: phrase`${are(idle)} not enabled, so ${are(paths)} not loaded at boot.`,
      fix: `systemctl enable ${idle.map((unit) => unit.replace(/\.service$/, '')).join(' ')}`,
    },
  ];
}
