import type { Files } from '../files.ts';
import type { Persist } from '../firewall.ts';
import { BANNED, PORTS } from './ports.ts';

/**
 * How the rules are laid out. `inet-INPUT`: as cPanel builds it, policy accept and a final reject. `inet-input`: the
 * distributions' sample, policy drop. `ip-INPUT`: one table a family, as iptables names them.
 */
export type Layout = 'inet-INPUT' | 'inet-input' | 'ip-INPUT';

/** The rules and the unit that loads them at boot. */
export function nftablesFiles(layout: Layout, persist: Persist): Files {
  const rules = LAYOUTS[layout];
  if (persist === 'redhat') {
    return {
      '/etc/sysconfig/nftables.conf': { text: rules, mode: 0o600 },
      '/usr/lib/systemd/system/nftables.service': { text: REDHAT_UNIT },
    };
  }
  return {
    '/etc/nftables.conf': { text: `#!/usr/sbin/nft -f\n\nflush ruleset\n\n${rules}`, mode: 0o755 },
    '/usr/lib/systemd/system/nftables.service': { text: DEBIAN_UNIT },
  };
}

function lines(indent: string, texts: readonly string[]): string {
  return texts.map((text) => `${indent}${text}\n`).join('');
}

const LAYOUTS: Record<Layout, string> = {
  'inet-INPUT': `table inet filter {
	set banned {
		type ipv4_addr
		elements = { ${BANNED} }
	}

	chain cPanel-HostAccessControl {
	}

	chain cP-Firewall-1-INPUT {
${lines(
  '\t\t',
  PORTS.map((port) => `ct state new tcp dport ${port} counter accept`),
)}	}

	chain INPUT {
		type filter hook input priority filter; policy accept;
		iif "lo" accept
		ct state established,related accept
		ip saddr @banned drop
		jump cPanel-HostAccessControl
		jump cP-Firewall-1-INPUT
		meta l4proto { icmp, ipv6-icmp } accept
		reject with icmpx type admin-prohibited
	}

	chain FORWARD {
		type filter hook forward priority filter; policy accept;
	}

	chain OUTPUT {
		type filter hook output priority filter; policy accept;
	}
}
`,
  'inet-input': `table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iif "lo" accept
		ct state established,related accept
		ct state invalid drop
		ip saddr ${BANNED} drop
		meta l4proto { icmp, ipv6-icmp } accept
		tcp dport { ${PORTS.join(', ')} } accept
	}

	chain forward {
		type filter hook forward priority filter; policy drop;
	}

	chain output {
		type filter hook output priority filter; policy accept;
	}
}
`,
  'ip-INPUT': `table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy accept;
		iifname "lo" accept
		ct state established,related accept
		ip saddr ${BANNED} drop
		meta l4proto icmp accept
${lines(
  '\t\t',
  PORTS.map((port) => `tcp dport ${port} accept`),
)}		reject with icmp type host-prohibited
	}

	chain OUTPUT {
		type filter hook output priority filter; policy accept;
	}
}
table ip6 filter {
	chain INPUT {
		type filter hook input priority filter; policy drop;
		iifname "lo" accept
		ct state established,related accept
		meta l4proto ipv6-icmp accept
${lines(
  '\t\t',
  PORTS.map((port) => `tcp dport ${port} accept`),
)}	}

	chain OUTPUT {
		type filter hook output priority filter; policy accept;
	}
}
`,
};

const REDHAT_UNIT = `[Unit]
Description=Netfilter Tables
Before=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/sbin/nft -f /etc/sysconfig/nftables.conf
ExecReload=/sbin/nft 'flush ruleset; include "/etc/sysconfig/nftables.conf";'
ExecStop=/sbin/nft flush ruleset

[Install]
WantedBy=multi-user.target
`;

const DEBIAN_UNIT = `[Unit]
Description=nftables
Before=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f /etc/nftables.conf
ExecReload=/usr/sbin/nft -f /etc/nftables.conf
ExecStop=/usr/sbin/nft flush ruleset

[Install]
WantedBy=sysinit.target
`;
