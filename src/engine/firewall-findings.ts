import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { formatRange } from '../core/range.ts';
import { allOpen, familyName, unknownReach, type Family } from '../core/reach.ts';
import type { Settings } from '../core/settings.ts';
import { deaf, wantedFamilies, type Survey } from './survey.ts';

const SET_UP = phrase`Set up passive FTP.`;

/** What the firewall does to the range now, and after the next boot. */
export function firewallFindings(found: Survey, settings: Settings): Finding[] {
  const families = wantedFamilies(found, settings);
  return [
    ...families.map((family) => reachFinding(found, settings, family)),
    ...conflictFinding(found.charge.conflict),
    ...found.charge.findings,
    ...ownFindings(found, settings),
    ...bootFindings(found, settings),
  ];
}

function conflictFinding(conflict: string | null): Finding[] {
  if (conflict === null) return [];
  const fix = phrase`Turn one of them off; until then nothing is changed here.`;
  return [
    {
      id: 'firewall-conflict',
      level: 'bad',
      title: phrase`Two firewalls are in each other’s way`,
      fact: conflict,
      fix,
    },
  ];
}

/** What the firewall in charge says about itself, and whether it will still let the range in when it starts anew. */
function ownFindings(
  { charge, book, firewall, reaches, saved, ...found }: Survey,
  settings: Settings,
): Finding[] {
  const families = wantedFamilies(found, settings).filter((family) => !deaf(family, reaches));
  const question = { range: settings.range, families };
  const { keeper } = charge;
  if (keeper === null) {
    const books = new Set([...(book === null ? [] : [book]), ...saved.map(({ rulebook }) => rulebook)]);
    return [...books].flatMap((each) => each.findings(firewall, question));
  }
  const open = families.every((family) => allOpen(reaches[family] ?? unknownReach('')) === true);
  const lost = open && keeper.keeps(firewall, question) === false;
  return [
    ...keeper.findings(firewall, question),
    ...(lost
      ? [
          {
            id: 'keeper-forgets',
            level: 'warn',
            title: phrase`${keeper.name} will block passive connections when it starts again`,
            fact: phrase`The rules in force let ${formatRange(settings.range)} in; the settings of ${keeper.name} do not.`,
            fix: SET_UP,
          } as const,
        ]
      : []),
  ];
}

function reachFinding(found: Survey, settings: Settings, family: Family): Finding {
  const reach = found.reaches[family];
  const name = familyName(family);
  if (reach === undefined || reach.method === 'unknown') {
    const fact = reach?.reason ?? phrase`It was not asked.`;
    return {
      id: 'reach-unknown',
      level: 'warn',
      title: phrase`What the firewall does over ${name} could not be told`,
      fact,
      fix: phrase`See whether connections arrive, on the page "From outside".`,
    };
  }
  const [first] = reach.blocked;
  if (first === undefined) {
    const fact = phrase`A copy of the rules let ${formatRange(settings.range)} in.`;
    return {
      id: `range-open-${family}`,
      level: 'good',
      title: phrase`The firewall lets passive connections in over ${name}`,
      fact,
      fix: '',
    };
  }
  if (deaf(family, found.reaches)) {
    return {
      id: 'ipv6-deaf',
      level: 'info',
      title: phrase`Nobody reaches this server over IPv6`,
      fact: phrase`In a copy of the rules no connection over IPv6 came as far as a rule about ports: the messages by which computers find each other (ICMPv6) are dropped.`,
      fix: phrase`Let ICMPv6 in, or set up passive FTP without IPv6.`,
    };
  }
  const ports = reach.blocked.map(({ range }) => formatRange(range)).join(', ');
  const by = first.rule === null ? phrase`by something that no rule shows` : phrase`by: ${first.rule}`;
  const word =
    first.how === 'reject' ? phrase`rejected` : first.how === 'drop' ? phrase`dropped` : phrase`stopped`;
  return {
    id: `range-blocked-${family}`,
    level: 'bad',
    title: phrase`The firewall blocks passive connections over ${name}`,
    fact: `${ports} ${word} ${by}.`,
    fix: SET_UP,
  };
}

function bootFindings(found: Survey, settings: Settings): Finding[] {
  const { saved, bootReaches } = found;
  const paths = saved.flatMap(({ files }) => files.map(({ path }) => path)).join(phrase` and `);
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
            title: phrase`After the next boot the firewall blocks passive connections`,
            fact: phrase`Once the rules in ${paths} are loaded, ${formatRange(settings.range)} is blocked over ${closed.map(familyName).join(phrase` and `)}.`,
            fix: SET_UP,
          } as const,
        ]),
    ...(broken === undefined
      ? []
      : [
          {
            id: 'boot-unknown',
            level: 'warn',
            title: phrase`What the saved firewall rules do could not be told`,
            fact: `${paths}: ${broken.reason ?? ''}`,
            fix: phrase`Repair the file, so that its own tool loads it.`,
          } as const,
        ]),
  ];
}
