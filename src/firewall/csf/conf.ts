import { phrase } from '../../core/phrase.ts';
import { Problem } from '../../core/problem.ts';
import { coversRange, formatRange, type PortRange } from '../../core/range.ts';

/** The settings of a csf.conf by their names, as CSF itself reads them. */
export type Conf = ReadonlyMap<string, string>;

/** The lists of ports that CSF lets in over TCP: one a family. */
export type PortList = 'TCP_IN' | 'TCP6_IN';

const LISTS = ['TCP_IN', 'TCP_OUT', 'UDP_IN', 'UDP_OUT'];
const LISTS_IPV6 = ['TCP6_IN', 'TCP6_OUT', 'UDP6_IN', 'UDP6_OUT'];
const HIGHEST = 65535;
/** iptables takes a number that begins with 0 for an octal one. */
const ITEM = /^(0|[1-9]\d*)?(?:(:)(0|[1-9]\d*)?)?$/;

/**
 * Reads a csf.conf: `KEY = "value"` a line, the value from the first to the last quotation mark.
 * @throws Problem `invalid` for what CSF refuses to load
 */
export function readConf(text: string): Conf {
  const settings = new Map<string, string>();
  for (const [index, line] of text.split('\n').entries()) {
    const key = keyOf(line);
    if (key === null) continue;
    const value = /"(.*)"/s.exec(line.slice(line.indexOf('=')))?.[1];
    const place = phrase`Line ${index + 1} of csf.conf`;
    if (value === undefined) {
      throw new Problem(
        'invalid',
        phrase`${place} sets ${key} without quotation marks, which CSF refuses: write ${key} = "…".`,
      );
    }
    if (settings.has(key)) {
      throw new Problem(
        'invalid',
        phrase`${place} sets ${key} again, which CSF refuses: remove one of the lines.`,
      );
    }
    settings.set(key, value);
  }
  return settings;
}

/** Only `1` switches a setting on. */
export function isOn(conf: Conf, key: string): boolean {
  return conf.get(key) === '1';
}

/** What a line sets; null for a comment, a blank line and one without `=`. Perl's blanks, not Unicode's. */
function keyOf(line: string): string | null {
  const plain = line.replace(/^[ \t\r\f\v]+/, '');
  const end = plain.indexOf('=');
  if (end === -1 || plain.startsWith('#')) return null;
  return plain.slice(0, end).replace(/[ \t\r\f\v]+$/, '');
}

/**
 * The ports of a list: `A` or `A:B`, with commas between; blanks and empty items count for nothing. As for iptables,
 * `:B` begins at 0 and `A:` ends at 65535.
 * @param key the list's name, for the words of the problem
 * @throws Problem `invalid` for an item on which CSF gives up and lets everything in
 */
export function portsOf(key: string, list: string): PortRange[] {
  const ports: PortRange[] = [];
  for (const item of list.split(',').map(trimmed)) {
    if (item === '') continue;
    const [whole, low = '0', colon, high = String(HIGHEST)] = ITEM.exec(item) ?? [];
    const from = Number(low);
    const to = colon === undefined ? from : Number(high);
    if (whole === undefined || from > to || to > HIGHEST) {
      throw new Problem(
        'invalid',
        phrase`${key} in csf.conf holds "${item}", on which CSF gives up and lets everything in: write PORT or LOW:HIGH, low first, up to ${HIGHEST}.`,
      );
    }
    ports.push([from, to]);
  }
  return ports;
}

/** Checks all lists of ports that CSF makes rules of. @throws Problem `invalid` */
export function checkLists(conf: Conf): void {
  for (const key of [...LISTS, ...(isOn(conf, 'IPV6') ? LISTS_IPV6 : [])]) portsOf(key, conf.get(key) ?? '');
}

/** Whether a list lets every port of the range in, which one with an item that CSF cannot load does not. */
export function allows(conf: Conf, key: PortList, range: PortRange): boolean {
  try {
    return coversRange(portsOf(key, conf.get(key) ?? ''), range);
  } catch {
    return false;
  }
}

/** An item of a list as this program writes it. */
export function tokenOf(range: PortRange): string {
  return formatRange(range, 'colon');
}

/** Whether the item stands in the list by itself, written just so. */
export function holds(conf: Conf, key: PortList, token: string): boolean {
  return (conf.get(key) ?? '').split(',').map(trimmed).includes(token);
}

/**
 * The conf with the range at the end of a list, and every other byte kept. A list that covers it stays as it is.
 * @throws Problem `invalid` where the line cannot be edited, or CSF would not load the conf
 */
export function addRange(text: string, key: PortList, range: PortRange): string {
  return editList(text, key, (list) => {
    if (coversRange(portsOf(key, list), range)) return list;
    return trimmed(list) === '' ? `${list}${tokenOf(range)}` : `${list},${tokenOf(range)}`;
  });
}

/** The conf without the last item of a list that is written just so. @throws Problem `invalid`, as for `addRange` */
export function removeToken(text: string, key: PortList, token: string): string {
  return editList(text, key, (list) => {
    const items = list.split(',');
    const at = items.map(trimmed).lastIndexOf(token);
    if (at === -1) return list;
    return items.length === 1 ? list.replace(token, '') : items.filter((_, index) => index !== at).join(',');
  });
}

function editList(text: string, key: PortList, edit: (list: string) => string): string {
  const conf = readConf(text);
  const lines = text.split('\n');
  const at = lines.findIndex((line) => keyOf(line) === key);
  if (at === -1) {
    throw new Problem(
      'invalid',
      phrase`csf.conf has no ${key}: add the line ${key} = "" with the ports to let in.`,
    );
  }
  const line = lines[at] ?? '';
  const [, before, list, after] =
    new RegExp(`^([ \\t]*${key}[ \\t]*=[ \\t]*")([^"]*)("[ \\t]*(?:#[^"\\r]*)?\\r?)$`).exec(line) ?? [];
  if (before === undefined || list === undefined || after === undefined) {
    throw new Problem(
      'invalid',
      phrase`Line ${at + 1} of csf.conf has more than ${key} = "PORTS" and a comment without quotation marks: move the rest to a line of its own.`,
    );
  }
  checkLists(conf);
  return lines.with(at, `${before}${edit(list)}${after}`).join('\n');
}

function trimmed(item: string): string {
  return item.replace(/^[ \t]+|[ \t]+$/g, '');
}
