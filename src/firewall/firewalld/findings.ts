import type { Finding } from '../../core/finding.ts';
import { phrase } from '../../core/phrase.ts';
import { formatRange } from '../../core/range.ts';
import type { FirewallFacts, Question } from '../firewall.ts';
import { zoneKeeps, zoneSettings } from './settings.ts';
import { deniesOnPurpose, type Verdict } from './verdicts.ts';
import { isOpen, sidesOf, verdictsOf, zonesOfFtp } from './zones.ts';

/** Where the permanent settings are ahead of the rules in force. */
export function firewalldFindings(facts: FirewallFacts, { range, families }: Question): Finding[] {
  const { files, chains } = facts;
  const waiting = zonesOfFtp(facts).filter(
    (zone) => zoneKeeps(files, zone, range, families) === true && !isOpen(chains, zone, range, families),
  );
  if (waiting.length === 0) return [];
  return [
    {
      id: 'firewalld-waits',
      level: 'warn',
      title: phrase`firewalld has settings that are not in force yet`,
      fact: phrase`The permanent settings of ${zoneNames(waiting)} let ${formatRange(range)} in; the rules in force do not.`,
      fix: phrase`Set up passive FTP: it puts the range into force without a reload.`,
    },
  ];
}

/** What firewalld cannot be told: its rules are not understood, or the administrator's own decide first. */
export function firewalldRefusal(facts: FirewallFacts, { range }: Question): string | null {
  const zones = zonesOfFtp(facts);
  if (zones.length === 0) {
    return phrase`firewalld is running, but no zone is found in its rules in force: "firewall-cmd --get-active-zones" and its log (/var/log/firewalld) tell why, and "systemctl restart firewalld" makes the rules anew.`;
  }
  for (const zone of zones) {
    const denial = denialIn(facts, zone, range);
    if (denial !== null) {
      return phrase`A rule in the zone ${zone} of firewalld denies ports of ${formatRange(range)} on purpose, and stays: ${denial.text}. To open the range, take that rule out first ("firewall-cmd --zone=${zone} --list-all" shows it, in force and with --permanent).`;
    }
  }
  return null;
}

function denialIn({ files, chains }: FirewallFacts, zone: string, range: Question['range']): Verdict | null {
  const lists = [
    zoneSettings(files, zone)?.verdicts ?? [],
    ...sidesOf(chains).map((side) => verdictsOf(chains, side, zone)),
  ];
  for (const verdicts of lists) {
    const denial = deniesOnPurpose(verdicts, range);
    if (denial !== null) return denial;
  }
  return null;
}

function zoneNames(zones: readonly string[]): string {
  return zones.length === 1
    ? phrase`the zone ${zones[0] ?? ''}`
    : phrase`the zones ${zones.join(phrase` and `)}`;
}
