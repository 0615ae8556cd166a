import assert from 'node:assert/strict';
import type { FileFacts } from '../../src/core/file.ts';
import { includedPaths, includeFindings, isIncluded } from '../../src/ftp/proftpd-include.ts';
import { fact } from './cpanel.ts';

const PATH = '/etc/proftpd.conf';
const facts = (texts: Readonly<Record<string, string>>): FileFacts =>
  new Map(Object.entries(texts).map(([path, text]) => [path, fact(path, text, 1)]));

describe('files that proftpd.conf includes', () => {
  it('are named by path, by directory and by pattern, wherever the line stands', () => {
    const text =
      'Include /etc/proftpd/a.conf\n<Global>\ninclude "/etc/proftpd/conf.d/"\n</Global>\n# Include /etc/no\nInclude /etc/proftpd/*.inc\n';
    assert.deepEqual(includedPaths(text), [
      '/etc/proftpd/a.conf',
      '/etc/proftpd/conf.d',
      '/etc/proftpd/*.inc',
    ]);
  });

  it('are told from other files', () => {
    assert.equal(isIncluded('/etc/proftpd/a.conf', '/etc/proftpd/a.conf'), true);
    assert.equal(isIncluded('/etc/proftpd/aXconf', '/etc/proftpd/a.conf'), false);
    assert.equal(isIncluded('/etc/proftpd/conf.d/b', '/etc/proftpd/conf.d'), true);
    assert.equal(isIncluded('/etc/proftpd/conf.d/b/c', '/etc/proftpd/conf.d'), false);
    assert.equal(isIncluded('/etc/proftpd/x.inc', '/etc/proftpd/*.inc'), true);
    assert.equal(isIncluded('/etc/proftpd/y/x.inc', '/etc/proftpd/*.inc'), false);
  });

  it('are named when they have passive settings, and only then', () => {
    const files = facts({
      [PATH]: 'Port 21\nInclude /etc/proftpd/*.conf\n',
      '/etc/proftpd/ports.conf':
        '<Global>\nPassivePorts 30000 31000\n</Global>\nMasqueradeAddress 10.0.0.9\n',
      '/etc/proftpd/modules.conf': 'LoadModule mod_ban.c\n# PassivePorts 1 2\n',
      '/etc/other.conf': 'PassivePorts 30000 31000\n',
    });
    assert.deepEqual(
      includeFindings(PATH, files).map(({ id, level, fact: told }) => [id, level, told]),
      [
        [
          'conf-include',
          'warn',
          '/etc/proftpd.conf includes /etc/proftpd/ports.conf, which says PassivePorts 30000 31000, MasqueradeAddress 10.0.0.9. ProFTPD reads it, cPanel does not, and it is not changed here.',
        ],
      ],
    );
  });
});
