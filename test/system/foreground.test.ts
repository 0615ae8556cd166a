import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isBehind } from '../../src/system/foreground.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('a process and its terminal', () => {
  it('are told by the numbers of the kernel, whatever the program is called', () => {
    assert.equal(isBehind('7 (node) S 1 7 7 34816 7 4194304 '), false);
    assert.equal(isBehind('7 (node) S 1 7 5 34816 5 4194304 '), true);
    assert.equal(isBehind('7 (a) b) S 1 7 5 34816 5 4194304 '), true);
    assert.equal(isBehind('7 (node) S 1 7 7 0 -1 4194304 '), false);
  });

  for (const [where, ampersand, said] of [
    ['before it', '', 'false'],
    ['behind it', '& wait', 'true'],
  ] as const) {
    it(`are told on a real terminal, ${where}`, async () => {
      const told =
        "import('./src/system/foreground.ts').then((m) => console.log('behind ' + String(m.isBehindTerminal())))";
      const line = `cd ${ROOT} && exec bash -ic "'${process.execPath}' --import=tsx -e \\"${told}\\" ${ampersand}"`;
      const { stdout } = await promisify(execFile)('/usr/bin/script', ['-qec', line, '/dev/null']);
      assert.match(stdout, new RegExp(`behind ${said}`));
    }).timeout(20_000);
  }
});
