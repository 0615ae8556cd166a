import { DEFAULT_RANGE, formatRange, sameRange } from '../../core/range.ts';
import type { Status } from '../../core/status.ts';
import type { Verdict } from '../../outside/judgement.ts';
import type { LastProof } from '../../outside/last.ts';
import { toldAddress } from './path.ts';
import { moment } from './words.ts';

/** What the last proof from outside showed, in words for one line. `iso`: when it ended. */
export interface LastProofRow {
  readonly level: string;
  readonly badge: string;
  readonly sentence: string;
  readonly iso: string;
  readonly when: string;
}

const SHOWED: Readonly<Record<Verdict, readonly [level: string, badge: string, words: string]>> = {
  open: ['good', 'Proven', 'every port that was tried was reached'],
  unproven: [
    'warn',
    'Not proven',
    'every port that was tried was reached, and yet that did not show that transfers work',
  ],
  part: ['bad', 'Partly blocked', 'some ports were reached and some were not'],
  'wrong-address': [
    'bad',
    'Wrong address',
    'nothing arrived there, but by another name of this server it did',
  ],
  here: ['bad', 'Blocked here', 'this server’s own firewall blocked ports that were chosen'],
  outside: ['bad', 'Blocked outside', 'nothing arrived, though this server’s own firewall let it in'],
  somewhere: ['bad', 'Blocked', 'nothing arrived'],
  nothing: ['unknown', 'Not told', 'nothing was shown'],
  waiting: ['unknown', 'Not told', 'nothing was shown'],
};

export function lastProofRow({ at, by, address, range, verdict, ports }: LastProof): LastProofRow {
  const [level, badge, words] = SHOWED[verdict];
  const iso = new Date(at).toISOString();
  const from = by === 'browser' ? 'a browser' : 'another machine';
  const missed = ports.filter(({ result }) => result !== 'arrived').map(({ port }) => port);
  const which = verdict === 'part' ? ` (not ${missed.join(', ')})` : '';
  return {
    ...{ level, badge, iso, when: moment(iso) },
    sentence: `From ${from}, at ${address}, ports out of ${formatRange(range)}: ${words}${which}.`,
  };
}

/** The same for the status, with who asked, and whether it was about what clients are told now. */
export function lastProofWords(last: LastProof, status: Status): string {
  const { when, sentence } = lastProofRow(last);
  const range = status.ftp.range.live ?? status.ftp.range.configured ?? DEFAULT_RANGE;
  const address = toldAddress(status);
  const isOld = !sameRange(last.range, range) || (address !== null && address !== last.address);
  const old = isOld ? ' The ports or the address are others now.' : '';
  return `Last tried from outside on ${when}, by ${last.user ?? 'the command line'}. ${sentence}${old}`;
}
