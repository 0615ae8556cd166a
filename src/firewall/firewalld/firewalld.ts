import type { PlacedRule } from '../../core/plan.ts';
import { coversRange, formatRange, type PortRange } from '../../core/range.ts';
import type { Deed, FirewallFacts, Keeper, Opening, Question } from '../firewall.ts';
import type { Place } from '../ruleset.ts';
import { closeRanges } from './close.ts';
import { addPort, addService, answers, newService, openNow } from './deeds.ts';
import { firewalldFindings, firewalldRefusal } from './findings.ts';
import { CONF, DIRECTORIES, ownPorts, SERVICE, SERVICE_FILE, zoneKeeps, zoneSettings } from './settings.ts';
import { isOpen, placeOf, sidesOf, zonesOfFtp } from './zones.ts';

const UNIT = 'firewalld.service';
/** What firewalld names its chains in tables of iptables, INPUT with its final reject among them. */
const OWN_CHAIN =
  /^(?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)(?:$|_(?:direct|ZONES|POLICIES))|^(?:IN|FWD|FWDI|FWDO|OUT|PRE|POST)_/;

/** firewalld: zones of rules, in force and for the next start, each changed by a command of its own. */
export const firewalld: Keeper = {
  name: 'firewalld',
  files: [CONF],
  directories: DIRECTORIES,
  units: [UNIT],
  standing,
  owns,
  refusal: firewalldRefusal,
  keeps,
  open,
  opened: ({ files }) => ownPorts(files),
  close: closeRanges,
  findings: firewalldFindings,
};

function standing({ files, chains, active, enabled }: FirewallFacts): ReturnType<Keeper['standing']> {
  if (active.has(UNIT) && sidesOf(chains).length > 0) return 'active';
  return enabled.has(UNIT) || files.get(CONF) != null ? 'inactive' : 'absent';
}

function owns(place: Place, facts: FirewallFacts): boolean {
  if (standing(facts) !== 'active') return false;
  if (place.table === 'firewalld') return true;
  const inTables = sidesOf(facts.chains).some(({ table }) => table === 'filter');
  return inTables && (place.family === 'ip' || place.family === 'ip6') && OWN_CHAIN.test(place.chain);
}

function keeps(facts: FirewallFacts, { range, families }: Question): boolean | null {
  const kept = zonesOfFtp(facts).map((zone) => zoneKeeps(facts.files, zone, range, families));
  if (kept.includes(false)) return false;
  return kept.length === 0 || kept.includes(null) ? null : true;
}

function open(facts: FirewallFacts, { range, families }: Question, live: boolean): Opening {
  const { files, chains } = facts;
  const zones = zonesOfFtp(facts);
  const lacking = zones.filter((zone) => zoneKeeps(files, zone, range, families) !== true);
  const without = lacking.filter((zone) => zoneSettings(files, zone)?.services.includes(SERVICE) !== true);
  // Undo may take the whole service out of the rules in force where nothing that was there before needs it.
  const stays = ownPorts(files).some((each) => coversRange([range], each));
  const withdrawn = stays ? without : lacking;
  const shut = live ? zones.filter((zone) => !isOpen(chains, zone, range, families)) : [];
  return {
    trial: shut.flatMap((zone) => trialOf(facts, zone, range)),
    deeds: [
      ...(withdrawn.length > 0 ? [answers(withdrawn)] : []),
      ...(lacking.length > 0 ? serviceDeeds(facts, range) : []),
      ...without.map(addService),
      ...shut.map((zone) => openNow(zone, range)),
    ],
  };
}

function serviceDeeds({ files }: FirewallFacts, range: PortRange): Deed[] {
  const there = files.get(SERVICE_FILE) != null;
  const holds = coversRange(ownPorts(files), range);
  return [...(there ? [] : [newService()]), ...(holds ? [] : [addPort(range)])];
}

/** What firewalld will put into the zone's chain, behind what is there. */
function trialOf({ chains }: FirewallFacts, zone: string, range: PortRange): PlacedRule[] {
  return sidesOf(chains).map((side): PlacedRule => {
    const place = { ...placeOf(side, zone, '_allow'), before: null };
    if (side.tool === 'nft') return { ...place, text: `tcp dport ${formatRange(range)} accept` };
    return {
      ...place,
      tool: side.tool,
      text: `-p tcp -m tcp --dport ${formatRange(range, 'colon')} -j ACCEPT`,
    };
  });
}
