import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { stamp, stampOf } from '../../src/system/stamp.ts';
import { ACL, setAttribute } from './attributes.ts';
import { scratchDirectory } from './scratch.ts';

/** Until a file that was changed just now has a stamp. */
const SETTLED_MS = 150;

describe('the stamp of a file', () => {
  const scratch = scratchDirectory();
  let conf = '';
  beforeEach(() => {
    conf = scratch('conf');
    writeFileSync(conf, 'text', { mode: 0o644 });
    utimesSync(conf, 1_600_000_000.25, 1_600_000_000.25);
  });

  it('stays the same while the file is only read', async () => {
    await wait(SETTLED_MS);
    const first = await stamp(conf);
    assert.ok(first !== null);
    assert.equal(readFileSync(conf, 'utf8'), 'text');
    await wait(SETTLED_MS);
    assert.equal(await stamp(conf), first);
  });

  const changes: readonly (readonly [how: string, change: () => void])[] = [
    ['gets other bytes', () => writeFileSync(conf, 'TEXT')],
    ['is written anew with the same bytes', () => writeFileSync(conf, 'text')],
    [
      'gets other bytes and its old time',
      () => {
        writeFileSync(conf, 'TEXT');
        utimesSync(conf, 1_600_000_000.25, 1_600_000_000.25);
      },
    ],
    ['gets another mode', () => chmodSync(conf, 0o600)],
    ['gets another owner', () => chownSync(conf, 1234, 0)],
    ['gets an extended attribute', () => setAttribute(conf, 'user.note', '6f6e65')],
    ['gets an access control list', () => setAttribute(conf, 'system.posix_acl_access', ACL)],
    ['gets another time', () => utimesSync(conf, 1_600_000_001.25, 1_600_000_001.25)],
  ];
  for (const [how, change] of changes)
    it(`is never again what it was when it ${how}`, async () => {
      await wait(SETTLED_MS);
      const first = await stamp(conf);
      change();
      assert.notEqual(await stamp(conf), first);
      await wait(SETTLED_MS);
      const second = await stamp(conf);
      assert.ok(first !== null && second !== null && second !== first);
    });

  it('is another one when another file with the same bytes, size and time takes its place', async () => {
    const other = scratch('other');
    execFileSync('/bin/cp', ['-p', conf, other]);
    await wait(SETTLED_MS);
    const first = await stamp(conf);
    renameSync(other, conf);
    assert.equal(lstatSync(conf).mtimeMs, 1_600_000_000_250);
    await wait(SETTLED_MS);
    assert.notEqual(await stamp(conf), first);
  });

  it('is none for what is not there, and for links and directories', async () => {
    const [link, directory] = [scratch('link'), scratch('directory')];
    symlinkSync(conf, link);
    mkdirSync(directory);
    await wait(SETTLED_MS);
    for (const path of [scratch('none'), link, directory, `${conf}/below`])
      assert.equal(await stamp(path), null);
    rmSync(conf);
    assert.equal(await stamp(conf), null);
  });

  it('is none while the file may change once more within the same tick of the clock, or is from the future', () => {
    const facts = lstatSync(conf, { bigint: true });
    const changedMs = Number(facts.ctimeNs / 1_000_000n);
    for (const [later, known] of [
      [-60_000, false],
      [0, false],
      [99, false],
      [100, true],
      [60_000, true],
    ] as const)
      assert.equal(stampOf(facts, changedMs + later) !== null, known, `${later} ms later`);
  });

  it('is none where the file system knows whole seconds only', () => {
    const facts = lstatSync(conf, { bigint: true });
    facts.ctimeNs -= facts.ctimeNs % 1_000_000_000n;
    assert.equal(stampOf(facts, Date.now() + 60_000), null);
  });
});
