import { addressKind, isIpv4 } from '../core/address.ts';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { PortRange } from '../core/range.ts';
import type { Status } from '../core/status.ts';
import type { Subject } from './proof.ts';

/**
 * What is to be proven on this server.
 * @param wanted the range where the server does not tell which one it uses
 * @param held the addresses of its interfaces @param name what people call it, where known
 * @throws Problem `unsupported` when nothing is known that anybody outside could connect to
 */
export function subjectOf(
  { ftp, nat }: Pick<Status, 'ftp' | 'nat'>,
  wanted: PortRange,
  held: readonly string[],
  name: string | null,
): Subject {
  const outside = [...new Set([...nat.addresses.map((pair) => pair.public), ...held])].filter(
    (address) => addressKind(address) === 'public',
  );
  const own = outside.filter(isIpv4);
  const known = own.length > 0 ? own : outside;
  // Without an address in its settings a server names the one that was reached, which behind NAT is its local one.
  const local = nat.behind ? nat.addresses[0]?.local : undefined;
  const told = ftp.passiveAddress.live ?? ftp.passiveAddress.rendered ?? local ?? null;
  const names = [...known.slice(0, 1), ...(name !== null && isCalledSoOutside(name) ? [name] : [])];
  const address = told !== null && addressKind(told) === 'public' ? told : names[0];
  if (address === undefined) {
    throw new Problem(
      'unsupported',
      phrase`No public address of this server is known, so nobody outside can be asked to connect to it; name one (--public-address).`,
    );
  }
  return {
    range: ftp.range.live ?? ftp.range.rendered ?? wanted,
    told,
    address,
    witness: names.find((each) => each !== address) ?? null,
    known,
  };
}

/** A name that is no address is of kind `reserved`. */
function isCalledSoOutside(name: string): boolean {
  if (addressKind(name) === 'public') return true;
  return /^(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(name);
}
