import type { FirewallFacts } from '../firewall.ts';

export const CONF = '/etc/csf/csf.conf';
/** There while `csf -x` holds. */
export const DISABLED = '/etc/csf/csf.disable';
/** There since the last start failed; CSF does nothing until it is gone. */
export const FAILED = '/etc/csf/csf.error';

/** A file's text; undefined when there is no such file, or it could not be read. */
export function textOf(facts: FirewallFacts, path: string): string | undefined {
  return facts.files.get(path)?.text;
}
