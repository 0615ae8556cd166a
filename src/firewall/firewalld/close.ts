import { ABSENT, type FileFacts } from '../../core/file.ts';
import { sameRange, type PortRange } from '../../core/range.ts';
import type { Deed, FirewallFacts, Question } from '../firewall.ts';
import { addPort, closeNow, dropService, openNow, removePort } from './deeds.ts';
import { ownPorts, SERVICE, SERVICE_FILE, serviceOf, zoneKeeps, zoneSettings } from './settings.ts';
import { letsIn, type Verdict } from './verdicts.ts';
import { sidesOf, verdictsOf, zonesInForce, zonesOfFtp } from './zones.ts';

/** How ranges of this program's service are closed again, in the rules in force and in the permanent settings. */
export function closeRanges(facts: FirewallFacts, ranges: readonly PortRange[], question: Question): Deed[] {
  const { range: wanted } = question;
  const { files, chains } = facts;
  const own = ownPorts(files);
  const gone = own.filter((range) => !sameRange(range, wanted) && isAmong(range, ranges));
  const now = zonesInForce(chains).flatMap((zone) => {
    const inForce = gone.filter((range) => countOf(facts, zone, range) > 0);
    return inForce.length === 0 ? [] : closeIn(facts, zone, inForce, wanted);
  });
  // What the settings lack already is opened before this.
  const kept = verdictsOfZones(files, facts, question);
  const left = own.filter((range) => !isAmong(range, gone));
  const leans =
    !kept.includes(false) &&
    verdictsOfZones(withService(files, left), facts, question).some((each) => each !== true);
  return [...now, ...(leans ? [addPort(wanted)] : []), ...gone.map(removePort)];
}

/** What the settings of each zone in which FTP comes in say about the range. */
function verdictsOfZones(
  files: FileFacts,
  facts: FirewallFacts,
  { range, families }: Question,
): (boolean | null)[] {
  return zonesOfFtp(facts).map((zone) => zoneKeeps(files, zone, range, families));
}

/** The files as they are when the service has just these ports. */
function withService(files: FileFacts, ports: readonly PortRange[]): FileFacts {
  const text = serviceOf(ports);
  return new Map([
    ...files,
    [SERVICE_FILE, { path: SERVICE_FILE, text, encoding: 'utf8', tag: ABSENT, mtimeMs: 0 }],
  ]);
}

function isAmong(range: PortRange, ranges: readonly PortRange[]): boolean {
  return ranges.some((each) => sameRange(each, range));
}

/**
 * A rule in force does not tell whether a command or the service brought it. So both are taken back, after the wanted
 * range has got a rule of its own where it needs one.
 */
function closeIn(
  facts: FirewallFacts,
  zone: string,
  ranges: readonly PortRange[],
  wanted: PortRange,
): Deed[] {
  const own = ownPorts(facts.files);
  const count = countOf(facts, zone, wanted);
  const needed = count < 2 && !isOpenWithout(facts, zone, own, wanted);
  const inService = zoneSettings(facts.files, zone)?.services.includes(SERVICE) === true;
  return [
    ...(needed ? [openNow(zone, wanted, count > 0)] : []),
    ...ranges.map((range) => closeNow(zone, range)),
    ...(inService ? [dropService(zone)] : []),
  ];
}

/** Whether the zone lets a range in even if nothing of it was opened from here. */
function isOpenWithout(
  { chains }: FirewallFacts,
  zone: string,
  own: readonly PortRange[],
  range: PortRange,
): boolean {
  return sidesOf(chains).every((side) => {
    const foreign = verdictsOf(chains, side, zone).filter(
      (verdict) => !own.some((each) => isExactly(verdict, each)),
    );
    return letsIn(foreign, range, side.families);
  });
}

/** How many rules of the zone let exactly this range in; where both families have tables of their own, in one of them. */
function countOf({ chains }: FirewallFacts, zone: string, range: PortRange): number {
  const [side] = sidesOf(chains);
  if (side === undefined) return 0;
  return verdictsOf(chains, side, zone).filter((verdict) => isExactly(verdict, range)).length;
}

function isExactly({ does, ports }: Verdict, range: PortRange): boolean {
  const [first, ...more] = ports;
  return does === 'accept' && more.length === 0 && sameRange(first ?? null, range);
}
