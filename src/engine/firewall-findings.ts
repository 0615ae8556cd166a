import type { Finding } from '../core/finding.ts';
import { formatRange } from '../core/range.ts';
import { allOpen, familyName, unknownReach, type Family } from '../core/reach.ts';
import type { Settings } from '../core/settings.ts';
import { deaf, wantedFamilies, type Survey } from './survey.ts';

const SET_UP = 'Set up passive FTP.';

/** What the firewall does to the range now, and after the next boot. */
export function firewallFindings(found: Survey, settings: Settings): Finding[] {
  const families = wantedFamilies(found, settings);
  return [
    ...families.map((family) => reachFinding(found, settings, family)),
    ...bootFindings(found, settings),
  ];
}

function reachFinding(found: Survey, settings: Settings, family: Family): Finding {
  const reach = found.reaches[family];
  const name = familyName(family);
  if (reach === undefined || reach.method === 'unknown') {
    const fact = reach?.reason ?? 'It was not asked.';
    return {
      id: 'reach-unknown',
      level: 'warn',
      title: `What the firewall does over ${name} could not be told`,
      fact,
      fix: 'Test from outside.',
    };
  }
  const [first] = reach.blocked;
  if (first === undefined) {
    const fact = `A copy of the rules let ${formatRange(settings.range)} in.`;
    return {
      id: `range-open-${family}`,
      level: 'good',
      title: `The firewall lets passive connections in over ${name}`,
      fact,
      fix: '',
    };
  }
  if (deaf(family, found.reaches)) {
    return {
      id: 'ipv6-deaf',
      level: 'info',
      title: 'Nobody reaches this server over IPv6',
      fact: 'In a copy of the rules no connection over IPv6 got as far as a rule for TCP: neighbour discovery (ICMPv6) is dropped.',
      fix: 'Let ICMPv6 in, or set up passive FTP without IPv6.',
    };
  }
  const ports = reach.blocked.map(({ range }) => formatRange(range)).join(', ');
  const by = first.rule === null ? 'before any rule of nftables' : `by: ${first.rule}`;
  const word = first.how === 'reject' ? 'rejected' : first.how === 'drop' ? 'dropped' : 'stopped';
  return {
    id: `range-blocked-${family}`,
    level: 'bad',
    title: `The firewall blocks passive connections over ${name}`,
    fact: `${ports} ${word} ${by}.`,
    fix: SET_UP,
  };
}

function bootFindings(found: Survey, settings: Settings): Finding[] {
  const { boot, bootReaches } = found;
  if (found.active !== 'nftables') return [];
  if (boot === null) {
    return [
      {
        id: 'boot-none',
        level: 'info',
        title: 'The firewall rules are not saved',
        fact: 'Neither /etc/sysconfig/nftables.conf nor /etc/nftables.conf exists.',
        fix: 'After a reboot this firewall is not there; save your rules if you want it back.',
      },
    ];
  }
  const { path } = boot.file;
  const families = wantedFamilies(found, settings);
  const closed = families.filter(
    (family) => allOpen(bootReaches[family] ?? unknownReach('')) === false && !deaf(family, bootReaches),
  );
  const broken = families.map((family) => bootReaches[family]).find((reach) => reach?.method === 'unknown');
  return [
    ...(closed.length === 0
      ? []
      : [
          {
            id: 'boot-blocked',
            level: 'bad',
            title: 'After the next boot the firewall blocks passive connections',
            fact: `Once ${path} is loaded, ${formatRange(settings.range)} is blocked over ${closed.map(familyName).join(' and ')}.`,
            fix: SET_UP,
          } as const,
        ]),
    ...(broken === undefined
      ? []
      : [
          {
            id: 'boot-unknown',
            level: 'warn',
            title: 'What the saved firewall rules do could not be told',
            fact: `${path}: ${broken.reason ?? ''}`,
            fix: 'Try it: nft -c -f with that file.',
          } as const,
        ]),
    ...(boot.enabled
      ? []
      : [
          {
            id: 'boot-not-enabled',
            level: 'info',
            title: 'The saved firewall rules are not loaded at boot',
            fact: `nftables.service is not enabled, so ${path} is not loaded at boot.`,
            fix: 'systemctl enable nftables',
          } as const,
        ]),
  ];
}
