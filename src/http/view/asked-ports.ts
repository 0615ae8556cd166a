import type { Finding } from '../../core/finding.ts';
import { DEFAULT_RANGE, formatRange } from '../../core/range.ts';
import type { Family } from '../../core/reach.ts';
import type { Status } from '../../core/status.ts';

/** Which ports to ask the firewall about to see what a finding is about, like `49152-65534`; empty for other findings. */
export function portsOf({ id, title }: Finding, { firewall }: Pick<Status, 'firewall'>): string {
  const [, family] = /^range-blocked-(ipv[46])$/.exec(id) ?? [];
  const blocked = family === undefined ? undefined : firewall.reach[family as Family]?.blocked[0];
  if (blocked) return formatRange(blocked.range);
  // The one number in the sentence is the port that it is about.
  return id === 'control-port-blocked' ? (/\b\d+\b/.exec(title)?.[0] ?? '') : '';
}

/** The ports that the place of the firewall on the way is about: the first that it blocks, or one of the range. */
export function portsOfFirewall({ firewall, ftp }: Status): string {
  const { ipv4, ipv6 } = firewall.reach;
  const blocked = ipv4?.blocked[0] ?? ipv6?.blocked[0];
  if (blocked) return formatRange(blocked.range);
  // What is open has a way to be shown only where one port is asked for.
  return String((ftp.range.configured ?? DEFAULT_RANGE)[0]);
}
