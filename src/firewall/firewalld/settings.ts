import type { FileFacts } from '../../core/file.ts';
import { formatRange, type PortRange } from '../../core/range.ts';
import type { Family } from '../../core/reach.ts';
import { BOTH, EVERY_PORT, letsIn, type Verdict } from './verdicts.ts';
import { readXml, type Element } from './xml.ts';

export const CONF = '/etc/firewalld/firewalld.conf';
/** The service by which this program's ports are known among all others. */
export const SERVICE = 'ftp-passive';
export const SERVICE_FILE = `/etc/firewalld/services/${SERVICE}.xml`;

/** The administrator's files come before those of the distribution. */
const PLACES = ['/etc/firewalld', '/usr/lib/firewalld'];
export const DIRECTORIES: readonly string[] = PLACES.flatMap((place) => [
  `${place}/zones`,
  `${place}/services`,
]);

/** What a zone is made of whenever firewalld starts or loads its settings. `sure`: all of it was understood. */
export interface ZoneSettings {
  readonly verdicts: readonly Verdict[];
  readonly services: readonly string[];
  readonly sure: boolean;
}

/** Null when there is no such zone in the files, or its file cannot be read. */
export function zoneSettings(files: FileFacts, zone: string): ZoneSettings | null {
  const element = readNamed(files, 'zones', zone);
  if (element?.name !== 'zone') return null;
  const services = named(element, 'service').map(nameOf);
  const [allowed, known] = portsOfServices(files, services);
  const ports = [...allowed, ...named(element, 'port').flatMap(portsOf)];
  const rich = named(element, 'rule').map((rule) => richVerdict(files, rule));
  const verdicts = rich.flatMap(({ verdict }) => (verdict === null ? [] : [verdict]));
  const before = verdicts.filter(({ priority, does }) => priority < 0 || (priority === 0 && does === 'deny'));
  const behind = verdicts.filter((each) => !before.includes(each));
  return {
    services,
    sure: known && rich.every((each) => each.sure),
    verdicts: [
      ...before.toSorted(inOrder),
      { does: 'accept', families: BOTH, ports, early: false, text: 'ports and services' },
      ...behind.toSorted(inOrder),
      target(element),
    ],
  };
}

/** Whether the settings of the zone let the whole range in; null when they cannot tell. */
export function zoneKeeps(
  files: FileFacts,
  zone: string,
  range: PortRange,
  families: readonly Family[],
): boolean | null {
  const settings = zoneSettings(files, zone);
  if (settings === null) return null;
  return letsIn(settings.verdicts, range, families) || (settings.sure ? false : null);
}

/** The ports of this program's own service. */
export function ownPorts(files: FileFacts): PortRange[] {
  const text = files.get(SERVICE_FILE)?.text;
  const element = text === undefined ? null : readXml(text);
  return element === null ? [] : named(element, 'port').flatMap(portsOf);
}

/** The service with these ports, as firewalld would write it. */
export function serviceOf(ports: readonly PortRange[]): string {
  const lines = ports.map((range) => `  <port port="${formatRange(range)}" protocol="tcp"/>\n`);
  return `<service>\n${lines.join('')}</service>\n`;
}

function readNamed(files: FileFacts, kind: 'zones' | 'services', name: string): Element | null {
  const texts = PLACES.map((place) => files.get(`${place}/${kind}/${name}.xml`)?.text);
  const text = texts.find((each) => each !== undefined);
  return text === undefined ? null : readXml(text);
}

function named(element: Element, name: string): Element[] {
  return element.children.filter((each) => each.name === name);
}

function nameOf({ attributes }: Element): string {
  return attributes.name ?? attributes.service ?? '';
}

/** TCP ports of a `port` element; without a number it stands for the protocol with all its ports. */
function portsOf({ attributes }: Element): PortRange[] {
  const { port = '', protocol } = attributes;
  if (protocol !== 'tcp') return [];
  if (port === '') return [EVERY_PORT];
  const [, low, high] = /^(\d+)(?:-(\d+))?$/.exec(port) ?? [];
  return low === undefined ? [] : [[Number(low), Number(high ?? low)]];
}

function portsOfServices(
  files: FileFacts,
  services: readonly string[],
  within: readonly string[] = [],
): [ports: PortRange[], known: boolean] {
  const all = services.map((name): [PortRange[], boolean] => {
    const element = readNamed(files, 'services', name);
    if (element === null || within.includes(name)) return [[], element !== null];
    // It lets ports in on some addresses of this server only.
    if (named(element, 'destination').length > 0) return [[], true];
    const included = named(element, 'include').map(nameOf);
    const [more, known] = portsOfServices(files, included, [...within, name]);
    const ports = [...named(element, 'port'), ...named(element, 'protocol').map(asPort)].flatMap(portsOf);
    return [[...ports, ...more], known];
  });
  return [all.flatMap(([ports]) => ports), all.every(([, known]) => known)];
}

function asPort(element: Element): Element {
  return { ...element, attributes: { protocol: element.attributes.value ?? '' } };
}

type Rich = Verdict & { readonly priority: number };

/** A rich rule that looks at who connects, or how often, decides nothing for connections from just anywhere. */
function richVerdict(files: FileFacts, rule: Element): { verdict: Rich | null; sure: boolean } {
  const kinds = rule.children.map(({ name }) => name);
  const action = rule.children.find(({ name }) => ['accept', 'drop', 'reject'].includes(name));
  const narrow = kinds.some((kind) => NARROW.includes(kind)) || (action?.children.length ?? 0) > 0;
  if (action === undefined || narrow) return { verdict: null, sure: true };
  const [ports, sure] = richPorts(files, rule);
  const { family, priority = '0' } = rule.attributes;
  const families: readonly Family[] = family === 'ipv4' || family === 'ipv6' ? [family] : BOTH;
  const does = action.name === 'accept' ? 'accept' : 'deny';
  const order = Number(priority);
  const early = order < 0 || (order === 0 && does === 'deny');
  const verdict = { does, families, ports, early, text: inWords(rule), priority: order } as const;
  return { verdict: ports.length === 0 ? null : verdict, sure };
}

const NARROW = [
  'source',
  'destination',
  'source-port',
  'icmp-block',
  'icmp-type',
  'masquerade',
  'forward-port',
];

function richPorts(files: FileFacts, rule: Element): [ports: PortRange[], sure: boolean] {
  const services = named(rule, 'service').map(nameOf);
  const [ports, known] = portsOfServices(files, services);
  const elements = [...named(rule, 'port'), ...named(rule, 'protocol').map(asPort)];
  if (services.length === 0 && elements.length === 0) return [[EVERY_PORT], true];
  return [[...ports, ...elements.flatMap(portsOf)], known];
}

/** Of rules with the same priority firewalld asks those first that deny. */
function inOrder(a: Rich, b: Rich): number {
  const rank = ({ does }: Rich): number => (does === 'deny' ? 0 : 1);
  return a.priority - b.priority || rank(a) - rank(b);
}

function target({ attributes }: Element): Verdict {
  const does = attributes.target === 'ACCEPT' ? 'accept' : 'deny';
  return { does, families: BOTH, ports: [EVERY_PORT], early: false, text: attributes.target ?? 'default' };
}

/** The rule as firewall-cmd takes it. */
function inWords(element: Element): string {
  const attributes = Object.entries(element.attributes).map(([name, value]) => `${name}="${value}"`);
  return [element.name, ...attributes, ...element.children.map(inWords)].join(' ');
}
