import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import type { FirewallName } from '../core/status.ts';
import { APF_CONF, apfAdvice, apfFindings, isApfInForce, isOfApf } from './apf.ts';
import { BEYOND_FILES, beyondFindings } from './beyond.ts';
import type { Firewall, FirewallFacts, Keeper, Rulebook } from './firewall.ts';
import { overlayFindings, overlayOf, overlaysIn, PROGRAM_FILES } from './overlays.ts';
import type { Chain, Place } from './ruleset.ts';
import { sleeperFindings } from './sleepers.ts';
import { canStop, isClosed, isIncoming } from './strict.ts';

export interface Charge {
  readonly active: FirewallName | 'none';
  /** The program in charge; null when plain rules are. */
  readonly keeper: Keeper | null;
  /** What else has rules in force or may block: other active firewalls, then the programs beside them. */
  readonly others: readonly string[];
  /** Why nothing may be changed as it is, in one sentence that says what to do; null when it may. */
  readonly conflict: string | null;
  readonly findings: readonly Finding[];
}

/** Files that tell of programs that this product does not change, and of where this server runs. */
export const OVERLAY_FILES: readonly string[] = [APF_CONF, ...PROGRAM_FILES, ...BEYOND_FILES];

/** Of several programs the first is in charge. */
const PRECEDENCE: readonly FirewallName[] = ['csf', 'firewalld', 'ufw'];

/** In which order programs beside the firewall are named. */
const BESIDE = ['docker', 'fail2ban', 'imunify360', 'apf', 'cphulk'];

const NAMES: Readonly<Record<string, string>> = { csf: 'CSF', apf: 'APF' };
const TURN_OFF: Readonly<Record<string, string>> = {
  csf: '"csf -x"',
  firewalld: '"systemctl disable --now firewalld"',
  ufw: '"ufw disable"',
  apf: phrase`"apf -f", and taking it out of the boot`,
};

/**
 * Which firewall decides, by what is true now. A program that makes rules comes before plain rules, since it makes its
 * own anew; of plain rules those that are kept for the next boot, else those that stop more.
 */
export function inCharge(
  keepers: readonly Keeper[],
  rulebooks: readonly Rulebook[],
  facts: FirewallFacts,
): Charge {
  const running = PRECEDENCE.flatMap((name) => keepers.filter((each) => each.name === name)).filter(
    (each) => each.standing(facts) === 'active',
  );
  const apf = isApfInForce(facts);
  const makers = [...running.map(({ name }) => name as string), ...(apf ? ['apf'] : [])];
  const plain = rulebooks.filter((each) => filters(each, facts, running, apf));
  const keeper = running[0] ?? null;
  const book = makers.length === 0 ? strictest(plain, facts) : null;
  const active = keeper?.name ?? (apf ? 'iptables' : (book?.name ?? 'none'));
  const names = [
    ...makers.slice(keeper === null ? 0 : 1),
    ...plain.filter((each) => each !== book).map(({ name }) => name),
  ];
  const beside = [...overlaysIn(facts.chains), ...(apf ? ['apf'] : [])];
  const others = [
    ...names.filter((name) => name !== 'apf'),
    ...beside.toSorted((a, b) => BESIDE.indexOf(a) - BESIDE.indexOf(b)),
  ];
  return {
    active,
    keeper,
    others,
    conflict: conflictOf(makers, facts),
    findings: [
      ...sleeperFindings(keepers, facts, active),
      ...apfFindings(facts),
      ...overlayFindings(facts, active !== 'csf'),
      ...beyondFindings(facts),
    ],
  };
}

/** A program that owns this place and whose rules are not ours to change, with what to do; null when none does. */
export function overlayAt(
  place: Place,
  facts: FirewallFacts,
): { readonly name: string; readonly advice: string } | null {
  const overlay = overlayOf(place);
  if (overlay !== null) return { name: overlay.name, advice: overlay.advice };
  if (!isApfInForce(facts) || !isOfApf(place)) return null;
  return { name: 'apf', advice: phrase`APF makes these rules: ${apfAdvice(facts)}.` };
}

function conflictOf(makers: readonly string[], facts: FirewallFacts): string | null {
  const [first, second] = makers;
  if (first === undefined) return null;
  if (second !== undefined) {
    const [a, b] = [NAMES[first] ?? first, NAMES[second] ?? second];
    const harm =
      first === 'csf' && second === 'firewalld'
        ? phrase`and CSF takes its own rules away when it starts beside firewalld`
        : phrase`and each makes its rules anew without regard to the other`;
    return phrase`${a} and ${b} are both in force, ${harm}: turn one of them off (${TURN_OFF[first] ?? first}, or ${TURN_OFF[second] ?? second}), then try again.`;
  }
  if (first !== 'apf') return null;
  return phrase`APF is in charge, whose settings are not changed from here: ${apfAdvice(facts)}.`;
}

/** Whether plain rules of this book, none of which is made by one of the programs, can stop what comes in. */
function filters(book: Rulebook, facts: FirewallFacts, makers: readonly Keeper[], apf: boolean): boolean {
  if (book.standing(facts) !== 'active') return false;
  return basesOf(book, facts.chains).some(
    (base) =>
      canStop(facts.chains, base) &&
      !makers.some((each) => each.owns(base, facts)) &&
      !(apf && isOfApf(base)),
  );
}

function basesOf(book: Rulebook, chains: readonly Chain[]): Chain[] {
  return chains.filter((chain) => isIncoming(chain) && book.keeps(chain));
}

function strictest(books: readonly Rulebook[], facts: FirewallFacts): Firewall | null {
  const kept = books.filter((book) => book.saved(facts)?.enabled === true);
  const closed = books.filter((book) =>
    basesOf(book, facts.chains).some((base) => isClosed(facts.chains, base)),
  );
  const order = (name: FirewallName): number => (name === 'iptables' ? 0 : 1);
  const best = kept.length === 1 ? kept : closed.length === 1 ? closed : books;
  return best.toSorted((a, b) => order(a.name) - order(b.name))[0] ?? null;
}
