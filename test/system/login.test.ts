import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseConnection } from '../../src/system/login.ts';

const SOURCE = join(import.meta.dirname, '../../src/system/login.ts');

describe('a login over SSH', () => {
  it('is told by the name of its connection', () => {
    assert.deepEqual(parseConnection('198.51.100.20 50022 203.0.113.10 2222'), {
      address: '198.51.100.20',
      port: 2222,
    });
    assert.deepEqual(parseConnection('fe80::1%eth0 1 fe80::2%eth0 22'), {
      address: 'fe80::1%eth0',
      port: 22,
    });
    for (const text of [undefined, '', '198.51.100.20', 'a b c d', '198.51.100.20 1 203.0.113.10 x'])
      assert.equal(parseConnection(text), null);
  });

  it('is found behind a program that clears the environment', () => {
    const script = `import { sshLogin } from ${JSON.stringify(SOURCE)}; console.log(JSON.stringify(sshLogin()));`;
    const inner = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script];
    const clean = ['/usr/bin/env', '-i', `PATH=${process.env['PATH'] ?? ''}`, ...inner];
    const said = execFileSync(
      process.execPath,
      [
        '-e',
        `require('node:child_process').spawnSync(${JSON.stringify(clean[0])}, ${JSON.stringify(clean.slice(1))}, { stdio: 'inherit' })`,
      ],
      {
        cwd: join(import.meta.dirname, '../..'),
        env: { ...process.env, SSH_CONNECTION: '198.51.100.20 50022 203.0.113.10 22' },
        encoding: 'utf8',
      },
    );
    assert.deepEqual(JSON.parse(said), { address: '198.51.100.20', port: 22 });
  }).timeout(20_000);
});
