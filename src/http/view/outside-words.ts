import { formatRange } from '../../core/range.ts';
import type { Doubt, Judgement } from '../../outside/judgement.ts';
import type { Proof } from '../../outside/proof.ts';

/** What a proof came to, in words, and what helps; `fix` is empty where nothing is to do. */
export function verdictWords(
  { subject, by }: Proof,
  { verdict, ports, witnesses }: Judgement,
): { readonly sentence: string; readonly fix: string } {
  const { address, witness } = subject;
  const range = formatRange(subject.range);
  const came = ports.filter(({ result }) => result === 'arrived').length;
  const numbers = (results: readonly string[]): string =>
    ports
      .filter(({ result }) => results.includes(result))
      .map(({ port }) => port)
      .join(', ');
  const openThere = 'Open the range in the provider’s firewall or router; the commands stand below.';
  switch (verdict) {
    case 'waiting':
      return {
        sentence: `This server listens on ${ports.length + witnesses.length} ports of ${range} and waits.`,
        fix: '',
      };
    case 'open':
      return {
        sentence: `Connections to ${address} arrived on every port that was tried: nothing between the client and this server blocks the range ${range} there.`,
        fix: '',
      };
    case 'part': {
      const [here, beyond] = [numbers(['here']), numbers(['outside', 'somewhere'])];
      const parts = [
        ...(beyond === '' ? [] : [`something before this server blocks ${beyond}`]),
        ...(here === '' ? [] : [`this server’s own firewall blocks ${here}`]),
      ];
      return {
        sentence: `${came} of ${ports.length} ports were reached at ${address}; ${parts.join(', and ')}. Transfers that are given such a port fail.`,
        fix: beyond === '' ? 'Open the range here: the page “Set up” does it.' : openThere,
      };
    }
    case 'wrong-address':
      return {
        sentence: `Clients are sent to ${address}, and nothing that was sent there arrived, while connections to ${witness ?? ''} did. So the range is open, and the address is wrong: it is not, or no longer, this server’s.`,
        fix: 'Set the address that clients are told, on the page “Set up”.',
      };
    case 'here':
      return {
        sentence: `Nothing that was sent to ${address} arrived, and this server’s own firewall blocks the ports that were tried.`,
        fix: 'Open the range here first: the page “Set up” does it. Then prove it again.',
      };
    case 'outside':
      return {
        sentence: `Nothing that was sent to ${address} arrived, though this server’s own firewall lets it in. So the whole range ${range} is blocked before this server.`,
        fix: openThere,
      };
    case 'somewhere':
      return {
        sentence: `Nothing that was sent to ${address} arrived. What this server’s own firewall does could not be told.`,
        fix: openThere,
      };
    case 'nothing':
      return {
        sentence:
          by === 'browser'
            ? 'No connection came, and the browser has not said that it tried: it may refuse to. Nothing is shown by that.'
            : 'No connection came in the time given. If the command was run in that time and said of every port that it did not get through, the whole range is blocked before this server; otherwise nothing is shown.',
        fix:
          by === 'browser'
            ? 'Take the command for another machine instead.'
            : 'Begin again and run the command while the page waits.',
      };
  }
}

/** Why a proof shows less than it seems to. */
export function doubtWords(doubt: Doubt, { subject, visitor }: Proof): string {
  const words: Readonly<Record<Doubt, string>> = {
    'own-rule':
      'This server’s firewall lets in the address from which it was tried, where it blocks others. So this says nothing about others: try it from another machine.',
    'other-address': `Connections came from another address than ${visitor ?? ''}, as which WHM knows your browser; a network with several ways out does that, or another machine was used.`,
    inside:
      'Connections came from a private network, so they need not have taken the way that clients on the internet take: try it from a machine outside.',
    self: 'Connections of this server itself came too; they take another way and were not counted.',
    'not-told': `Clients are told ${subject.told ?? ''}, which nobody on the internet can reach; ${subject.address} was tried instead. Until that is set right, transfers fail whatever this shows.`,
    'unknown-address': `${subject.address} is not among the addresses that this server knows as its own${subject.known.length > 0 ? ` (${subject.known.join(', ')})` : ''}.`,
  };
  return words[doubt];
}
