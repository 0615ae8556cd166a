import type { Entry } from '../entry.ts';
import { each, filter, iptables, ports, usual } from './saved.ts';

/** Rules of iptables as files have them that no program wrote, and habits of administrators. */
export const IPTABLES_WRITTEN: readonly Entry[] = [
  {
    name: 'saved rules with their counters, and comments between them',
    ...iptables(
      'redhat',
      each((words) => {
        const text = filter('DROP', [...usual(words), ...ports()]);
        const counted = text.replace(/^-A/gm, '[12:3456] -A');
        return `# sample configuration\n# edited by hand\n${counted.replace('[12:3456] -A INPUT -p tcp', '\n# the ports\n[12:3456] -A INPUT -p tcp')}`;
      }),
    ),
    expected: 'opens',
  },
  {
    name: 'IPv6 that is closed altogether, neighbours too',
    ...iptables('redhat', [
      each((words) => filter('DROP', [...usual(words), ...ports()]))[0],
      filter('DROP', ['INPUT -i lo -j ACCEPT']),
    ]),
    expected: 'opens',
  },
  {
    name: 'rules for the public interface and the address, with a drop for that interface at their end',
    ...iptables(
      'debian',
      each((words) => {
        const own = words.icmp === 'icmp' ? '203.0.113.10/32' : '2001:db8:1::10/128';
        return filter('ACCEPT', [
          ...usual(words),
          `INPUT -d ${own} -i eth0 -p tcp -m tcp --dport 20:22 -j ACCEPT`,
          `INPUT -d ${own} -i eth0 -p tcp -m multiport --dports 80,443,2087 -j ACCEPT`,
          'INPUT -i eth0 -j DROP',
        ]);
      }),
    ),
    expected: 'opens',
  },
  {
    name: 'a chain that INPUT goes to for each protocol',
    ...iptables(
      'redhat',
      each((words) =>
        filter(
          'DROP',
          [
            ...usual(words),
            'INPUT -p tcp -g tcp_packets',
            'tcp_packets -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j allowed',
            'allowed -p tcp -m multiport --dports 20,21,22,80,2087 -j ACCEPT',
            'allowed -p tcp -j REJECT --reject-with tcp-reset',
          ],
          ['tcp_packets', 'allowed'],
        ),
      ),
    ),
    expected: 'opens',
  },
  {
    name: 'a drop of all new connections that carry SYN',
    ...iptables(
      'debian',
      each((words) => filter('ACCEPT', [...usual(words), ...ports(), 'INPUT -p tcp --syn -j DROP'])),
    ),
    expected: 'opens',
  },
];
