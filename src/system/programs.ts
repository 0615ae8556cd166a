import type { Tools } from '../firewall/placing.ts';
import { isExecutable } from './exec.ts';

/** Where the distributions keep the programs that are used, first match wins. */
export const IP = ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip', '/bin/ip'] as const;
export const NFT = ['/usr/sbin/nft', '/sbin/nft', '/usr/bin/nft'] as const;
export const UNSHARE = ['/usr/bin/unshare', '/bin/unshare'] as const;
export const NSENTER = ['/usr/bin/nsenter', '/bin/nsenter'] as const;

/** cPanel's own Perl first: it is on every cPanel server, whatever the distribution has. */
export const PERL = ['/usr/local/cpanel/3rdparty/bin/perl', '/usr/bin/perl'] as const;

/** The absolute path of a program; when it is nowhere, the first place, so that the refusal can name it. */
export function findProgram(places: readonly [string, ...string[]]): string {
  return places.find(isExecutable) ?? places[0];
}

/** The programs that change rules. A name that says the flavour wins over one that stands for either. */
export const tools: Tools = {
  nft: findProgram(NFT),
  ipset: findProgram(['/usr/sbin/ipset', '/sbin/ipset']),
  iptables(family, tool, verb) {
    const name = family === 'ip6' ? 'ip6tables' : 'iptables';
    const flavour = tool === 'iptables' ? 'nft' : 'legacy';
    return findProgram([
      `/usr/sbin/${name}-${flavour}${verb}`,
      `/usr/sbin/${name}${verb}`,
      `/sbin/${name}${verb}`,
    ]);
  },
};
