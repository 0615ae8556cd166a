import { parseCpnat, type NatPair } from '../core/address.ts';
import type { FileFacts } from '../core/file.ts';

/** cPanel's NAT map: lines `LOCAL PUBLIC`. */
export const CPNAT = '/var/cpanel/cpnat';
/** The address that cPanel takes for the server's main one. */
export const MAIN_IP = '/var/cpanel/mainip';

/** Files that tell where NAT leads. */
export const NAT_FILES: readonly string[] = [CPNAT, MAIN_IP];

export function natPairs(files: FileFacts): NatPair[] {
  return parseCpnat(files.get(CPNAT)?.text ?? '');
}

/** The server's main address where NAT maps it to another one; null where it does not. */
export function mainBehindNat(files: FileFacts): string | null {
  const main = files.get(MAIN_IP)?.text.trim() ?? '';
  return natPairs(files).some((pair) => pair.local === main && pair.public !== main) ? main : null;
}
