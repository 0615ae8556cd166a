import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import type { Charge } from './charge.ts';
import type { FirewallFacts, Keeper } from './firewall.ts';
import { isEnabled } from './ufw/settings.ts';

const CSF_OFF = '/etc/csf/csf.disable';

/** Firewalls that are installed and do nothing now, where that matters: they come back, or something of them is left. */
export function sleeperFindings(
  keepers: readonly Keeper[],
  facts: FirewallFacts,
  active: Charge['active'],
): Finding[] {
  return keepers
    .filter((each) => each.standing(facts) === 'inactive')
    .flatMap(({ name }) => [...(comesBack(name, facts) ? [wakes(name, active)] : leftovers(name, facts))]);
}

/** Whether the next boot starts it. CSF and ufw are started, and do nothing, while their own switch is off. */
function comesBack(name: string, { enabled, files }: FirewallFacts): boolean {
  if (!enabled.has(`${name}.service`)) return false;
  if (name === 'csf') return files.get(CSF_OFF) == null;
  return name !== 'ufw' || isEnabled(files);
}

function wakes(name: string, active: Charge['active']): Finding {
  const beside = active === 'none' ? '' : phrase`, beside ${active}, which decides now`;
  return {
    id: `${name}-comes-back`,
    level: 'warn',
    title: phrase`${name} will be back after the next boot`,
    fact: phrase`${name}.service is enabled, but its rules are not in force now. The next boot starts it${beside}.`,
    fix: phrase`If you want it, start it now and set up passive FTP again; else: systemctl disable ${name}`,
  };
}

function leftovers(name: string, { files, chains }: FirewallFacts): Finding[] {
  if (name === 'csf' && files.get(CSF_OFF) != null) {
    return [
      {
        id: 'csf-disabled',
        level: 'info',
        title: phrase`CSF is switched off`,
        fact: phrase`${CSF_OFF} is there.`,
        fix: phrase`Nothing; after "csf -e", set up passive FTP again.`,
      },
    ];
  }
  if (name !== 'ufw' || !chains.some(({ chain }) => /^ufw6?-/.test(chain))) return [];
  return [
    {
      id: 'ufw-leftovers',
      level: 'info',
      title: phrase`ufw is off, and empty chains of it are left`,
      fact: phrase`Chains with names like ufw-before-input are in the kernel, and ENABLED=yes is not in /etc/ufw/ufw.conf.`,
      fix: phrase`Nothing; they decide nothing, and are gone after the next boot.`,
    },
  ];
}
