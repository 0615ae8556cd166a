import assert from 'node:assert/strict';
import { Problem } from '../../src/core/problem.ts';
import { errorFromWords, fileProblem } from '../../src/system/refusal.ts';

const PATH = '/etc/pure-ftpd.conf';

describe('a refusal of the system', () => {
  const told = (code: string): Problem =>
    fileProblem('write', PATH, Object.assign(new Error(`${code}: the words of Node`), { code }));

  it('is one sentence that names the file, without the words of Node', () => {
    const codes = [
      'EROFS',
      'ENOSPC',
      'EDQUOT',
      'EPERM',
      'EACCES',
      'ENOENT',
      'ENOTDIR',
      'EIO',
      'EMFILE',
      'ENFILE',
    ];
    for (const code of codes) {
      const { message, detail } = told(code);
      assert.match(message, /^\/etc\/pure-ftpd\.conf cannot be written: [a-z][^.]*\.$/);
      assert.doesNotMatch(message, /Node/);
      assert.equal(detail, code);
    }
    assert.equal(told('EDQUOT').message, `${PATH} cannot be written: the quota is used up.`);
    assert.deepEqual([told('EDQUOT').code, told('EIO').code], ['disk-full', 'access-denied']);
  });

  it('is known where Node has no name for it', () => {
    const code = 'Unknown system error -122';
    const error = Object.assign(new Error(code), { code, errno: -122 });
    const { message, detail } = fileProblem('write', PATH, error);
    assert.deepEqual([message, detail], [`${PATH} cannot be written: the quota is used up.`, 'EDQUOT']);
  });

  it('keeps the words of one that nobody foresaw', () => {
    assert.equal(told('EWEIRD').message, `${PATH} cannot be written: EWEIRD: the words of Node.`);
  });

  it('that was put in words before stays as it is', () => {
    const problem = new Problem('unsupported', 'It is a link.');
    assert.equal(fileProblem('write', PATH, problem), problem);
  });

  it('is known by the words of a program too', () => {
    const words = {
      'No space left on device': 'the disk is full',
      'Disk quota exceeded': 'the quota is used up',
      'Read-only file system': 'the file system is read-only',
      'Input/output error': 'the disk reports an input/output error',
      'Operation not permitted': 'the file or its directory is marked immutable or append-only (see lsattr)',
      'Permission denied': 'permission is denied',
    };
    for (const [phrase, why] of Object.entries(words)) {
      const error = errorFromWords(`cp: setting attributes for '/etc/x': ${phrase}\n`);
      assert.equal(fileProblem('write', PATH, error).message, `${PATH} cannot be written: ${why}.`);
    }
    const unknown = fileProblem('write', PATH, errorFromWords('cp: first\ncp: something new\n'));
    assert.equal(unknown.message, `${PATH} cannot be written: cp: something new.`);
  });
});
