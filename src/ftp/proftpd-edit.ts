import { directivesIn, effective, readProftpdConf, type Directive, type Section } from './proftpd-conf.ts';

/** What proftpd.conf should say. `hostAddress`: for a virtual host by its names; undefined leaves it as it is. */
export interface ProftpdWish {
  readonly range: string;
  readonly address: string | null;
  readonly hostAddress: (hosts: readonly string[]) => string | null | undefined;
}

export const RANGE = 'PassivePorts';
export const ADDRESS = 'MasqueradeAddress';
/** Told instead to clients that use TLS. */
export const TLS_ADDRESS = 'TLSMasqueradeAddress';

/** A section without directives of its own: what holds for it is what `<Global>` says. */
const NOWHERE: Section = { kind: 'other', hosts: [], start: 0, body: 0 };

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The file with what is wished in force for the server and every virtual host; all other bytes stay as they were. */
export function editProftpdConf(text: string, wish: ProftpdWish): string {
  // Lines come first, for what holds afterwards is asked of the text without them.
  const cleared = applyEdits(text, emptyOnes(text));
  const ranged = applyEdits(cleared, rangeEdits(cleared, wish.range));
  const addressed = applyEdits(ranged, addressEdits(ranged, wish.address));
  const hosted = applyEdits(addressed, hostEdits(addressed, wish));
  return applyEdits(hosted, otherTlsAddresses(hosted).map(dropped));
}

/** Addresses for TLS alone that are not what clients without it are told in the same place. */
export function otherTlsAddresses(text: string): Directive[] {
  const conf = readProftpdConf(text);
  return conf.directives.filter((each) => {
    const { section } = each;
    if (each.name !== TLS_ADDRESS.toLowerCase() || section.kind === 'other') return false;
    const told = valueOf(effective(conf, section, ADDRESS));
    return valueOf(each) !== (told ?? section.hosts[0] ?? null);
  });
}

/** The value of a directive: the words that it reads. */
export function valueOf(directive: Directive | null): string | null {
  if (directive === null) return null;
  const count = directive.name === RANGE.toLowerCase() ? 2 : 1;
  return directive.words.slice(1, 1 + count).join(' ');
}

/** Directives without a value, which ProFTPD refuses to start with. */
export function emptyDirectives(text: string): Directive[] {
  const names = [RANGE, ADDRESS].map((name) => name.toLowerCase());
  return readProftpdConf(text).directives.filter(
    ({ name, words }) => names.includes(name) && words.length < 2,
  );
}

function emptyOnes(text: string): Edit[] {
  return emptyDirectives(text).map(dropped);
}

/** cPanel renders the range inside `<Global>` only; what stands elsewhere is stronger. */
function rangeEdits(text: string, range: string): Edit[] {
  const conf = readProftpdConf(text);
  const globals = conf.sections.filter(({ kind }) => kind === 'global');
  const [first, ...later] = globals.flatMap((section) => directivesIn(conf, section, RANGE));
  const stronger = [conf.server, ...conf.sections.filter(({ kind }) => kind === 'host')].flatMap(
    (section) => {
      const own = directivesIn(conf, section, RANGE);
      return own.length > 0 && valueOf(own[0] ?? null) !== range ? own.map(dropped) : [];
    },
  );
  if (valueOf(effective(conf, NOWHERE, RANGE)) === range) return stronger;
  if (first !== undefined) return [...stronger, setTo(text, first, range), ...later.map(dropped)];
  const [global] = globals;
  if (global !== undefined) return [...stronger, inside(text, global, `${RANGE} ${range}`)];
  return [...stronger, beforeHosts(text, ['<Global>', `${RANGE} ${range}`, '</Global>'])];
}

function addressEdits(text: string, address: string | null): Edit[] {
  const conf = readProftpdConf(text);
  const own = directivesIn(conf, conf.server, ADDRESS);
  if (address === null) {
    const globals = conf.sections.filter(({ kind }) => kind === 'global');
    return [...own, ...globals.flatMap((section) => directivesIn(conf, section, ADDRESS))].map(dropped);
  }
  if (valueOf(effective(conf, conf.server, ADDRESS)) === address) return [];
  const [first, ...later] = own;
  if (first !== undefined) return [setTo(text, first, address), ...later.map(dropped)];
  return [beforeHosts(text, [`${ADDRESS} ${address}`])];
}

/** A virtual host has nothing from the server level, so each is told its own address. */
function hostEdits(text: string, wish: ProftpdWish): Edit[] {
  const conf = readProftpdConf(text);
  const inherited = effective(conf, NOWHERE, ADDRESS);
  return conf.sections
    .filter(({ kind }) => kind === 'host')
    .flatMap((section) => {
      const wanted = wish.hostAddress(section.hosts);
      if (wanted === undefined) return [];
      // What `<Global>` says can only be taken back by saying something else.
      const address = wanted ?? (inherited === null ? null : (section.hosts[0] ?? null));
      if (valueOf(effective(conf, section, ADDRESS)) === address) return [];
      const [first, ...later] = directivesIn(conf, section, ADDRESS);
      if (first === undefined) return [inside(text, section, `${ADDRESS} ${address ?? ''}`)];
      return [address === null ? dropped(first) : setTo(text, first, address), ...later.map(dropped)];
    });
}

function dropped({ start, end }: Directive): Edit {
  return { start, end, text: '' };
}

/** The same directive with another value: how it is written, and a comment behind it, stay. */
function setTo(text: string, { start, end }: Directive, value: string): Edit {
  const [line = '', head = '', comment = '', eol = ''] =
    /^([ \t]*\S+).*?([ \t]#[^\n]*?)?(\r?\n)?$/s.exec(text.slice(start, end)) ?? [];
  return { start, end: start + line.length, text: `${head} ${value}${comment}${eol}` };
}

function inside(text: string, { body }: Section, line: string): Edit {
  const indent = /^[ \t]+(?=\S)/.exec(text.slice(body))?.[0] ?? '';
  return { start: body, end: body, text: `${indent}${line}${eolOf(text)}` };
}

/** Where cPanel puts what it adds: before the first virtual host, else at the end. */
function beforeHosts(text: string, lines: readonly string[]): Edit {
  const host = readProftpdConf(text).sections.find(({ kind }) => kind === 'host');
  const at = host?.start ?? text.length;
  const eol = eolOf(text);
  const opening = at === 0 || text[at - 1] === '\n' ? '' : eol;
  return { start: at, end: at, text: opening + lines.map((line) => line + eol).join('') };
}

function eolOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((after, { start, end, text: put }) => after.slice(0, start) + put + after.slice(end), text);
}
