import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

describe('the launcher', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ftp-passive launcher-'));
    cpSync(join(import.meta.dirname, '../../plugin/bin'), join(root, 'plugin/bin'), { recursive: true });
    mkdirSync(join(root, 'dist'));
    writeFileSync(
      join(root, 'dist/main.js'),
      `const said = { argv: process.argv.slice(2), pid: process.pid, node: process.execPath };
       try { said.third = require('node:fs').readFileSync(3, 'utf8'); } catch {}
       console.log(JSON.stringify(said));
       process.exitCode = 4;`,
    );
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const launcher = (): string => join(root, 'plugin/bin/ftp-passive');

  it('passes arguments and exit status on as they are', () => {
    const outcome = spawnSync(launcher(), ['reach', '1 2', '', '$(id)', '*'], { encoding: 'utf8' });
    assert.deepEqual((JSON.parse(outcome.stdout) as { argv: string[] }).argv, [
      'reach',
      '1 2',
      '',
      '$(id)',
      '*',
    ]);
    assert.equal(outcome.status, 4);
  });

  it('finds the product through a chain of symlinks and from any directory', () => {
    symlinkSync(launcher(), join(root, 'one'));
    symlinkSync('one', join(root, 'two'));
    const outcome = spawnSync(join(root, 'two'), [], { encoding: 'utf8', cwd: '/' });
    assert.equal(outcome.status, 4, outcome.stderr);
  });

  it('keeps its process id and the socket that systemd hands over', () => {
    const note = join(root, 'note');
    writeFileSync(note, 'handed over');
    const third = openSync(note, 'r');
    const outcome = spawnSync(launcher(), ['serve'], {
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe', third],
    });
    closeSync(third);
    const said = JSON.parse(outcome.stdout) as { pid: number; third: string };
    assert.equal(said.third, 'handed over');
    assert.equal(said.pid, outcome.pid);
  });

  it('works in an environment that has only a PATH', () => {
    const outcome = spawnSync('/bin/sh', [launcher()], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } });
    assert.equal(outcome.status, 4, outcome.stderr);
  });

  it('passes over a Node that is too old or broken', () => {
    mkdirSync(join(root, 'node/bin'), { recursive: true });
    for (const version of ['v20.18.9', 'v18.20.4', 'nonsense', '']) {
      writeFileSync(join(root, 'node/bin/node'), `#!/bin/sh\necho '${version}'\n`, { mode: 0o755 });
      assert.equal(spawnSync(launcher()).status, 4, version);
    }
  });

  it('takes a Node from 20.19 on', () => {
    mkdirSync(join(root, 'node/bin'), { recursive: true });
    for (const version of ['v20.19.0', 'v22.0.0', 'v24.21.0', 'v100.1.0']) {
      const fake = `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; else exit 77; fi\n`;
      writeFileSync(join(root, 'node/bin/node'), fake, { mode: 0o755 });
      assert.equal(spawnSync(launcher()).status, 77, version);
    }
  });

  it('says in one sentence that the product is not built', () => {
    rmSync(join(root, 'dist/main.js'));
    const outcome = spawnSync(launcher(), [], { encoding: 'utf8' });
    assert.equal(outcome.status, 3);
    assert.equal(outcome.stderr, `${root}/dist/main.js is missing: run ${root}/script/build first.\n`);
  });
});
