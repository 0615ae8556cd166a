import { addressKind, isIpv4 } from '../core/address.ts';
import { phrase } from '../core/phrase.ts';
import type { Status } from '../core/status.ts';
import { portFact } from './confirm-ports.ts';
import type { Diagnosis } from './diagnose.ts';
import { alsoFound, type Fact } from './fact.ts';

/** What this server knows of the address that the log shows. */
export function addressFact(diagnosis: Diagnosis, status: Status): Fact {
  switch (diagnosis.cause) {
    case 'nat-address':
    case 'container-address':
      return privateFact(diagnosis, status);
    case 'no-hairpin':
      return hairpinFact(diagnosis, status);
    case 'data-refused':
      return foreignFact(diagnosis, status) ?? refusedFact(diagnosis, status);
    case 'other-address':
      return (
        foreignFact(diagnosis, status) ?? { fact: phrase`${advertises(status)} NAT: ${pairsOf(status)}.` }
      );
    default:
      return settingFact(status);
  }
}

/** The log shows a private address. */
function privateFact({ seen }: Diagnosis, status: Status): Fact {
  const { server, passiveAddress } = status.ftp;
  const { configured, rendered } = passiveAddress;
  const now = nowOf(status);
  if (server === 'proftpd' && rendered !== null && !isIpv4(rendered) && !rendered.includes(':'))
    return { cause: 'masquerade-name', fact: phrase`MasqueradeAddress is the name ${rendered}.` };
  if (configured !== null && isPublic(configured) && rendered !== configured)
    return {
      cause: 'setting-without-effect',
      fact: phrase`WHM’s settings say ${configured}, the file of ${server} says ${rendered ?? phrase`nothing`}.${alsoFound(status, /^(?:store|main)-/)}`,
    };
  const own = status.nat.addresses.find(({ local }) => local === seen.told);
  if (now === null || !isPublic(now)) {
    const ignored = status.findings.find(
      ({ id, fact }) =>
        id === 'store-broken' ||
        id === 'store-cache-stale' ||
        (id === 'store-foreign-key' && /ForcePassiveIP|MasqueradeAddress/.test(fact)),
    );
    const fact = `${placeOf(status)}. ${advertises(status)}`;
    if (ignored === undefined) return { fact };
    return { cause: 'setting-without-effect', others: ['nat-address'], fact: `${fact} ${ignored.fact}` };
  }
  if (server === 'proftpd' && own !== undefined && own.public !== now)
    return {
      cause: 'dedicated-proftpd',
      fact: phrase`${own.local} is ${own.public} outside, and MasqueradeAddress is ${now} for the main address only.`,
    };
  return {
    right: true,
    fact: phrase`${advertises(status)} The log is older than that, or of another server.`,
  };
}

/** The log shows a public address that is not the one the client is connected to; null when nothing is known of it. */
export function foreignFact({ seen, cause }: Diagnosis, status: Status): Fact | null {
  const { told, control } = seen;
  if (told === null || told === control) return null;
  const { server, passiveAddress } = status.ftp;
  const publics = status.nat.addresses.map((pair) => pair.public);
  const now = nowOf(status);
  if (publics.includes(told) && control !== null && publics.includes(control)) {
    const fact = phrase`${told} and ${control} are both addresses of this server. ${advertises(status)}`;
    return server === 'pure-ftpd' ? { cause: 'dedicated-pureftpd', sure: 'certain', fact } : { fact };
  }
  const set = [passiveAddress.configured, passiveAddress.rendered, passiveAddress.live].includes(told);
  // Where the log hides to which address the client is connected, only the server knows whether this one is right.
  const wrong = status.findings.some(({ id }) => id === 'address-wrong' || id === 'address-former');
  if (set && !publics.includes(told) && (control !== null || wrong)) {
    const fact = phrase`${advertises(status)} NAT: ${pairsOf(status)}.`;
    return { cause: status.nat.behind ? 'old-address' : 'sticky-setting', fact };
  }
  if (cause !== 'other-address' && control === null) return null;
  return now !== told && isPublic(now ?? '')
    ? { right: true, fact: phrase`${advertises(status)} The log is older than that, or of another server.` }
    : null;
}

/** The address is right as far as is known, so a rule may have refused. */
function refusedFact(diagnosis: Diagnosis, status: Status): Fact {
  const port = portFact(diagnosis, status);
  return port.cause === undefined || port.cause === 'provider-firewall'
    ? { ...without(port), fact: port.fact }
    : port;
}

function without({ right }: Fact): { right?: boolean } {
  return right === undefined ? {} : { right };
}

function hairpinFact({ seen }: Diagnosis, status: Status): Fact {
  const own = status.nat.addresses.find(({ local }) => local === seen.control);
  if (own === undefined) return { fact: phrase`${advertises(status)} NAT: ${pairsOf(status)}.` };
  return {
    cause: 'no-hairpin',
    sure: 'certain',
    fact: phrase`${own.local} is the local address of ${own.public}. ${advertises(status)}`,
  };
}

function settingFact(status: Status): Fact {
  const now = status.ftp.passiveAddress.rendered;
  if (now !== null && isIpv4(now))
    return { right: true, fact: phrase`${advertises(status)} That is usable.` };
  const says = now === null ? phrase`No address is set in its file now.` : phrase`Its file says ${now}.`;
  return { fact: `${says}${alsoFound(status, /^address-(?!wrong|not-kept)|^conf-empty/)}` };
}

function nowOf({ ftp }: Status): string | null {
  return ftp.passiveAddress.live ?? ftp.passiveAddress.rendered;
}

function advertises(status: Status): string {
  return phrase`${status.ftp.server} here advertises ${nowOf(status) ?? phrase`the local address that a client has reached`}.`;
}

function placeOf(status: Status): string {
  if (!status.nat.behind) return phrase`WHM knows of no NAT here`;
  return status.nat.addresses.length === 0
    ? phrase`The address of this server is private, and WHM knows of no public one`
    : phrase`This server is behind NAT (${pairsOf(status)})`;
}

function pairsOf({ nat }: Status): string {
  return (
    nat.addresses.map((pair) => phrase`${pair.local} is ${pair.public} outside`).join('; ') ||
    phrase`none is known`
  );
}

function isPublic(address: string): boolean {
  return addressKind(address) === 'public';
}
