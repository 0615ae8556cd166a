import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { filesUnder, linesThatMatch } from './files.ts';

describe('every file', () => {
  const sources = filesUnder('src', '.ts');
  const tests = filesUnder('test', '.ts');
  const templates = filesUnder('templates', '.hbs');

  const lines = (text: string): number => text.trimEnd().split('\n').length;

  it('of src has at most 300 lines, and half of them under 120', () => {
    const long = sources.filter(({ text }) => lines(text) > 300).map(({ path }) => path);
    assert.deepEqual(long, []);
    const sizes = sources.map(({ text }) => lines(text)).sort((a, b) => a - b);
    assert.ok((sizes[Math.floor(sizes.length / 2)] ?? 0) < 120);
  });

  it('of src is named by a noun of the field', () => {
    const empty = /manager|service|helper|util|handler|common|data/;
    assert.deepEqual(
      sources.map(({ path }) => basename(path)).filter((name) => empty.test(name)),
      [],
    );
  });

  it('starts programs with an argument list, never through a shell', () => {
    const all = [...sources, ...tests, ...filesUnder('script', '.mjs')];
    assert.deepEqual(linesThatMatch(all, /\bshell:\s*(true|['"`])/), []);
    assert.deepEqual(
      linesThatMatch(all, /\{[^}]*\bexec(Sync)?\b[^}]*\}\s*from\s*['"]node:child_process/),
      [],
    );
  });

  it('of the tests runs all of its tests', () => {
    assert.deepEqual(
      linesThatMatch(tests, /\b(describe|it|context)\.(only|skip)\(|\bthis\.skip\(|\bx(it|describe)\(/),
      [],
    );
  });

  it('of the templates keeps script and style in files of their own', () => {
    assert.ok(templates.length > 3);
    assert.deepEqual(linesThatMatch(templates, /<script(?![^>]*\ssrc=)|<script[^>]*>[^<]/i), []);
    assert.deepEqual(linesThatMatch(templates, /<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:/i), []);
  });
});
