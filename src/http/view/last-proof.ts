import { phrase } from '../../core/phrase.ts';
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
  open: ['good', phrase`Proven`, phrase`every port that was tried was reached`],
  unproven: [
    'warn',
    phrase`Not proven`,
    phrase`every port that was tried was reached, and yet that did not show that transfers work`,
  ],
  part: ['bad', phrase`Partly blocked`, phrase`some ports were reached and some were not`],
  'wrong-address': [
    'bad',
    phrase`Wrong address`,
    phrase`nothing arrived there, but by another name of this server it did`,
  ],
  here: ['bad', phrase`Blocked here`, phrase`this server’s own firewall blocked ports that were chosen`],
  outside: [
    'bad',
    phrase`Blocked outside`,
    phrase`nothing arrived, though this server’s own firewall let it in`,
  ],
  somewhere: ['bad', phrase`Blocked`, phrase`nothing arrived`],
  nothing: ['unknown', phrase`Not told`, phrase`nothing was shown`],
  waiting: ['unknown', phrase`Not told`, phrase`nothing was shown`],
};

export function lastProofRow({ at, by, address, range, verdict, ports }: LastProof): LastProofRow {
  const [level, badge, words] = SHOWED[verdict];
  const iso = new Date(at).toISOString();
  const from = by === 'browser' ? phrase`a browser` : phrase`another machine`;
  const missed = ports.filter(({ result }) => result !== 'arrived').map(({ port }) => port);
  const which = verdict === 'part' ? phrase` (not ${missed.join(', ')})` : '';
  return {
    ...{ level, badge, iso, when: moment(iso) },
    sentence: phrase`From ${from}, at ${address}, ports out of ${formatRange(range)}: ${words}${which}.`,
  };
}

/** The same for the status, with who asked, and whether it was about what clients are told now. */
export function lastProofWords(last: LastProof, status: Status): string {
  const { when, sentence } = lastProofRow(last);
  const range = status.ftp.range.live ?? status.ftp.range.configured ?? DEFAULT_RANGE;
  const address = toldAddress(status);
  const isOld = !sameRange(last.range, range) || (address !== null && address !== last.address);
  const old = isOld ? phrase` The ports or the address are others now.` : '';
  return phrase`Last tried from outside on ${when}, by ${last.user ?? phrase`the command line`}. ${sentence}${old}`;
}
