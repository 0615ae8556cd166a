import { formatRange } from '../../core/range.ts';
import type { Verdict } from '../../outside/judgement.ts';
import type { LastProof } from '../../outside/last.ts';
import { moment } from './words.ts';

/** What the last proof from outside showed, in words for one line. `iso`: when it ended. */
export interface LastOutside {
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

export function lastOutside({ at, by, address, range, verdict, ports }: LastProof): LastOutside {
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
