import { type Files, tree } from '../../files.ts';
import { BANNED, BANNED_IPV6 } from '../ports.ts';

export interface CsfOptions {
  /** Settings that are not as in the stock conf, by their names. */
  readonly conf?: Readonly<Record<string, string>>;
  /** Lines of csf.deny: addresses, networks, or `tcp|in|d=PORTS|s=ADDRESS`. Default: the lab's banned addresses. */
  readonly deny?: readonly string[];
}

const CONF = '/etc/csf/csf.conf';

/**
 * The stand-in CSF with its settings and units. Its rules come up with `csf -r`, or at boot once csf.service is enabled.
 * A setting `IPTABLES` of `/usr/sbin/iptables-legacy`, with those of `_SAVE` and `_RESTORE`, takes the older iptables.
 * @throws Error for a setting that the stock conf does not have
 */
export function csfFiles({ conf = {}, deny = [BANNED, BANNED_IPV6] }: CsfOptions = {}): Files {
  const stock = tree(`${import.meta.dirname}/tree`);
  const text = Object.entries(conf).reduce(withSetting, stock[CONF]?.text ?? '');
  return {
    ...stock,
    [CONF]: { text, mode: 0o600 },
    '/etc/csf/csf.allow': { text: '# Who is always let in\n', mode: 0o600 },
    '/etc/csf/csf.deny': {
      text: `# Who is never let in\n${deny.map((line) => `${line}\n`).join('')}`,
      mode: 0o600,
    },
  };
}

function withSetting(text: string, [key, value]: readonly [string, string]): string {
  const line = new RegExp(`^${key} = ".*"$`, 'm');
  if (!line.test(text)) throw new Error(`The stock csf.conf has no ${key}.`);
  return text.replace(line, () => `${key} = "${value}"`);
}
