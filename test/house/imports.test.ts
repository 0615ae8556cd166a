import assert from 'node:assert/strict';
import { posix } from 'node:path';
import ts from 'typescript';
import { filesUnder, linesThatMatch } from './files.ts';

interface Rule {
  /** Rooms that may be imported, beside the file's own. */
  readonly rooms: readonly string[];
  readonly node: readonly string[] | 'any';
  readonly packages: readonly string[];
}

/** Who may import what; ARCHITECTURE.md says why. A new room needs a row here. */
const RULES: Readonly<Record<string, Rule>> = {
  core: { rooms: [], node: [], packages: ['diff', 'ipaddr.js', 'yaml', 'zod/mini'] },
  ftp: { rooms: ['core'], node: [], packages: ['zod/mini'] },
  firewall: { rooms: ['core'], node: [], packages: ['yaml'] },
  diagnosis: { rooms: ['core'], node: [], packages: [] },
  outside: { rooms: ['core'], node: [], packages: [] },
  engine: { rooms: ['core', 'ftp', 'firewall'], node: [], packages: ['zod/mini'] },
  // Of node:buffer only the look whether bytes are UTF-8, which does nothing to anything.
  runs: { rooms: ['core', 'engine', 'outside'], node: ['buffer'], packages: [] },
  assumptions: { rooms: ['core', 'engine'], node: [], packages: [] },
  cli: {
    rooms: ['assumptions', 'core', 'diagnosis', 'outside', 'engine', 'runs'],
    node: ['util', 'readline/promises'],
    packages: [],
  },
  http: {
    rooms: ['core', 'diagnosis', 'outside', 'engine', 'runs'],
    node: ['crypto', 'events', 'http', 'https', 'path', 'stream', 'tls', 'zlib'],
    packages: ['express', 'handlebars', 'helmet', 'ws', 'zod/mini'],
  },
  web: { rooms: ['core', 'runs'], node: [], packages: [] },
  system: {
    rooms: ['core', 'ftp', 'firewall', 'outside', 'engine', 'runs'],
    node: 'any',
    packages: ['@lydell/node-pty', 'zod/mini'],
  },
  entry: {
    rooms: [
      'core',
      'ftp',
      'firewall',
      'diagnosis',
      'outside',
      'engine',
      'runs',
      'http',
      'cli',
      'system',
      'entry',
    ],
    node: ['crypto', 'url'],
    packages: ['precompiled-templates'],
  },
};

/** The first folder under src, or `entry` for src/main.ts and the src/wiring*.ts that it is split into. */
function roomOf(path: string): string {
  const parts = path.split('/');
  return parts.length > 2 ? (parts[1] ?? '') : 'entry';
}

function breaches(path: string, text: string): string[] {
  const rule = RULES[roomOf(path)];
  if (rule === undefined) return [`${path} lies in a room without a rule`];
  return ts
    .preProcessFile(text)
    .importedFiles.map((found) => found.fileName)
    .filter((specifier) => !allowed(rule, path, specifier))
    .map((specifier) => `${path} imports ${specifier}`);
}

function allowed(rule: Rule, path: string, specifier: string): boolean {
  if (specifier.startsWith('.')) {
    const room = roomOf(posix.join(posix.dirname(path), specifier));
    return room === roomOf(path) || rule.rooms.includes(room);
  }
  if (specifier.startsWith('node:'))
    return rule.node === 'any' || rule.node.includes(specifier.slice('node:'.length));
  return rule.packages.includes(specifier);
}

describe('the rooms of src', () => {
  const sources = filesUnder('src', '.ts');

  it('import only what their row of the table allows', () => {
    assert.ok(sources.length > 30);
    assert.deepEqual(
      sources.flatMap(({ path, text }) => breaches(path, text)),
      [],
    );
  });

  it('are wired together by main.ts and wiring files only', () => {
    const entries = sources.map(({ path }) => path).filter((path) => roomOf(path) === 'entry');
    assert.deepEqual(
      entries.filter((path) => !/^src\/(main|wiring[a-z-]*)\.ts$/.test(path)),
      [],
    );
  });

  it('leave clock, chance and process out of the core', () => {
    const core = sources.filter(({ path }) => roomOf(path) === 'core');
    assert.deepEqual(
      linesThatMatch(core, /\bDate\.now\b|\bnew Date\(\)|Math\.random|\bprocess\.|\bperformance\./),
      [],
    );
  });

  it('would be caught breaking the table', () => {
    assert.deepEqual(breaches('src/core/x.ts', "import { readFileSync } from 'node:fs';"), [
      'src/core/x.ts imports node:fs',
    ]);
    assert.deepEqual(breaches('src/http/a/x.ts', "export * from '../../system/exec.ts';"), [
      'src/http/a/x.ts imports ../../system/exec.ts',
    ]);
    assert.deepEqual(breaches('src/engine/x.ts', "const a = await import('ws');"), [
      'src/engine/x.ts imports ws',
    ]);
    assert.deepEqual(breaches('src/den/x.ts', ''), ['src/den/x.ts lies in a room without a rule']);
    assert.deepEqual(breaches('src/main.ts', "import type { A } from './system/exec.ts';"), []);
  });
});
