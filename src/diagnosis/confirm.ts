import { phrase } from '../core/phrase.ts';
import type { Status } from '../core/status.ts';
import type { CauseId } from './causes.ts';
import { addressFact, foreignFact } from './confirm-address.ts';
import { portFact, rangeFact } from './confirm-ports.ts';
import { alternative, causeWords, type Diagnosis } from './diagnose.ts';
import { alsoFound, type Fact } from './fact.ts';

/**
 * A diagnosis with what this server knows of it. `fact`: one or two sentences, or null when nothing here tells.
 * `right`: in this matter the server is right now, so the cause lies outside it or is past.
 */
export interface Confirmed extends Diagnosis {
  readonly fact: string | null;
  readonly right: boolean;
}

/** Holds a diagnosis against this server as it is now. */
export function confirm(diagnosis: Diagnosis, status: Status): Confirmed {
  if (diagnosis.cause === null && diagnosis.alternatives.length === 0)
    return joined(diagnosis, { fact: null });
  return joined(diagnosis, noServer(status) ?? factFor(diagnosis, status));
}

/** A diagnosis of which this server could not be asked. @param reason one sentence */
export function unconfirmed(diagnosis: Diagnosis, reason: string): Confirmed {
  return { ...diagnosis, fact: phrase`This server could not be asked: ${reason}`, right: false };
}

function joined(
  diagnosis: Diagnosis,
  { fact, right = false, cause, sure, others = [], not = [] }: Fact,
): Confirmed {
  const now = cause ?? diagnosis.cause;
  const known = [...others.map(alternative), ...diagnosis.alternatives].filter(
    (each) => each.cause !== now && !not.includes(each.cause),
  );
  const alternatives = known.filter(
    (each, index) => known.findIndex((one) => one.cause === each.cause) === index,
  );
  const words = cause === undefined ? {} : { cause, ...causeWords(cause), sure: sure ?? 'likely' };
  return { ...diagnosis, ...words, alternatives, fact, right };
}

function noServer({ findings, ftp }: Status): Fact | null {
  if (findings.some(({ id }) => id === 'no-cpanel'))
    return { fact: phrase`This is not a cPanel server, so nothing here confirms it.` };
  return ftp.server === 'disabled' ? { fact: phrase`FTP is switched off on this server.` } : null;
}

function factFor(diagnosis: Diagnosis, status: Status): Fact {
  switch (diagnosis.cause) {
    case 'data-blocked':
    case 'data-rejected':
      return foreignFact(diagnosis, status) ?? portFact(diagnosis, status);
    case 'tls-hides-ports':
    case 'csf-drift':
    case 'rule-below-deny':
      return portFact(diagnosis, status);
    case 'nat-address':
    case 'container-address':
    case 'other-address':
    case 'data-refused':
    case 'no-hairpin':
    case 'bad-forced-address':
    case 'empty-masquerade':
      return withPorts(addressFact(diagnosis, status), diagnosis, status);
    case 'ports-exhausted':
    case 'port-outside-range':
    case 'range-overlap':
    case 'range-syntax':
    case 'proftpd-range-syntax':
      return rangeFact(diagnosis.cause, status);
    case null:
      return byServer(diagnosis, status);
    case 'server-full':
      return { fact: `${runs(status)}${alsoFound(status, /^server-full$/)}` };
    default:
      return { fact: runs(status) };
  }
}

const NO_ANSWER: readonly (CauseId | null)[] = ['data-blocked', 'data-rejected'];

/** Where the log shows that the data port gave no answer as well, the firewall here is asked about that too. */
function withPorts(address: Fact, diagnosis: Diagnosis, status: Status): Fact {
  const beside = diagnosis.alternatives.find(({ cause }) => NO_ANSWER.includes(cause));
  if (beside === undefined) return address;
  const { fact, cause } = portFact({ ...diagnosis, cause: beside.cause }, status);
  if (cause !== 'host-firewall' && cause !== 'imunify') return address;
  return { ...address, fact: `${address.fact ?? ''} ${fact ?? ''}`.trim(), others: [cause], not: NO_ANSWER };
}

/** Two causes of which each is of one FTP server. */
function byServer({ alternatives }: Diagnosis, status: Status): Fact {
  const cause = status.ftp.server === 'proftpd' ? 'tls-session-reuse' : 'tls-old-pureftpd';
  if (!alternatives.some((each) => each.cause === cause)) return { fact: null };
  return { cause, fact: runs(status) };
}

function runs({ ftp }: Status): string {
  return phrase`The FTP server here is ${ftp.server}${ftp.running ? '' : phrase`, and it does not run`}.`;
}
