import { BANNED, type Entry } from '../entry.ts';
import { ACCEPT, chain, DROP, redhat, table, together, USUAL } from './parts.ts';
import { each, filter, iptables, ports, usual } from './saved.ts';

const DENIES = each((words) =>
  filter('DROP', [...usual(words), `INPUT -s ${words.banned} -j DROP`, ...ports()]),
);
const NFT_DENIES = redhat(
  table('inet filter', chain('input', DROP, ...USUAL, 'tcp dport { 20-22, 80, 443, 2087 } accept')),
);
const NFT_PERMITS = redhat(table('inet filter', chain('input', ACCEPT, 'ct state invalid drop')));

/** Rules of the older iptables, which nft cannot see. */
export const LEGACY: readonly Entry[] = [
  {
    name: 'the older iptables for IPv4 alone',
    ...iptables('redhat', [DENIES[0], null]),
    legacy: true,
    known: BANNED.slice(0, 1),
    expected: 'opens',
  },
  {
    name: 'the older iptables for both families, with a final reject',
    ...iptables(
      'debian',
      each((words) =>
        filter('ACCEPT', [
          ...usual(words),
          'INPUT -p tcp -m multiport --dports 20,21,22,80,2087 -m state --state NEW -j ACCEPT',
          `INPUT -j REJECT --reject-with ${words.prohibited}`,
        ]),
      ),
    ),
    legacy: true,
    expected: 'opens',
  },
  {
    name: 'the older iptables beside nftables, both of which deny',
    ...together(iptables('redhat', DENIES), NFT_DENIES),
    legacy: true,
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'the older iptables beside nftables that let everything in',
    ...together(iptables('redhat', DENIES), NFT_PERMITS),
    legacy: true,
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'nftables that deny beside an older iptables that lets everything in',
    ...together(
      NFT_DENIES,
      iptables(
        'redhat',
        each((words) => filter('ACCEPT', usual(words))),
      ),
    ),
    legacy: true,
    expected: 'opens',
  },
  {
    name: 'an older iptables that has the range, wider than it is',
    ...iptables(
      'redhat',
      each((words) =>
        filter('DROP', [...usual(words), ...ports(), 'INPUT -p tcp -m tcp --dport 30000:65535 -j ACCEPT']),
      ),
    ),
    legacy: true,
    expected: 'nothing',
  },
  {
    name: "an administrator's rule of the older iptables against a part of the range",
    ...iptables(
      'redhat',
      each((words) =>
        filter('ACCEPT', [
          ...usual(words),
          'INPUT -p tcp -m tcp --dport 60000:60100 -j REJECT --reject-with tcp-reset',
        ]),
      ),
    ),
    legacy: true,
    expected: { refuses: /60000:60100/ },
  },
];
