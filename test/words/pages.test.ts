import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInThisContext } from 'node:vm';
import { build } from 'esbuild';
import { phrasesPlugin } from '../../script/phrases.mjs';
import { precompiled } from '../../script/templates.mjs';
import type { Templates } from '../../src/http/views.ts';
import type { Drawn } from './drawn.ts';
import { bracketed, strays } from './brackets.ts';

const ROOT = join(import.meta.dirname, '../..');
const LOGS = join(ROOT, 'test/fixtures/diagnosis');

describe('the pages of a build in another language', () => {
  let folder: string;
  let pages: Drawn[];

  before(async function () {
    this.timeout(60_000);
    mkdirSync(join(ROOT, '.build'), { recursive: true });
    folder = mkdtempSync(join(ROOT, '.build/words-'));
    const outfile = join(folder, 'drawn.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'drawn.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'warning',
      plugins: [phrasesPlugin(bracketed)],
    });
    const words = { get: bracketed } as unknown as ReadonlyMap<string, string>;
    const speech = { language: 'x-brackets', words };
    const templates = runInThisContext(`(${precompiled(join(ROOT, 'templates'), speech)})`) as Templates;
    const { drawn } = (await import(pathToFileURL(outfile).href)) as typeof import('./drawn.ts');
    const logs = readdirSync(LOGS).map((name) => [name, readFileSync(join(LOGS, name), 'utf8')] as const);
    pages = await drawn(templates, new Map(logs));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('say nothing in English', () => {
    assert.ok(pages.length > 60);
    assert.deepEqual(
      pages
        .map(({ name, html }) => ({ name, strays: strays(html) }))
        .filter(({ strays }) => strays.length > 0),
      [],
    );
  });

  it('name their language, and so does the part that stands in a page of WHM', () => {
    for (const { html, name } of pages) {
      assert.match(html, /^<!DOCTYPE html>\n<html lang="x-brackets"/, name);
      assert.match(html, /<main lang="x-brackets" class="ftp-passive">/, name);
    }
  });
});
