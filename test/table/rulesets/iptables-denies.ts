import { BANNED, OFFICE, type Entry } from '../entry.ts';
import { beside } from './parts.ts';
import { each, filter, iptables, ports, saved, usual } from './saved.ts';

const MULTIPORT =
  'INPUT -p tcp -m conntrack --ctstate NEW -m multiport --dports 20,21,22,80,443,2082:2087 -m comment --comment "the panel; and the web" -j ACCEPT';

/** Rulesets of iptables that deny the range because they deny whatever they do not name. */
export const IPTABLES_DENIES: readonly Entry[] = [
  {
    name: "Red Hat's own rules, with their final reject",
    ...iptables(
      'redhat',
      each((words) =>
        filter('ACCEPT', [
          'INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT',
          `INPUT -p ${words.icmp} -j ACCEPT`,
          'INPUT -i lo -j ACCEPT',
          'INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT',
          `INPUT -j REJECT --reject-with ${words.prohibited}`,
          `FORWARD -j REJECT --reject-with ${words.prohibited}`,
        ]),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'policy drop and a ban, saved in the way of Debian',
    ...iptables(
      'debian',
      each((words) => filter('DROP', [...usual(words), `INPUT -s ${words.banned} -j DROP`, ...ports()])),
    ),
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'iptables for IPv4 alone',
    ...iptables('redhat', [each((words) => filter('DROP', [...usual(words), ...ports()]))[0], null]),
    expected: 'opens',
  },
  {
    name: "WHM's chain of iptables, jumped to at the top of INPUT, and a ban",
    ...iptables(
      'redhat',
      each((words) =>
        filter(
          'ACCEPT',
          [
            `INPUT -s ${words.banned} -j DROP`,
            'INPUT -j cP-Firewall-1-INPUT',
            ...usual(words),
            `INPUT -j REJECT --reject-with ${words.prohibited}`,
            'FORWARD -j cP-Firewall-1-INPUT',
            ...ports('cP-Firewall-1-INPUT', '-p tcp -m state --state NEW -m tcp --dport'),
          ],
          ['cP-Firewall-1-INPUT'],
        ),
      ),
    ),
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'a chain of old that INPUT and FORWARD share, with the reject at its end',
    ...iptables(
      'redhat',
      each((words) =>
        filter(
          'ACCEPT',
          [
            'INPUT -j RH-Firewall-1-INPUT',
            'FORWARD -j RH-Firewall-1-INPUT',
            'RH-Firewall-1-INPUT -i lo -j ACCEPT',
            `RH-Firewall-1-INPUT -p ${words.icmp} -j ACCEPT`,
            'RH-Firewall-1-INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
            ...ports('RH-Firewall-1-INPUT'),
            `RH-Firewall-1-INPUT -j REJECT --reject-with ${words.prohibited}`,
          ],
          ['RH-Firewall-1-INPUT'],
        ),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'many ports in one rule, with states and a comment',
    ...iptables(
      'debian',
      each((words) => filter('DROP', [...usual(words), MULTIPORT])),
    ),
    expected: 'opens',
  },
  {
    name: 'limits to log-ins and lines in the log before all the rest is dropped',
    ...iptables(
      'redhat',
      each((words) =>
        filter(
          'ACCEPT',
          [
            ...usual(words),
            'INPUT -m conntrack --ctstate INVALID -j DROP',
            'INPUT -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j DROP',
            'INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 60 --hitcount 200 --name SSH -j DROP',
            'INPUT -p tcp -m tcp --dport 22 -m recent --set --name SSH',
            'INPUT -p tcp -m tcp --dport 80 -m hashlimit --hashlimit-above 500/sec --hashlimit-burst 1000 --hashlimit-mode srcip --hashlimit-name http -j DROP',
            'INPUT -p tcp -m tcp --dport 443 -m connlimit --connlimit-above 200 -j REJECT --reject-with tcp-reset',
            ...ports(),
            'INPUT -j LOGDROP',
            'LOGDROP -m limit --limit 5/min -j LOG --log-prefix "dropped: " --log-level 7',
            'LOGDROP -j DROP',
          ],
          ['LOGDROP'],
        ),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'bans and open ports in sets of ipset',
    ...beside(
      iptables(
        'redhat',
        each((words) => {
          const six = words.icmp === 'icmp' ? '' : '6';
          return filter('DROP', [
            ...usual(words),
            `INPUT -m set --match-set blacklist${six} src -j DROP`,
            'INPUT -p tcp -m set --match-set open_ports dst -j ACCEPT',
          ]);
        }),
      ),
      {
        '/etc/sysconfig/ipset': {
          text: `create blacklist hash:net family inet
add blacklist 198.51.100.64/29
create blacklist6 hash:ip family inet6
add blacklist6 2001:db8:2::66
create open_ports bitmap:port range 0-65535
add open_ports 21-22
add open_ports 80
add open_ports 2080-2090
`,
        },
        '/usr/lib/systemd/system/ipset.service': {
          text: `[Unit]
Description=IP sets
Before=iptables.service ip6tables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/ipset restore -exist -file /etc/sysconfig/ipset

[Install]
WantedBy=sysinit.target
`,
        },
      },
    ),
    units: ['ipset', 'iptables', 'ip6tables'],
    known: BANNED,
    expected: 'opens',
  },
  {
    name: 'the range for the office and the private interface alone',
    ...iptables(
      'debian',
      each((words) =>
        filter('DROP', [
          ...usual(words),
          ...ports(),
          `INPUT -s ${words.office} -p tcp -m tcp --dport 49152:65534 -j ACCEPT`,
          'INPUT -i eth1 -p tcp -m tcp --dport 49152:65534 -j ACCEPT',
        ]),
      ),
    ),
    known: OFFICE,
    expected: 'opens',
  },
  {
    name: 'all new connections but a few dropped in the mangle table',
    ...iptables(
      'redhat',
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
    expected: 'opens',
  },
  {
    name: 'a range that is not tracked, and rules that ask for states',
    ...iptables(
      'redhat',
      each(
        (words) =>
          saved(
            'raw',
            ['PREROUTING ACCEPT', 'OUTPUT ACCEPT'],
            [
              'PREROUTING -p tcp -m tcp --dport 49152:65534 -j CT --notrack',
              'OUTPUT -p tcp -m tcp --sport 49152:65534 -j CT --notrack',
            ],
          ) + filter('DROP', [...usual(words), ...ports()]),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'chains that are named like those of ufw, on a server where ufw is off',
    ...iptables(
      'debian',
      each((words) => {
        const ufw = words.icmp === 'icmp' ? 'ufw' : 'ufw6';
        return filter(
          'DROP',
          [
            `INPUT -j ${ufw}-before-input`,
            `INPUT -j ${ufw}-user-input`,
            `INPUT -j ${ufw}-after-input`,
            `${ufw}-before-input -i lo -j ACCEPT`,
            `${ufw}-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
            `${ufw}-before-input -p ${words.icmp} -j ACCEPT`,
            `${ufw}-user-input -p tcp -m multiport --dports 20,21,22,80,443,2087 -j ACCEPT`,
            `${ufw}-after-input -p udp -m udp --dport 137 -j DROP`,
          ],
          [`${ufw}-before-input`, `${ufw}-user-input`, `${ufw}-after-input`],
        );
      }),
    ),
    expected: 'opens',
  },
];
