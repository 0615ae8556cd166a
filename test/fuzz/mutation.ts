import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FIXTURES = join(import.meta.dirname, '../fixtures');

/** What parsers have stumbled over before, here and elsewhere. */
const PIECES: readonly string[] = [
  ...[
    '\0',
    '\x1b]0;x\x07',
    '\x1b[2J',
    '\r',
    '\r\n',
    '\n',
    '\n\n',
    '\t',
    ' ',
    '\\',
    '\\n',
    '\u2028',
    '\u202e',
    '\ufeff',
    '\ufffd',
  ],
  ...[
    '\ud83e',
    'é',
    '🦆',
    '"',
    "'",
    '`',
    '$(x)',
    '${x}',
    '{',
    '}',
    '{}',
    '[',
    ']',
    '<',
    '>',
    '</',
    '<!--',
    '&amp;',
    '&#0;',
    '&#99999999;',
  ],
  ...[
    '#',
    ':',
    ': ',
    '---\n',
    '...\n',
    '- ',
    '? ',
    '&a ',
    '*a',
    '!!',
    '|',
    '>',
    '~',
    'null',
    '%',
    '%00',
    '%2f',
    '@',
    ';',
    ',',
    '=',
    '==',
    '-',
    '--',
    '/',
    '..',
    '../',
  ],
  ...[
    '0',
    '-1',
    '1e309',
    '65535',
    '65536',
    '99999999999999999999',
    '0x10',
    '010',
    'NaN',
    '1-',
    '-1-2',
    '1:',
    ':',
    '49152:65534',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'COMMIT\n',
    '*filter\n',
    ':INPUT ACCEPT [0:0]\n',
    '-A INPUT ',
    '-j ',
    '--dport ',
  ],
  ...[
    'table ',
    'chain ',
    'type filter hook input priority 0; policy drop;\n',
    '# handle 7',
    'comment "',
    'accept',
    'drop',
    'elements = {',
  ],
  ...[
    '227 Entering Passive Mode (1,2,3,4,5,6)\n',
    '229 (|||5|)\n',
    '425 ',
    'PASV\n',
    '<script>alert(1)</script>',
    'a'.repeat(300),
    '{'.repeat(60),
    '<a>'.repeat(40),
  ],
];

/** Numbers from 0 on that look random and are the same in every run: mulberry32. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(1, below)) | 0;
  };
}

/** The texts of the fixtures in these folders of test/fixtures, at any depth. */
export function fixtures(...folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(FIXTURES, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(md|sh|ts)$/.test(entry.name))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  );
}

/** Longer texts are cut to a window of lines, so that much is tried in little time; every tenth stays whole. */
const WINDOW = 1200;

/** One of the texts, damaged in one to five ways. */
export function damaged(texts: readonly string[], random: (below: number) => number): string {
  const pick = (list: readonly string[]): string => list[random(list.length)] ?? '';
  let text = pick(texts);
  if (text.length > WINDOW && random(10) > 0) {
    const from = random(text.length - WINDOW);
    text = text.slice(from, from + WINDOW);
  }
  for (let left = 1 + random(5); left > 0; left--) {
    const at = random(text.length + 1);
    const to = at + random(random(4) === 0 ? text.length : 12);
    const [head, cut, tail] = [text.slice(0, at), text.slice(at, to), text.slice(to)];
    const ways: readonly (() => string)[] = [
      () => head + tail,
      () => head + cut + cut + tail,
      () => head + pick(PIECES) + tail,
      () => head + pick(PIECES) + cut + tail,
      () => head + String.fromCharCode(random(random(3) === 0 ? 65_536 : 256)) + cut.slice(1) + tail,
      () => tail + cut + head,
      () => head,
      () => head + pick(texts).slice(0, WINDOW) + cut + tail,
      () => `${head}${cut.split('').reverse().join('')}${tail}`,
    ];
    text = ways[random(ways.length)]?.() ?? text;
    if (text.length > 40_000) text = text.slice(0, 40_000);
  }
  return text;
}
