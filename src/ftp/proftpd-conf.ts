/**
 * A part of proftpd.conf that directives stand in: the server itself, `<Global>`, `<VirtualHost …>`, or another one
 * that passive FTP does not ask about. `body`: where its first line begins; `hosts`: what a virtual host is named.
 */
export interface Section {
  readonly kind: 'server' | 'global' | 'host' | 'other';
  readonly hosts: readonly string[];
  readonly start: number;
  readonly body: number;
}

/** An active directive: `start` to `end` are its whole lines, the newline too. `name` is in lower case. */
export interface Directive {
  readonly name: string;
  readonly words: readonly string[];
  readonly section: Section;
  readonly start: number;
  readonly end: number;
}

export interface ProftpdConf {
  readonly directives: readonly Directive[];
  readonly sections: readonly Section[];
  readonly server: Section;
}

/** Modules and versions are taken for granted: what stands below these is where it would stand without them. */
const TRANSPARENT = /^<(IfModule\s+[^!\s]|IfVersion\b)/i;

/**
 * Reads /etc/proftpd.conf (1.3.8 was asked for each of these): names count without case, words may be quoted, a word
 * that begins with `#` ends the line, a backslash at the end of a line that is no comment joins the next one to it.
 */
export function readProftpdConf(text: string): ProftpdConf {
  const server: Section = { kind: 'server', hosts: [], start: 0, body: 0 };
  const sections: Section[] = [];
  const directives: Directive[] = [];
  const open: Section[] = [server];
  for (const { line, start, end } of logicalLines(text)) {
    const words = wordsOf(line);
    const [first] = words;
    const section = open.at(-1) ?? server;
    if (first === undefined) continue;
    if (first.startsWith('</')) {
      if (open.length > 1) open.pop();
    } else if (first.startsWith('<')) {
      const inner = TRANSPARENT.test(line.trim()) ? section : sectionOf(words, start, end);
      if (inner !== section) sections.push(inner);
      open.push(inner);
    } else {
      directives.push({ name: first.toLowerCase(), words, section, start, end });
    }
  }
  return { directives, sections, server };
}

function sectionOf(words: readonly string[], start: number, body: number): Section {
  const [name = '', ...hosts] = words.map((word) => word.replace(/^<|>$/g, '')).filter((word) => word !== '');
  const kinds: Record<string, Section['kind']> = { global: 'global', virtualhost: 'host' };
  return { kind: kinds[name.toLowerCase()] ?? 'other', hosts, start, body };
}

function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [word, quoted] of line.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)) {
    if (word.startsWith('#')) break;
    words.push(quoted ?? word);
  }
  return words;
}

function* logicalLines(text: string): Generator<{ line: string; start: number; end: number }> {
  for (let start = 0; start < text.length;) {
    let end = lineEnd(text, start);
    let line = text.slice(start, end);
    while (/\\\r?\n$/.test(line) && !/^\s*#/.test(line)) {
      const next = lineEnd(text, end);
      line = line.replace(/\\\r?\n$/, ' ') + text.slice(end, next);
      end = next;
    }
    yield { line, start, end };
    start = end;
  }
}

function lineEnd(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline < 0 ? text.length : newline + 1;
}

/** All directives of a name in a section, in file order. */
export function directivesIn(conf: ProftpdConf, section: Section, name: string): Directive[] {
  return conf.directives.filter((each) => each.section === section && each.name === name.toLowerCase());
}

/**
 * What holds for the server or a virtual host: its own first directive, else the first one of the last `<Global>`
 * that has it. A virtual host has nothing from the server level. (1.3.8 does so.)
 */
export function effective(conf: ProftpdConf, section: Section, name: string): Directive | null {
  const globals = conf.sections.filter(({ kind }) => kind === 'global').reverse();
  for (const each of [section, ...globals]) {
    const [first] = directivesIn(conf, each, name);
    if (first !== undefined) return first;
  }
  return null;
}
