import assert from 'node:assert/strict';
import { Problem } from '../../src/core/problem.ts';
import type { RunCommand } from '../../src/engine/ports.ts';
import { openGrants, type Grants } from '../../src/runs/grants.ts';
import { exclusiveBy } from '../../src/system/exclusive.ts';
import { openDisk, type Disk } from '../engine/disk.ts';
import { scratchDirectory } from '../system/scratch.ts';
import { exit } from './watched.ts';

const PATH = '/var/lib/whm-ftp-passive/grants.json';
const RESELLERS = '/var/cpanel/resellers';
const OURS = 'software-ftp-passive';
const LIST = `amy:all\nrita:create-acct,list-accts,software-other\nrita2:list-accts\nsam:${OURS},list-accts\n`;

const refused =
  (code: string, words: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof Problem && error.code === code, String(error));
    assert.match(error.message, words);
    return true;
  };

describe('grants to resellers', () => {
  let disk: Disk;
  let calls: string[][];
  /** What WHM makes of the privileges that it is told to set. */
  let whm: (wanted: string[]) => string[];
  let grants: Grants;

  const run: RunCommand = (argv) => {
    const [, , call, who = '', ...pairs] = argv;
    calls.push(argv.slice(2));
    assert.equal(call, 'setacls');
    const user = who.replace('reseller=', '');
    const set = whm(pairs.map((pair) => pair.replace(/^acl-(.+)=1$/, '$1')));
    const text = (disk.text(RESELLERS) ?? '').replace(
      new RegExp(`^${user}:.*$`, 'm'),
      `${user}:${set.join(',')}`,
    );
    disk.put(RESELLERS, text);
    return Promise.resolve(exit(argv, 0, '{"metadata":{"result":1,"reason":"OK"}}'));
  };

  const scratch = scratchDirectory();
  const opened = (): Grants =>
    openGrants({ files: disk.files, run, alone: exclusiveBy(scratch('lock')) }, PATH);

  beforeEach(() => {
    let time = 1;
    disk = openDisk(() => (time += 1));
    disk.put(RESELLERS, LIST);
    calls = [];
    whm = (wanted) => wanted;
    grants = opened();
  });

  const lineOf = (user: string): string | undefined =>
    disk
      .text(RESELLERS)
      ?.split('\n')
      .find((line) => line.startsWith(`${user}:`));

  it('are none at first, and all resellers of WHM are listed', async () => {
    assert.deepEqual(await grants.list(), [
      { reseller: 'amy', privilege: 'all', actions: [] },
      { reseller: 'rita', privilege: 'no', actions: [] },
      { reseller: 'rita2', privilege: 'no', actions: [] },
      { reseller: 'sam', privilege: 'yes', actions: [] },
    ]);
    assert.deepEqual(await grants.of('sam'), []);
  });

  it('are kept for the next time, and counted by name', async () => {
    await grants.allow('sam', 'setup');
    assert.deepEqual(await opened().of('sam'), ['setup']);
    assert.deepEqual(await grants.of('sam2'), []);
    assert.deepEqual(calls, [], 'a privilege that is there is not set');
  });

  it('give the privilege where it is missing, beside all that the reseller had', async () => {
    const now = await grants.allow('rita', 'setup');
    assert.deepEqual(now, { reseller: 'rita', privilege: 'yes', actions: ['setup'] });
    assert.deepEqual(calls, [
      [
        'setacls',
        'reseller=rita',
        'acl-create-acct=1',
        'acl-list-accts=1',
        'acl-software-other=1',
        `acl-${OURS}=1`,
      ],
    ]);
    assert.equal(lineOf('rita'), `rita:create-acct,list-accts,software-other,${OURS}`);
    assert.equal(lineOf('rita2'), 'rita2:list-accts');
  });

  it('are taken back with the privilege that came with them, and with no other', async () => {
    await grants.allow('rita', 'setup');
    await grants.allow('sam', 'setup');
    await grants.allow('rita', 'setup');
    assert.deepEqual(await grants.revoke('rita'), { reseller: 'rita', privilege: 'no', actions: [] });
    assert.deepEqual(await grants.revoke('sam'), { reseller: 'sam', privilege: 'yes', actions: [] });
    assert.equal(disk.text(RESELLERS), LIST);
    assert.deepEqual(await grants.of('rita'), []);
    calls = [];
    await grants.revoke('rita');
    assert.deepEqual(calls, []);
  });

  it('are refused where WHM loses, adds or does not know a privilege, and the reseller keeps what they had', async () => {
    const ways: readonly ((wanted: string[]) => string[])[] = [
      (wanted) => wanted.filter((each) => each !== 'software-other'),
      (wanted) => wanted.filter((each) => each !== OURS),
      (wanted) => [...wanted, 'all'],
      () => [],
    ];
    for (whm of ways) {
      await assert.rejects(grants.allow('rita', 'setup'), refused('command-failed', /they are as before/));
      assert.equal(disk.text(RESELLERS), LIST);
      assert.deepEqual(await grants.of('rita'), []);
    }
  });

  it('are refused to who is no reseller, may everything, or has what cannot be sent to WHM', async () => {
    disk.put(RESELLERS, `${LIST}odd:list-accts,x y\n`);
    await assert.rejects(grants.allow('nobody', 'setup'), refused('not-found', /is not a reseller/));
    await assert.rejects(grants.allow('rit', 'setup'), refused('not-found', /is not a reseller/));
    await assert.rejects(grants.allow('amy', 'setup'), refused('invalid', /may do everything already/));
    await assert.rejects(grants.allow('odd', 'setup'), refused('unsupported', /"x y"/));
    assert.deepEqual([calls, disk.text(PATH)], [[], null]);
  });

  it('are not given when they cannot be kept, and neither is the privilege', async () => {
    disk.readOnly.add(PATH);
    await assert.rejects(grants.allow('rita', 'setup'), refused('access-denied', /read-only/));
    assert.equal(disk.text(RESELLERS), LIST);
  });

  it('are gone even when WHM does not take the privilege back, and that is said', async () => {
    await grants.allow('rita', 'setup');
    whm = (wanted) => [...wanted, OURS];
    await assert.rejects(
      grants.revoke('rita'),
      refused('command-failed', /The grant is taken back, but rita can still/),
    );
    assert.deepEqual(await grants.of('rita'), []);
  });

  it('of a reseller whom WHM lists no more are shown, and can be taken back', async () => {
    await grants.allow('sam', 'setup');
    disk.put(RESELLERS, 'rita:list-accts\n');
    assert.deepEqual((await grants.list())[1], { reseller: 'sam', privilege: 'gone', actions: ['setup'] });
    await grants.revoke('sam');
    assert.deepEqual((await grants.list()).length, 1);
  });

  it('of two at once are both kept', async () => {
    disk.put(RESELLERS, `a:${OURS}\nb:${OURS}\nc:x\n`);
    await Promise.all(['a', 'b', 'c'].map((name) => grants.allow(name, 'setup')));
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((name) => grants.of(name))), [
      ['setup'],
      ['setup'],
      ['setup'],
    ]);
  });

  it('that cannot be read are nobody’s', async () => {
    disk.put(PATH, '{"grants": [');
    await assert.rejects(grants.of('sam'), refused('unsupported', /nothing counts as granted/));
    await assert.rejects(grants.allow('sam', 'setup'), refused('unsupported', /repair or remove it/));
    assert.equal(disk.text(PATH), '{"grants": [');
  });
});
