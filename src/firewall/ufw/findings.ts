import type { Finding } from '../../core/finding.ts';
import { phrase } from '../../core/phrase.ts';
import type { FirewallFacts, Question } from '../firewall.ts';
import { managedFamilies, UFW_FILES } from './settings.ts';

/** What is noteworthy about ufw while it is in charge. */
export function ufwFindings(facts: FirewallFacts, question: Question): Finding[] {
  return [...familyFindings(facts, question), ...bootFindings(facts), ...strangers(facts)];
}

function familyFindings({ files }: FirewallFacts, { families }: Question): Finding[] {
  if (!families.includes('ipv6') || managedFamilies(files).includes('ipv6')) return [];
  return [
    {
      id: 'ufw-without-ipv6',
      level: 'warn',
      title: phrase`ufw makes no rules for IPv6`,
      fact: phrase`IPV6 is not "yes" in ${UFW_FILES.defaults}: when ufw starts, it drops everything that comes in over IPv6, and it opens ports for IPv4 only.`,
      fix: phrase`Set IPV6=yes in ${UFW_FILES.defaults} and run "ufw reload", or set up passive FTP without IPv6.`,
    },
  ];
}

function bootFindings({ enabled }: FirewallFacts): Finding[] {
  if (enabled.has('ufw.service')) return [];
  return [
    {
      id: 'ufw-not-at-boot',
      level: 'info',
      title: phrase`ufw is not started at boot`,
      fact: phrase`ufw is on, but ufw.service is not enabled.`,
      fix: 'systemctl enable ufw',
    },
  ];
}

/** Rules that someone put among ufw's own without ufw: it drops them at its next reload, and when it deletes a rule. */
function strangers({ files, chains }: FirewallFacts): Finding[] {
  const strange = (['ipv4', 'ipv6'] as const).filter((family) => {
    const name = family === 'ipv4' ? 'ufw-user-input' : 'ufw6-user-input';
    const kept = files.get(UFW_FILES.user[family])?.text.split('\n');
    const live = chains.find((each) => each.chain === name);
    const count = kept?.filter((line) => line.startsWith(`-A ${name} `)).length;
    return live !== undefined && count !== undefined && live.rules.length > count;
  });
  return strange.map((family) => ({
    id: 'ufw-strangers',
    level: 'warn',
    title: phrase`Rules stand among those of ufw that ufw does not know`,
    fact: phrase`The chain for the rules of ${UFW_FILES.user[family]} holds more rules than that file.`,
    fix: phrase`Add them with "ufw insert" if you need them: ufw loses them when it reloads or deletes a rule.`,
  }));
}
