import { phrase } from '../../core/phrase.ts';
import { formatRange } from '../../core/range.ts';
import { isInside, type Doubt, type Judgement, type PortResult } from '../../outside/judgement.ts';
import { triedOf, type Proof } from '../../outside/proof.ts';

interface Words {
  readonly sentence: string;
  readonly fix: string;
}

const OPEN_HERE = phrase`Open the range here: the page “Set up” does it.`;
const OPEN_THERE = phrase`Open the range in the provider’s firewall or router; the commands stand below.`;
const FROM_ELSEWHERE = phrase`Try it from another network first; if it arrives from there, nothing is to be opened.`;

/** What a proof came to, in words, and what helps; `fix` is empty where nothing is to do. */
export function verdictWords(proof: Proof, judgement: Judgement): Words {
  const { subject } = proof;
  const { verdict, ports } = judgement;
  const { address, witness } = subject;
  const range = formatRange(subject.range);
  const came = ports.filter(({ result }) => result === 'arrived').length;
  switch (verdict) {
    case 'waiting':
      return { sentence: phrase`This server listens on some ports of ${range} and waits.`, fix: '' };
    case 'open':
      return {
        sentence: phrase`Connections to ${address} arrived on every port that was tried: nothing between the client and this server blocks the range ${range} there.`,
        fix: '',
      };
    case 'unproven':
      return {
        sentence: phrase`Connections to ${address} arrived on every port that was tried, and yet that does not show that transfers of FTP clients work; why stands below.`,
        fix: unprovenFix(judgement.doubts),
      };
    case 'part':
      return {
        sentence: phrase`${came} of ${ports.length} ports were reached at ${address}; ${blocksOf(ports)}. Transfers that are given such a port fail.`,
        fix: blockFix(judgement),
      };
    case 'wrong-address':
      return {
        sentence: phrase`Clients are sent to ${address}, and nothing that was sent there arrived, while connections to ${witness ?? ''} did. So the range is open, and the address is wrong: it is not, or no longer, this server’s.`,
        fix: phrase`Set the address that clients are told, on the page “Set up”.`,
      };
    case 'here':
      return hereWords(proof, judgement);
    case 'outside':
      return {
        sentence: phrase`Nothing that was sent to ${address} arrived, though this server’s own firewall lets it in. So the whole range ${range} is blocked before this server, or the network you sit in lets nothing out.`,
        fix: `${FROM_ELSEWHERE} ${OPEN_THERE}`,
      };
    case 'somewhere':
      return {
        sentence: phrase`Nothing that was sent to ${address} arrived. What this server’s own firewall does could not be told; something before this server may block the range, or the network you sit in lets nothing out.`,
        fix: `${FROM_ELSEWHERE} ${OPEN_THERE}`,
      };
    case 'nothing':
      return nothingWords(proof, came, ports.length);
  }
}

function hereWords(proof: Proof, judgement: Judgement): Words {
  const { ports, doubts } = judgement;
  const isTried = triedOf(proof.ports, proof.withheld).length > 0;
  const all = ports.every(({ result }) => result === 'here');
  const blocks = all ? phrase`this server’s own firewall blocks every port that was chosen` : blocksOf(ports);
  const isBanned = doubts.includes('banned');
  return {
    sentence: isTried
      ? phrase`Nothing that was sent to ${proof.subject.address} arrived: ${blocks}.`
      : phrase`Nothing was tried: ${blocks}${isBanned ? phrase` for your address` : ''}. An address that is refused often may be shut out of the whole server, so no connection was asked for.`,
    fix: isBanned ? blockFix(judgement) : phrase`${blockFix(judgement)} Then prove it again.`,
  };
}

function nothingWords({ by, visitor, subject }: Proof, came: number, all: number): Words {
  const elsewhere = phrase`Take the command for another machine instead.`;
  if (came > 0)
    return {
      sentence: phrase`${came} of ${all} ports were reached at ${subject.address}, and it ended before the others are known to have been tried: of them nothing is shown.`,
      fix: by === 'browser' ? elsewhere : phrase`Begin again, and wait until the command has ended.`,
    };
  if (by === 'command')
    return {
      sentence: phrase`No connection came in the time given. If the command was run in that time and said of every port that it did not get through, the whole range is blocked before this server, or the network of that machine lets nothing out; otherwise nothing is shown.`,
      fix: phrase`Begin again and run the command while the page waits.`,
    };
  if (isInside({ visitor }))
    return {
      sentence: phrase`No connection came. Your browser is in a private network (${visitor ?? ''}), and such a network need not have a way to ${subject.address} that leads out and back in. Nothing is shown by that.`,
      fix: phrase`Take the command for another machine, one on the internet.`,
    };
  return {
    sentence: phrase`No connection came, and the browser has not said that it tried: it may refuse to, or the network you sit in lets nothing out. Nothing is shown by that.`,
    fix: elsewhere,
  };
}

/** Who blocks which ports. */
function blocksOf(ports: readonly PortResult[]): string {
  const numbers = (...results: readonly PortResult['result'][]): string =>
    ports
      .filter(({ result }) => results.includes(result))
      .map(({ port }) => port)
      .join(', ');
  const [here, beyond, untold] = [numbers('here'), numbers('outside', 'somewhere'), numbers('untold')];
  return [
    ...(here === '' ? [] : [phrase`this server’s own firewall blocks ${here}`]),
    ...(beyond === '' ? [] : [phrase`something before this server blocks ${beyond}`]),
    ...(untold === '' ? [] : [phrase`of ${untold} nothing is shown`]),
  ].join(phrase`, and `);
}

function blockFix({ ports, doubts }: Judgement): string {
  const here = ports.some(({ result }) => result === 'here');
  const beyond = ports.some(({ result }) => result === 'outside' || result === 'somewhere');
  const own = doubts.includes('banned')
    ? phrase`Others get in here: take the ban off the address that tried, or try it from another machine.`
    : OPEN_HERE;
  return [...(here ? [own] : []), ...(beyond ? [OPEN_THERE] : [])].join(' ');
}

function unprovenFix(doubts: readonly Doubt[]): string {
  return [
    ...(doubts.includes('own-rule') ? [OPEN_HERE] : []),
    ...(doubts.includes('not-told')
      ? [phrase`Set the address that clients are told, on the page “Set up”.`]
      : []),
    ...(doubts.includes('inside') ? [phrase`Try it from a machine on the internet.`] : []),
  ].join(' ');
}

/** Why a proof shows less than it seems to. */
export function doubtWords(doubt: Doubt, { subject, visitor }: Proof): string {
  const words: Readonly<Record<Doubt, string>> = {
    'own-rule': phrase`This server’s firewall lets in the address from which it was tried, where it blocks others. So others are blocked, whatever arrived from there.`,
    banned: phrase`This server’s firewall blocks the address from which it would be tried${visitor === null ? '' : ` (${visitor})`}, where it lets others in; such an address may be banned. So this says nothing about others: try it from another machine.`,
    'other-address': phrase`Connections came from another address than ${visitor ?? ''}, as which WHM knows your browser; a network with several ways out does that, or another machine was used. Where any came from ${visitor ?? ''} itself, only those were counted.`,
    inside: phrase`Connections came from a private network, so they need not have taken the way that clients on the internet take: try it from a machine outside.`,
    self: phrase`Connections of this server itself came too; they take another way and were not counted.`,
    'not-told': phrase`Clients are told ${subject.told ?? ''}, which nobody on the internet can reach; ${subject.address} was tried instead. Until that is set right, transfers fail whatever this shows.`,
    'unknown-address': phrase`${subject.address} is not among the addresses that this server knows as its own${subject.known.length > 0 ? ` (${subject.known.join(', ')})` : ''}.`,
  };
  return words[doubt];
}
