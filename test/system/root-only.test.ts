import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ABSENT } from '../../src/core/file.ts';
import { files } from '../../src/system/files.ts';
import { rootOnly } from '../../src/system/root-only.ts';

describe('files for root alone', () => {
  let folder = '';
  before(() => (folder = mkdtempSync(join(tmpdir(), 'root-only-'))));
  after(() => rmSync(folder, { recursive: true }));

  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

  it('are made with a mode that keeps others out, and keep it', async () => {
    const path = join(folder, 'grants.json');
    const made = await rootOnly(files).replace(path, ABSENT, 'one\n');
    assert.equal(mode(path), '600');
    const tag = await rootOnly(files).replace(path, made, 'two\n');
    assert.equal(mode(path), '600');
    assert.equal(await rootOnly(files).replace(path, tag, null), ABSENT);
    assert.equal(existsSync(path), false);
  });

  it('of others keep their own', async () => {
    const path = join(folder, 'resellers');
    writeFileSync(path, 'rita:list-accts\n', { mode: 0o644 });
    await rootOnly(files).replace(path, (await files.read(path))?.tag ?? ABSENT, 'rita:\n');
    assert.equal(mode(path), '644');
  });
});
