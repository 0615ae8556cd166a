import assert from 'node:assert/strict';
import { DIALECTS, type Dialect, spoken } from '../ftp/dialects.ts';
import { type Row, WILD } from '../ftp/wild.ts';
import { writeFiles } from '../sandbox/files.ts';
import { type Machine, ok } from '../sandbox/machine.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { changes } from '../table/state.ts';
import { json, snapshot } from './scene.ts';

/** Stores that real parsers and daemons stumble over, each in another way; the whole table is in test/engine. */
const CHOSEN = [
  'the documented commands, followed twice',
  'main that brings back what local had',
  'a quoted tilde',
  "the other server's keys",
  'grown over years, without a last newline',
  'an old cache that hides a right store',
  'Windows line ends',
  'entries run together',
];

for (const dialect of DIALECTS) {
  describe(`stores in the wild, with the real ${dialect.server.title}`, function () {
    this.timeout(120_000);
    let sandbox: Sandbox;

    before(async () => (sandbox = await startSandbox({ ftp: dialect.server.name, nat: true })));
    after(() => sandbox.stop());

    for (const chosen of CHOSEN) {
      const row = WILD.find(({ store }) => store.startsWith(chosen)) ?? assert.fail(chosen);
      it(`are set right, and put back byte for byte: ${spoken(row.store, dialect)}`, () =>
        thereAndBack(sandbox.server, row, dialect));
    }
  });
}

async function thereAndBack(server: Machine, row: Row, dialect: Dialect): Promise<void> {
  await furnish(server, row, dialect);
  const { range, address } = row.wish;
  const wish = ['--only', 'ftp', '--range', range.join('-'), '--public-address', address ?? 'none'];
  const before = await bytes(server);

  const { document: applied } = await json(server, 'apply', '--yes', ...wish);
  assert.equal(applied.state, 'done', JSON.stringify(applied));
  const { document: status } = await json(server, 'status', ...wish);
  const wrong = status.findings.filter(({ level }) => level === 'bad' || level === 'warn');
  assert.deepEqual([status.ok, wrong], [true, []]);
  assert.deepEqual(status.ftp.range.live, range);
  assert.equal(status.ftp.passiveAddress.live, address);
  const text = await ok(server.run(['cat', dialect.local]));
  for (const line of foreignLines(spoken(row.local ?? '', dialect), dialect))
    assert.ok(text.includes(line), `${line} is gone: ${text}`);

  const { document: again } = await json(server, 'apply', '--yes', ...wish);
  assert.equal(again.state, 'nothing-to-do', JSON.stringify(again));
  const { document: undone } = await json(server, 'undo', '--yes');
  assert.equal(undone.state, 'done', JSON.stringify(undone));
  assert.deepEqual(changes(before, await bytes(server)), []);
}

/** The row's stores in the places of what was there; the older ones first. */
async function furnish(server: Machine, row: Row, dialect: Dialect): Promise<void> {
  const { main, local } = dialect;
  // The stand-in of uapi leaves its lock behind.
  await ok(server.run(['touch', '/etc/proftpd/passwd.vhosts.lock']));
  await ok(server.run(['rm', '-f', main, local, `${main}.cache`, `${local}.cache`]));
  for (const [path, text] of [
    [main, row.main],
    [local, row.local],
    [`${local}.cache`, row.localCache],
  ] as const)
    if (text !== undefined) await writeFiles(server, { [path]: { text: spoken(text, dialect) } });
}

/** Comments and entries that have nothing to do with passive FTP, without the blanks around them. */
function foreignLines(text: string, { rangeKey, addressKey, foreign }: Dialect): string[] {
  const passive = new RegExp([rangeKey, addressKey, ...foreign].join('|'));
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !passive.test(line));
}

async function bytes(server: Machine): Promise<string> {
  return (await snapshot(server)).replace(/ [\d.]+$/gm, '');
}
