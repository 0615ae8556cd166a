import type { FileFacts } from '../../core/file.ts';
import type { Family } from '../../core/reach.ts';

/** Files of ufw's settings, and of the rules that it makes its own ones around. */
export const UFW_FILES = {
  conf: '/etc/ufw/ufw.conf',
  defaults: '/etc/default/ufw',
  before: { ipv4: '/etc/ufw/before.rules', ipv6: '/etc/ufw/before6.rules' },
  user: { ipv4: '/etc/ufw/user.rules', ipv6: '/etc/ufw/user6.rules' },
  after: { ipv4: '/etc/ufw/after.rules', ipv6: '/etc/ufw/after6.rules' },
} as const;

/** Whether ufw is set to be on, whatever is in force. */
export function isEnabled(files: FileFacts): boolean {
  return yes(setting(files.get(UFW_FILES.conf)?.text ?? '', 'ENABLED'));
}

/** Families for which ufw makes rules. Without IPV6 it drops all of IPv6 when it starts. */
export function managedFamilies(files: FileFacts): Family[] {
  return yes(setting(files.get(UFW_FILES.defaults)?.text ?? '', 'IPV6')) ? ['ipv4', 'ipv6'] : ['ipv4'];
}

/** Whether what no rule decides is let in. */
export function acceptsByDefault(files: FileFacts): boolean {
  const policy = setting(files.get(UFW_FILES.defaults)?.text ?? '', 'DEFAULT_INPUT_POLICY');
  return policy.toUpperCase() === 'ACCEPT';
}

/** The last value counts, quotes around it do not: the files are sourced by a shell. */
function setting(text: string, name: string): string {
  const lines = [...text.matchAll(/^[ \t]*([A-Z0-9_]+)=["']?([^"'\s#]*)/gm)];
  return lines.findLast(([, key]) => key === name)?.[2] ?? '';
}

function yes(value: string): boolean {
  return value.toLowerCase() === 'yes';
}
