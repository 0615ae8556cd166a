import { BANNED, OFFICE, type Entry } from '../entry.ts';
import { beside } from './parts.ts';
import { each, filter, iptables, ports, saved, usual } from './saved.ts';

/** Rulesets of iptables that decide by what is not a port, or by everything but. */
export const IPTABLES_MATCHES: readonly Entry[] = [
  {
    name: 'a drop of all ports but a few in one rule of iptables',
    ...iptables(
      'redhat',
      each((words) =>
        filter('ACCEPT', [...usual(words), 'INPUT -p tcp -m multiport ! --dports 20,21,22,80,2087 -j DROP']),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'all ports for the office, and some for those who have knocked',
    ...iptables(
      'debian',
      each((words) =>
        filter('DROP', [
          ...usual(words),
          `INPUT -s ${words.office} -j ACCEPT`,
          'INPUT -p tcp -m tcp --dport 7000 -m recent --set --name KNOCK -j DROP',
          'INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 1 --name KNOCK -j ACCEPT',
          'INPUT -p tcp -m multiport --dports 21,80,2087 -j ACCEPT',
          'INPUT -i eth+ -j DROP',
        ]),
      ),
    ),
    known: OFFICE,
    expected: 'opens',
  },
  {
    name: 'everybody outside a set is stopped',
    ...beside(
      iptables('redhat', [
        filter('DROP', [
          ...usual({ icmp: 'icmp', prohibited: '', banned: '', office: '' }),
          'INPUT -p tcp -m tcp --dport 80 -j ACCEPT',
          'INPUT -m set ! --match-set country src -j DROP',
          ...ports(),
        ]),
        null,
      ]),
      {
        '/etc/sysconfig/ipset': {
          text: 'create country hash:net family inet\nadd country 198.51.100.24/29\n',
        },
      },
    ),
    prepare:
      'sed -i "s,^ExecStart=.*,ExecStart=/bin/sh -c \'ipset restore -exist </etc/sysconfig/ipset; /usr/libexec/iptables/iptables.init start\'," /usr/lib/systemd/system/iptables.service',
    known: OFFICE.slice(0, 1),
    expected: { refuses: /country/ },
  },
  {
    name: 'bans in the raw table, and a mark in the mangle table that the filter asks for',
    ...iptables(
      'redhat',
      each(
        (words) =>
          saved('raw', ['PREROUTING ACCEPT', 'OUTPUT ACCEPT'], [`PREROUTING -s ${words.banned} -j DROP`]) +
          saved(
            'mangle',
            ['PREROUTING ACCEPT', 'INPUT ACCEPT', 'FORWARD ACCEPT', 'OUTPUT ACCEPT', 'POSTROUTING ACCEPT'],
            ['PREROUTING -p tcp -m multiport --dports 21,22,2087 -j MARK --set-xmark 0x5/0xffffffff'],
          ) +
          filter('DROP', [...usual(words), 'INPUT -m mark --mark 0x5 -j ACCEPT']),
      ),
    ),
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'all new connections but a few dropped in the mangle table of the older iptables',
    ...iptables(
      'debian',
      each(
        (words) =>
          saved(
            'mangle',
            ['PREROUTING ACCEPT', 'INPUT ACCEPT', 'FORWARD ACCEPT', 'OUTPUT ACCEPT', 'POSTROUTING ACCEPT'],
            [
              'PREROUTING -i lo -j ACCEPT',
              ...ports('PREROUTING'),
              'PREROUTING -p tcp -m conntrack --ctstate NEW -j DROP',
            ],
          ) + filter('ACCEPT', usual(words)),
      ),
    ),
    legacy: true,
    expected: 'opens',
  },
];
