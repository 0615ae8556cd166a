import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { ABSENT } from '../../src/core/file.ts';
import { Problem, type ProblemCode } from '../../src/core/problem.ts';
import { files } from '../../src/system/files.ts';
import { ACL, attribute, setAttribute } from './attributes.ts';
import type { Trouble } from './file-troubles.ts';
import { scratchDirectory } from './scratch.ts';
import { watchSyncs } from './syncs.ts';

const refusal =
  (code: ProblemCode, message: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };

describe('a file', () => {
  const scratch = scratchDirectory();
  let conf = '';
  const tag = async (): Promise<string> => (await files.read(conf))?.tag ?? ABSENT;
  beforeEach(() => {
    conf = scratch('conf');
  });

  it('that is not there is read as null, and so is one below a file', async () => {
    writeFileSync(scratch('plain'), '');
    assert.equal(await files.read(conf), null);
    assert.equal(await files.read(scratch('plain', 'below')), null);
  });

  it('has a tag that changes with its bytes, its mode and its owner, and with nothing else', async () => {
    writeFileSync(conf, 'a');
    const tags = [await tag()];
    utimesSync(conf, 1, 1);
    assert.equal(await tag(), tags[0]);
    writeFileSync(conf, 'b');
    tags.push(await tag());
    chmodSync(conf, 0o600);
    tags.push(await tag());
    chownSync(conf, 1234, 0);
    tags.push(await tag());
    chownSync(conf, 1234, 4321);
    tags.push(await tag());
    assert.equal(new Set(tags).size, 5);
    assert.match(tags[4] ?? '', /^sha256:[0-9a-f]{64} mode:600 uid:1234 gid:4321$/);
  });

  it('is not written when its bytes or its mode changed since it was read', async () => {
    writeFileSync(conf, 'read');
    const seen = await tag();
    writeFileSync(conf, 'changed by hand');
    await assert.rejects(
      files.replace(conf, seen, 'ours'),
      refusal('change-conflict', /conf was changed by someone/),
    );
    writeFileSync(conf, 'read');
    chmodSync(conf, 0o640);
    await assert.rejects(
      files.replace(conf, seen, 'ours'),
      refusal('change-conflict', /nothing was written/),
    );
    await assert.rejects(files.replace(conf, seen, null), refusal('change-conflict', /./));
    assert.equal(readFileSync(conf, 'utf8'), 'read');
    assert.deepEqual(readdirSync(scratch()), ['conf']);
  });

  it('is not written when it appeared or went since it was read', async () => {
    writeFileSync(conf, 'new');
    await assert.rejects(files.replace(conf, ABSENT, 'ours'), refusal('change-conflict', /./));
    assert.equal(readFileSync(conf, 'utf8'), 'new');
    const gone = scratch('gone');
    await assert.rejects(files.replace(gone, await tag(), 'ours'), refusal('change-conflict', /./));
    assert.deepEqual(readdirSync(scratch()), ['conf']);
  });

  it('keeps mode and owner when its text is replaced, and answers with its new tag', async () => {
    writeFileSync(conf, 'old');
    chmodSync(conf, 0o1640);
    chownSync(conf, 1234, 4321);
    const answered = await files.replace(conf, await tag(), 'new');
    const { mode, uid, gid } = lstatSync(conf);
    assert.deepEqual([mode & 0o7777, uid, gid], [0o1640, 1234, 4321]);
    assert.equal(readFileSync(conf, 'utf8'), 'new');
    assert.equal(answered, await tag());
    assert.deepEqual(readdirSync(scratch()), ['conf']);
  });

  it('keeps its extended attributes and its access control list when its text is replaced', async () => {
    writeFileSync(conf, 'old');
    setAttribute(conf, 'user.note', '6f6e65');
    setAttribute(conf, 'trusted.note', '74776f');
    setAttribute(conf, 'system.posix_acl_access', ACL);
    await files.replace(conf, await tag(), 'new');
    assert.equal(readFileSync(conf, 'utf8'), 'new');
    assert.deepEqual(
      ['user.note', 'trusted.note', 'system.posix_acl_access'].map((name) => attribute(conf, name)),
      ['6f6e65', '74776f', ACL],
    );
    assert.equal(lstatSync(conf).mode & 0o7777, 0o640);
  });

  it('is written anew at the time of its change', async () => {
    writeFileSync(conf, 'old');
    utimesSync(conf, 1, 1);
    const before = Date.now();
    await files.replace(conf, await tag(), 'new');
    assert.ok(lstatSync(conf).mtimeMs >= before - 20);
  });

  it('is on disk under another name before it takes its place, and its name is after', async () => {
    writeFileSync(conf, 'old');
    const seen = await tag();
    const synced: string[] = [];
    const restore = await watchSyncs(scratch('any'), (path) => {
      synced.push(`${path.replace(/-[0-9a-f]{12}$/, '')} ${readFileSync(conf, 'utf8')}`);
    });
    await files.replace(conf, seen, 'new').finally(restore);
    assert.deepEqual(synced, [`${scratch('.conf.ftp-passive')} old`, `${scratch()} new`]);
  });

  it('stays as it is when the disk reports an error, and nothing is left beside it', async () => {
    writeFileSync(conf, 'old');
    const seen = await tag();
    writeFileSync(scratch('source'), 'source');
    const restore = await watchSyncs(scratch('any'), () => {
      throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
    });
    const told = refusal('access-denied', /cannot be written: the disk reports an input\/output error\.$/);
    try {
      await assert.rejects(files.replace(conf, seen, 'new'), told);
      await assert.rejects(files.restore(conf, scratch('source')), told);
      await assert.rejects(files.save(conf, scratch('copy')), told);
    } finally {
      restore();
    }
    assert.equal(readFileSync(conf, 'utf8'), 'old');
    assert.deepEqual(readdirSync(scratch()).sort(), ['any', 'conf', 'source']);
  });

  it('that is new can be read by all, whatever the umask', async () => {
    const before = process.umask(0o077);
    await files.replace(conf, ABSENT, 'new');
    process.umask(before);
    assert.equal(lstatSync(conf).mode & 0o7777, 0o644);
  });

  it('can be removed, and stays removed', async () => {
    writeFileSync(conf, 'old');
    assert.equal(await files.replace(conf, await tag(), null), ABSENT);
    assert.equal(await files.replace(conf, ABSENT, null), ABSENT);
    assert.deepEqual(readdirSync(scratch()), []);
  });

  it('keeps any bytes that are read and written back: CRLF, BOM, no UTF-8, no last newline', async () => {
    const samples = ['a: 1\r\nb: 2', '\ufeffa: 1\n', '', '\0\n'].map((text) => Buffer.from(text));
    samples.push(Buffer.from('caf\xe9: ü\r\n', 'latin1'), Buffer.from([0xff, 0xfe, 0x61, 0x00, 0xc3]));
    const kept = async (bytes: Uint8Array): Promise<void> => {
      writeFileSync(conf, bytes);
      const fact = await files.read(conf);
      assert.ok(fact);
      assert.equal(await files.replace(conf, fact.tag, fact.text), fact.tag);
      assert.deepEqual(readFileSync(conf), Buffer.from(bytes));
    };
    for (const sample of samples) await kept(sample);
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), kept), { numRuns: 30 });
  });

  it('that is a link, a directory or a special file is refused, and what a link names is untouched', async () => {
    writeFileSync(scratch('target'), 'target');
    symlinkSync(scratch('target'), scratch('link'));
    symlinkSync(scratch('nowhere'), scratch('dangling'));
    mkdirSync(scratch('directory'));
    execFileSync('/usr/bin/mkfifo', [scratch('fifo')]);
    const kinds = {
      link: 'a symbolic link',
      dangling: 'a symbolic link',
      directory: 'a directory',
      fifo: 'a special file',
    };
    for (const [name, kind] of Object.entries(kinds)) {
      const path = scratch(name);
      const refused = refusal('unsupported', new RegExp(`${name} is ${kind}; a regular file is needed here`));
      await assert.rejects(files.read(path), refused);
      await assert.rejects(files.probeWritable(path), refused);
      await assert.rejects(files.replace(path, ABSENT, 'ours'), refused);
      await assert.rejects(files.save(path, scratch('copy')), refused);
      await assert.rejects(files.restore(path, scratch('target')), refused);
    }
    await assert.rejects(files.read('/dev/null'), refusal('unsupported', /a special file/));
    assert.equal(readFileSync(scratch('target'), 'utf8'), 'target');
    assert.deepEqual(readdirSync(scratch()).sort(), ['dangling', 'directory', 'fifo', 'link', 'target']);
  });

  it('that a link has replaced since it was read is not written', async () => {
    writeFileSync(conf, 'old');
    const seen = await tag();
    execFileSync('/bin/mv', [conf, scratch('moved')]);
    symlinkSync(scratch('moved'), conf);
    await assert.rejects(files.replace(conf, seen, 'ours'), refusal('unsupported', /a symbolic link/));
    assert.equal(readFileSync(scratch('moved'), 'utf8'), 'old');
  });

  it('with a second name changes under its own name only', async () => {
    writeFileSync(conf, 'old');
    linkSync(conf, scratch('second'));
    await files.replace(conf, await tag(), 'new');
    assert.equal(readFileSync(scratch('second'), 'utf8'), 'old');
  });

  it('below a directory that is missing is refused in words', async () => {
    const refused = refusal('not-found', /lost\/conf cannot be written: its directory does not exist\.$/);
    await assert.rejects(files.replace(scratch('lost', 'conf'), ABSENT, 'ours'), refused);
    await assert.rejects(files.probeWritable(scratch('lost', 'conf')), refused);
  });

  it('of more than human size is refused', async () => {
    writeFileSync(conf, Buffer.alloc(9 * 1024 * 1024));
    await assert.rejects(files.read(conf), refusal('unsupported', /too large/));
  });

  it('can be tried for writing without a trace', async () => {
    writeFileSync(conf, 'old');
    utimesSync(conf, 1, 1);
    await files.probeWritable(conf);
    await files.probeWritable(scratch('new'));
    assert.deepEqual(readdirSync(scratch()), ['conf']);
    assert.equal(lstatSync(conf).mtimeMs, 1000);
  });
});

describe('a saved file', () => {
  const scratch = scratchDirectory();
  let conf = '';
  let copy = '';
  beforeEach(() => {
    conf = scratch('conf');
    copy = scratch('originals', 's1-0');
    writeFileSync(conf, Buffer.from('caf\xe9\r\n', 'latin1'));
    chmodSync(conf, 0o640);
    chownSync(conf, 1234, 4321);
    utimesSync(conf, 1_600_000_000.123_456, 1_600_000_000.654_321);
  });
  const facts = (path: string): unknown => {
    const { mode, uid, gid, mtimeMs } = lstatSync(path);
    return { bytes: readFileSync(path, 'latin1'), mode, uid, gid, second: Math.round(mtimeMs / 10) };
  };

  it('comes back with its bytes, mode, owner and times', async () => {
    const before = facts(conf);
    assert.equal(await files.save(conf, copy), true);
    assert.deepEqual(facts(copy), before);
    writeFileSync(conf, 'ours');
    chmodSync(conf, 0o600);
    chownSync(conf, 0, 0);
    await files.restore(conf, copy);
    assert.deepEqual(facts(conf), before);
    execFileSync('/bin/rm', [conf]);
    await files.restore(conf, copy);
    assert.deepEqual(facts(conf), before);
    assert.deepEqual(readdirSync(scratch()).sort(), ['conf', 'originals']);
  });

  it('comes back with its extended attributes and its access control list', async () => {
    setAttribute(conf, 'user.note', '6f6e65');
    setAttribute(conf, 'system.posix_acl_access', ACL);
    await files.save(conf, copy);
    execFileSync('/bin/rm', [conf]);
    writeFileSync(conf, 'another');
    await files.restore(conf, copy);
    assert.equal(attribute(conf, 'user.note'), '6f6e65');
    assert.equal(attribute(conf, 'system.posix_acl_access'), ACL);
  });

  it('comes back without what a process that was killed in the middle left beside it', async () => {
    await files.save(conf, copy);
    const strangers = [
      '.conf.ftp-passive-0123',
      '.other.ftp-passive-0123456789ab',
      'conf.ftp-passive-0123456789ab',
    ];
    for (const name of ['.conf.ftp-passive-0123456789ab', ...strangers]) writeFileSync(scratch(name), 'half');
    await files.restore(conf, copy);
    assert.deepEqual(readdirSync(scratch()).sort(), [...strangers, 'conf', 'originals'].sort());
  });

  it('comes back with its time though its bytes are the same', async () => {
    const before = facts(conf);
    await files.save(conf, copy);
    utimesSync(conf, 1_700_000_000, 1_700_000_000);
    await files.restore(conf, copy);
    assert.deepEqual(facts(conf), before);
  });

  it('is not touched when it is as it was', async () => {
    await files.save(conf, copy);
    const { ino, ctimeNs } = lstatSync(conf, { bigint: true });
    await files.restore(conf, copy);
    const after = lstatSync(conf, { bigint: true });
    assert.deepEqual([after.ino, after.ctimeNs], [ino, ctimeNs]);
  });

  it('keeps what is touched just now untouched as well, to the last nanosecond', async () => {
    const fresh = scratch('fresh');
    writeFileSync(fresh, 'fresh');
    await files.save(fresh, copy);
    const { ino } = lstatSync(fresh, { bigint: true });
    await files.restore(fresh, copy);
    assert.equal(lstatSync(fresh, { bigint: true }).ino, ino);
  });

  it('that was not there before is removed, also when it is not there now', async () => {
    assert.equal(await files.save(scratch('none'), copy), false);
    await files.restore(conf, null);
    await files.restore(conf, null);
    assert.deepEqual(readdirSync(scratch()), []);
  });

  it('whose copy is gone is told and left alone', async () => {
    await assert.rejects(
      files.restore(conf, copy),
      refusal('not-found', /s1-0, the saved copy of .*conf, is gone\.$/),
    );
    assert.equal(readFileSync(conf, 'latin1'), 'caf\xe9\r\n');
  });

  it('is never saved over another', async () => {
    await files.save(conf, copy);
    writeFileSync(conf, 'second');
    await assert.rejects(files.save(conf, copy), Problem);
    assert.equal(readFileSync(copy, 'latin1'), 'caf\xe9\r\n');
  });
});

describe('a directory', () => {
  const scratch = scratchDirectory();

  it('lists its regular files, and nothing when it is not there', async () => {
    writeFileSync(scratch('b'), '');
    writeFileSync(scratch('a'), '');
    symlinkSync(scratch('a'), scratch('link'));
    mkdirSync(scratch('below'));
    assert.deepEqual([...(await files.list(scratch()))].sort(), ['a', 'b']);
    assert.deepEqual(await files.list(scratch('none')), []);
  });
});

describe('a file system that refuses', () => {
  const scratch = scratchDirectory();
  const expected = {
    'read-only': { code: 'access-denied', why: 'the file system is read-only', count: 11 },
    full: { code: 'disk-full', why: 'the disk is full', count: 9 },
    crowded: { code: 'disk-full', why: 'the disk is full', count: 9 },
    frozen: { code: 'access-denied', why: 'the file or its directory is marked immutable', count: 14 },
  } as const;

  it('is named in one sentence, and nothing is changed or left there', () => {
    const script = fileURLToPath(new URL('file-troubles.ts', import.meta.url));
    const argv = [
      '--mount',
      '--propagation',
      'private',
      '--',
      process.execPath,
      '--import',
      'tsx',
      script,
      scratch(),
    ];
    const troubles = JSON.parse(execFileSync('/usr/bin/unshare', argv, { encoding: 'utf8' })) as Trouble[];
    for (const [place, { code, why, count }] of Object.entries(expected)) {
      const met = troubles.filter((each) => each.place === place);
      assert.equal(met.length, count, place);
      for (const { operation, ...trouble } of met) {
        const { message } = trouble;
        assert.deepEqual(trouble, { place, code, message, same: true }, operation);
        const path = join(scratch(place), /conf|copy|new|state[^ ]*/.exec(message)?.[0] ?? '');
        assert.ok(message.startsWith(`${path} cannot be written: ${why}`), `${operation}: ${message}`);
        assert.match(message, /^[^.]*(\.[^ .][^.]*)*\.$/);
      }
    }
  });
});
