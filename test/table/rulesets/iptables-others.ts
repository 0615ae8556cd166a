import { BANNED, type Entry } from '../entry.ts';
import { DOCKER } from './docker.ts';
import { ACCEPT, chain, DROP, redhat, table, together, USUAL } from './parts.ts';
import { each, filter, iptables, ports, saved, usual } from './saved.ts';

const DENIES = each((words) => filter('DROP', [...usual(words), ...ports()]));
const part = (rule: string): ReturnType<typeof each> =>
  each((words) =>
    filter('DROP', [...usual(words), rule, 'INPUT -p tcp -m tcp --dport 49152:65534 -j ACCEPT', ...ports()]),
  );

const FAIL2BAN = `
for tool in iptables ip6tables; do
  $tool -N f2b-proftpd
  $tool -A f2b-proftpd -j RETURN
  $tool -I INPUT -p tcp -m multiport --dports 20,21,1024:65535 -j f2b-proftpd
done
iptables -I f2b-proftpd 1 -s 198.51.100.66 -j REJECT --reject-with icmp-port-unreachable
ip6tables -I f2b-proftpd 1 -s 2001:db8:2::66 -j REJECT --reject-with icmp6-port-unreachable`;

/** Rulesets of iptables in which the range is open, or closed in so many words, and those that others share. */
export const IPTABLES_OTHERS: readonly Entry[] = [
  {
    name: 'the range among many ports of one rule of iptables',
    ...iptables(
      'redhat',
      each((words) =>
        filter('DROP', [
          ...usual(words),
          'INPUT -p tcp -m multiport --dports 20,21,22,2087,49152:65534 -m conntrack --ctstate NEW -j ACCEPT',
        ]),
      ),
    ),
    expected: 'nothing',
  },
  {
    name: 'iptables that let everything in that is no listed port',
    ...iptables(
      'debian',
      each(() => filter('ACCEPT', ['INPUT -p tcp -m multiport --dports 3306,3389,11211 -j DROP'])),
    ),
    expected: 'nothing',
  },
  {
    name: "an administrator's rule of iptables against a part of the range",
    ...iptables('redhat', part('INPUT -p tcp -m tcp --dport 50000:50100 -j DROP')),
    expected: { refuses: /50000:50100/ },
  },
  {
    name: "an administrator's rule of iptables against a few ports of the range, one of many",
    ...iptables(
      'debian',
      part(
        'INPUT -p tcp -m multiport --dports 3306,50000,60000:60010 -m comment --comment "not these" -j REJECT',
      ),
    ),
    expected: { refuses: /3306,50000,60000:60010/ },
  },
  {
    name: 'a part of the range dropped in the raw table of iptables',
    ...iptables(
      'redhat',
      each(
        (words) =>
          saved(
            'raw',
            ['PREROUTING ACCEPT', 'OUTPUT ACCEPT'],
            ['PREROUTING -p tcp -m tcp --dport 50000:50100 -j DROP'],
          ) + filter('DROP', [...usual(words), ...ports()]),
      ),
    ),
    expected: { refuses: /50000:50100/ },
  },
  {
    name: 'rules of iptables that were never saved',
    firewall: 'iptables',
    files: {},
    units: [],
    once: `iptables-restore <<'RULES'\n${DENIES[0]}RULES\nip6tables-restore <<'RULES'\n${DENIES[1] ?? ''}RULES`,
    expected: 'opens',
  },
  {
    name: 'bans that fail2ban put into iptables for a while, and that no file knows',
    ...iptables('redhat', DENIES),
    once: FAIL2BAN,
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'containers beside rules of nftables that deny',
    ...redhat(table('inet filter', chain('input', DROP, ...USUAL, 'tcp dport { 21, 22, 2087 } accept'))),
    once: DOCKER,
    expected: 'opens',
  },
  {
    name: 'containers in the tables of iptables that deny',
    ...iptables('debian', DENIES),
    once: DOCKER,
    expected: 'opens',
  },
  {
    name: 'a set of ports that nft put into a table of iptables',
    ...iptables(
      'redhat',
      each((words) =>
        filter('ACCEPT', [...usual(words), ...ports(), `INPUT -j REJECT --reject-with ${words.prohibited}`]),
      ),
    ),
    once: 'nft insert rule ip filter INPUT tcp dport { 3000, 4000-4010 } accept',
    expected: 'opens',
  },
  {
    name: 'rules of iptables and rules of nftables that both deny',
    ...together(
      iptables('redhat', DENIES),
      redhat(table('inet guard', chain('input', ACCEPT, ...USUAL, 'tcp dport 1-10000 accept', 'reject'))),
    ),
    expected: 'opens',
  },
];
