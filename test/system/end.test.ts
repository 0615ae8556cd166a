import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startEnd } from '../../src/system/end.ts';
import { CLEAN_ENVIRONMENT } from '../../src/system/exec.ts';

describe('an end of the twin', () => {
  it('gets the clean environment and nothing of this program', async () => {
    process.env['FTP_PASSIVE_SECRET'] = 'hidden';
    const end = startEnd(fileURLToPath(new URL('../../src/system/twin-end.pl', import.meta.url)));
    delete process.env['FTP_PASSIVE_SECRET'];
    await end.ready;
    const given = readFileSync(`/proc/${end.pid}/environ`, 'utf8').split('\0').filter(Boolean);
    await end.close();
    assert.deepEqual(
      given.sort(),
      Object.entries(CLEAN_ENVIRONMENT)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    );
  });
});
