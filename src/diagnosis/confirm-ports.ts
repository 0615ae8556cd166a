import { addressKind } from '../core/address.ts';
import { phrase } from '../core/phrase.ts';
import { DEFAULT_RANGE, coversRange, formatRange, type PortRange } from '../core/range.ts';
import { familyName, type Blocked } from '../core/reach.ts';
import type { Status } from '../core/status.ts';
import type { CauseId } from './causes.ts';
import type { Diagnosis } from './diagnose.ts';
import { alsoFound, type Fact } from './fact.ts';

/** Linux takes ports for outgoing connections from here unless it is told otherwise. */
const KERNEL_RANGE: PortRange = [32_768, 60_999];
const CSF_BUTTON: PortRange = [30_000, 35_000];

/** What the firewall here does with the port that the log names. */
export function portFact(diagnosis: Diagnosis, status: Status): Fact {
  const { port, family } = diagnosis.seen;
  const outside = port === null ? null : outsideFact(port, status);
  if (outside !== null) return outside;
  const reach = status.firewall.reach[family];
  const name = familyName(family);
  if (reach === undefined || reach.method === 'unknown')
    return {
      fact: phrase`What the firewall here does over ${name} could not be told: ${reach?.reason ?? phrase`it was not asked`}.`,
    };
  const blocked = reach.blocked.find(({ range }) => port === null || within(port, range));
  if (blocked !== undefined) return blockedFact(diagnosis, status, blocked, name);
  return openFact(diagnosis, status, name);
}

function outsideFact(port: number, status: Status): Fact | null {
  const { ftp } = status;
  const { configured, rendered, live } = ftp.range;
  const known = [configured, rendered, live].flatMap((range) => (range === null ? [] : [range]));
  if (known.length === 0 || known.some((range) => within(port, range))) return null;
  const set = formatRange(live ?? rendered ?? configured ?? DEFAULT_RANGE);
  const fact = phrase`The log shows port ${port}, which is outside ${set}, the range of ${ftp.server} here.`;
  if (configured !== null && rendered === null)
    return {
      fact: `${fact}${alsoFound(status, /^(?:store|range|conf)-(?!wrong|not-kept)/)}`,
      cause: ftp.server === 'proftpd' ? 'no-global-block' : 'range-ignored',
      others: ['setting-without-effect'],
    };
  if (ftp.server === 'proftpd') return { fact, cause: 'port-outside-range' };
  if (live === null) return { fact, cause: 'range-ignored' };
  return { fact: phrase`${fact} The log is older than that setting, or of another server.` };
}

function blockedFact(
  diagnosis: Diagnosis,
  status: Status,
  { range, how, rule }: Blocked,
  name: string,
): Fact {
  const word = how === 'reject' ? phrase`rejects` : how === 'drop' ? phrase`drops` : phrase`stops`;
  const { active } = status.firewall;
  const by = rule === null ? '' : phrase`, by: ${rule}`;
  const fact = phrase`The firewall here (${active}) ${word} ${formatRange(range)} over ${name}${by}.`;
  const { cause } = diagnosis;
  // What the log itself shows is nearer than that the port is blocked.
  if (cause === 'tls-hides-ports' || cause === 'csf-drift' || cause === 'rule-below-deny') return { fact };
  if (/imunify/i.test(rule ?? '')) return { fact, cause: 'imunify', sure: 'certain' };
  const decided = blockedCause(status);
  const worked = diagnosis.seen.worked.some((port) => within(port, range));
  if (worked && decided.cause === 'host-firewall')
    return { fact, cause: 'rules-lost', others: ['host-firewall', ...decided.others] };
  return { fact, sure: 'certain', ...decided };
}

function blockedCause({ firewall, ftp, findings }: Status): { cause: CauseId; others: CauseId[] } {
  const { configured, rendered } = ftp.range;
  const drifted = rendered !== null && rendered[0] === CSF_BUTTON[0] && rendered[1] === CSF_BUTTON[1];
  if (firewall.active === 'csf' && drifted && configured?.[0] !== CSF_BUTTON[0])
    return { cause: 'csf-drift', others: ['host-firewall'] };
  const range = configured ?? DEFAULT_RANGE;
  const blocked = Object.values(firewall.reach).flatMap((reach) => reach.blocked.map((each) => each.range));
  const strange = !coversRange([DEFAULT_RANGE], range);
  const kept = blocked.every(([low, high]) => high < DEFAULT_RANGE[0] || low > DEFAULT_RANGE[1]);
  const touches = range[0] <= DEFAULT_RANGE[1] && range[1] >= DEFAULT_RANGE[0];
  // The part of the range that cPanel's own script opens is open, and only the rest is not.
  if (strange && kept && touches) return { cause: 'range-mismatch', others: ['host-firewall'] };
  const forgets = findings.some(
    ({ id }) => id === 'boot-none' || id === 'boot-not-enabled' || id === 'keeper-forgets',
  );
  return {
    cause: 'host-firewall',
    others: [
      ...(forgets ? (['rules-lost'] as const) : []),
      ...(strange ? (['range-mismatch'] as const) : []),
      ...(firewall.active === 'csf' ? (['csf-drift'] as const) : []),
      'rule-below-deny',
    ],
  };
}

/** The firewall here lets it in: then the address may be wrong, or the cause lies before this server. */
function openFact({ cause, seen }: Diagnosis, { ftp, findings }: Status, name: string): Fact {
  const port = seen.port === null ? phrase`the range` : phrase`port ${seen.port}`;
  const open = phrase`A copy of the firewall here lets ${port} in over ${name}`;
  const wrong = findings.find(({ id }) => id === 'address-wrong');
  const told = ftp.passiveAddress.live ?? ftp.passiveAddress.rendered;
  if (wrong !== undefined && seen.mode !== 'epsv' && seen.told === null)
    return {
      fact: phrase`${open}, but: ${wrong.fact}`,
      cause: told !== null && addressKind(told) === 'public' ? 'other-address' : 'nat-address',
      others: ['provider-firewall'],
    };
  const beyond = findings.find(({ id }) => id === 'virtual-node' || id === 'cloud-firewall');
  const fact = phrase`${open}, so this server is right now and it stops before it${beyond === undefined ? '' : ` (${beyond.fact})`}.`;
  if (cause !== 'data-blocked' && cause !== 'data-rejected') return { fact, right: true };
  return {
    fact,
    right: true,
    cause: 'provider-firewall',
    others: beyond?.id === 'virtual-node' ? ['virtual-node'] : [],
  };
}

/** What is known of the range of the FTP server here. */
export function rangeFact(cause: CauseId, { ftp, findings }: Status): Fact {
  const range = ftp.range.live ?? ftp.range.rendered ?? ftp.range.configured;
  if (cause === 'range-syntax' || cause === 'proftpd-range-syntax') {
    const file =
      ftp.range.rendered === null
        ? phrase`no passive range that can be read`
        : formatRange(ftp.range.rendered);
    return ftp.running
      ? { fact: phrase`${ftp.server} runs now; its file says ${file}.`, right: true }
      : { fact: phrase`${ftp.server} does not run; its file says ${file}.` };
  }
  if (range === null) return { fact: phrase`${ftp.server} has no passive range in its settings.` };
  const fact = phrase`${ftp.server} has ${formatRange(range)}, ${range[1] - range[0] + 1} ports.`;
  const overlaps =
    (range[0] <= KERNEL_RANGE[1] && range[1] >= KERNEL_RANGE[0]) ||
    findings.some(({ id }) => id === 'range-kernel');
  return { fact, others: overlaps && cause !== 'range-overlap' ? ['range-overlap'] : [] };
}

function within(port: number, [low, high]: PortRange): boolean {
  return port >= low && port <= high;
}
