import type { Entry } from '../test/table/entry.ts';

/**
 * What the published manual says to type for a firewall, line by line, as a person pastes it: a line that fails does
 * not keep the next one from being run. Where it names a file or a program of Red Hat that this server has not, the
 * server's own is taken. Null: it says nothing about this firewall.
 */
export function documented({ firewall, files }: Entry): readonly string[] | null {
  const debian = '/etc/nftables.conf' in files || '/etc/iptables/rules.v4' in files;
  switch (firewall) {
    case 'none':
      return [];
    case 'csf':
      return [TCP_IN, 'csf -r'];
    case 'nftables':
      return [
        'nft add rule filter INPUT tcp dport 49152-65534 accept',
        `nft -s list ruleset | tee ${debian ? '/etc/nftables.conf' : '/etc/sysconfig/nftables.conf'} >/dev/null`,
      ];
    case 'firewalld':
      return [
        'firewall-cmd --permanent --zone=public --add-service=ftp',
        'firewall-cmd --permanent --add-port=49152-65534/tcp',
        'firewall-cmd --reload',
      ];
    case 'iptables':
      return [
        'iptables -I INPUT -p tcp --dport 49152:65534 -j ACCEPT',
        debian ? 'netfilter-persistent save' : 'service iptables save',
      ];
    case 'ufw':
      return null;
  }
}

/** What a person does who confirms that the range is at the end of the line, and finds that it is not. */
const TCP_IN = `grep -Eq '^TCP_IN = .*49152[:-]65534"' /etc/csf/csf.conf ||
  sed -i -E 's/^(TCP_IN = ".*)"/\\1,49152:65534"/' /etc/csf/csf.conf`;
