import { DEFAULT_RANGE, formatRange, sameRange } from '../../core/range.ts';
import type { Status } from '../../core/status.ts';
import type { Verdict } from '../../outside/judgement.ts';
import type { LastProof } from '../../outside/last.ts';
import { toldAddress } from './path.ts';
import { moment } from './words.ts';

const CAME_TO: Readonly<Record<Verdict, string>> = {
  waiting: '',
  open: 'nothing blocked them.',
  unproven: 'but that did not show that transfers of FTP clients work.',
  part: 'the others were blocked.',
  'wrong-address': 'the address led elsewhere.',
  here: 'this server’s own firewall was in the way.',
  outside: 'something before this server blocked them.',
  somewhere: 'where they were blocked could not be told.',
  nothing: 'nothing shows that they were tried.',
};

/** What the last proof from outside came to, and when; empty where there was none. @param forRoot may see who asked */
export function lastProofWords(last: LastProof | null, status: Status, forRoot: boolean): string {
  if (last === null) return '';
  const { at, user, address, range, ports, verdict } = last;
  const came = ports.filter(({ result }) => result === 'arrived').length;
  const by = forRoot ? `, by ${user ?? 'the command line'}` : '';
  const now = status.ftp.range.live ?? status.ftp.range.configured ?? DEFAULT_RANGE;
  const told = toldAddress(status);
  const isOld = !sameRange(range, now) || (told !== null && told !== address);
  return [
    `Last tried from outside on ${moment(new Date(at).toISOString())}${by}: ${came} of ${ports.length} ports of ${formatRange(range)} could be reached at ${address}; ${CAME_TO[verdict]}`,
    ...(isOld ? ['The ports or the address are others now.'] : []),
  ].join(' ');
}
