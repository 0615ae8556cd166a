import { phrase } from '../../core/phrase.ts';
import { formatRange } from '../../core/range.ts';
import type { Doubt, Judgement, PortResult, Verdict } from '../../outside/judgement.ts';
import { commandsFor } from '../../outside/commands.ts';
import type { Standing } from '../../outside/proofs.ts';
import type { Proof } from '../../outside/proof.ts';
import { likeliestFirst, providersFor } from '../../outside/providers.ts';
import { doubtWords, verdictWords } from './outside-words.ts';

const RESULTS: Readonly<Record<PortResult['result'], { level: string; word: string; what: string }>> = {
  arrived: { level: 'good', word: phrase`Arrived`, what: '' },
  waiting: { level: 'unknown', word: phrase`Waiting`, what: phrase`Nothing has come yet.` },
  here: { level: 'bad', word: phrase`Blocked here`, what: phrase`This server’s firewall blocks it` },
  outside: {
    level: 'bad',
    word: phrase`Blocked outside`,
    what: phrase`This server’s firewall lets it in, but no connection came: something on the way blocks it.`,
  },
  somewhere: {
    level: 'bad',
    word: phrase`Did not arrive`,
    what: phrase`Where it was blocked could not be told.`,
  },
  elsewhere: {
    level: 'bad',
    word: phrase`Went elsewhere`,
    what: phrase`The address leads to another machine, or nowhere.`,
  },
  untold: {
    level: 'unknown',
    word: phrase`Not told`,
    what: phrase`Nothing came, and nothing shows that it was tried.`,
  },
};

const LEVELS: Readonly<Record<Verdict, { level: string; badge: string }>> = {
  waiting: { level: 'info', badge: phrase`Waiting` },
  open: { level: 'good', badge: phrase`Proven` },
  unproven: { level: 'warn', badge: phrase`Not proven` },
  part: { level: 'bad', badge: phrase`Partly blocked` },
  'wrong-address': { level: 'bad', badge: phrase`Wrong address` },
  here: { level: 'bad', badge: phrase`Blocked here` },
  outside: { level: 'bad', badge: phrase`Blocked outside` },
  somewhere: { level: 'bad', badge: phrase`Blocked` },
  nothing: { level: 'unknown', badge: phrase`Not told` },
};

/** @param nowMs wall time @param forRoot whether rules of this server may be shown */
export function outsideView(
  { proof, over, judgement }: Standing,
  nowMs: number,
  forRoot: boolean,
): Record<string, unknown> {
  const { address, range, witness } = proof.subject;
  const at = (host: string) => (result: PortResult) => rowOf(result, host, forRoot);
  return {
    id: proof.id,
    over,
    browser: proof.by === 'browser',
    seconds: Math.max(0, Math.ceil((proof.until - nowMs) / 1000)),
    address,
    range: formatRange(range),
    ...LEVELS[judgement.verdict],
    ...verdictWords(proof, judgement),
    rows: [...judgement.ports.map(at(address)), ...judgement.witnesses.map(witnessRow(witness ?? ''))],
    doubts: over ? doubtsOf(judgement, proof) : [],
    commands: over || proof.by === 'browser' ? [] : commandsFor(proof),
    providers: over && isOutside(judgement) ? likeliestFirst(providersFor(range), proof.vendor) : [],
  };
}

/** Whether what a provider's firewall does may be the cause. */
function isOutside({ verdict, ports }: Judgement): boolean {
  if (verdict === 'wrong-address' || verdict === 'nothing') return false;
  return ports.some(({ result }) => result === 'outside' || result === 'somewhere');
}

function rowOf(
  { port, result, from, rule }: PortResult,
  host: string,
  forRoot: boolean,
): Record<string, string> {
  const { level, word, what } = RESULTS[result];
  const by = forRoot && rule !== null ? `: ${rule}` : '.';
  const arrived = phrase`From ${from.join(', ')}.`;
  const fact = result === 'arrived' ? arrived : result === 'here' ? `${what}${by}` : what;
  return { port: String(port), host, level, word, fact };
}

/** It is there to be compared with: neither good nor bad by itself. */
function witnessRow(host: string): (result: PortResult) => Record<string, string> {
  return ({ port, result, from }) => ({
    ...{ port: String(port), host, level: 'unknown', word: RESULTS[result].word },
    fact: phrase`Another name of this server, to compare with.${from.length > 0 ? phrase` From ${from.join(', ')}.` : ''}`,
  });
}

function doubtsOf({ doubts }: Judgement, proof: Proof): string[] {
  return doubts.map((doubt: Doubt) => doubtWords(doubt, proof));
}
