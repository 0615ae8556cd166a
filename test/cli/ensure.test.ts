import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArguments } from '../../src/cli/arguments.ts';
import { ensureRight } from '../../src/cli/ensure.ts';
import { watch } from '../../src/cli/watch.ts';
import { Problem } from '../../src/core/problem.ts';
import { settingsInput } from '../../src/core/settings.ts';
import type { Product } from '../../src/runs/product.ts';
import { keepWatching, readWatching } from '../../src/runs/watching.ts';
import { settings } from '../engine/server.ts';
import { exit, PLACES, rebuildFirewall, setUp, watched, type Watched } from '../runs/watched.ts';

interface Said {
  readonly code: number;
  readonly out: string;
}

describe('the verbs of the watch', () => {
  let folder = '';
  let on: Watched;
  let product: Product;
  let told: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ensure-'));
    on = watched(folder);
    const remembered = { settings: settings() };
    product = { ...on, watch: PLACES, remembered: () => Promise.resolve(remembered) } as unknown as Product;
    told = [];
    on.server.programs.set(PLACES.notify, (argv) => {
      told.push(argv[1] ?? '');
      return exit(argv, 0);
    });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function ensure(...options: string[]): Promise<Said> {
    let out = '';
    const voice = {
      out: (text: string) => void (out += text),
      err: () => undefined,
      cancel: new AbortController().signal,
    };
    const code = await ensureRight(product, parseArguments(['ensure', ...options]), voice);
    return { code, out };
  }

  it('print one line and end with 0 when nothing is to do or it is repaired', async () => {
    assert.match((await ensure()).out, /^No run has set up passive FTP here[^\n]*\n$/);
    await setUp(on);
    const right = await ensure();
    assert.deepEqual([right.code, right.out.split('\n').length], [0, 2]);
    rebuildFirewall(on);
    const repaired = await ensure();
    assert.equal(repaired.code, 0);
    assert.match(repaired.out, /^What was set up is undone[^\n]* Repaired by run \S+\.\n$/);
    assert.deepEqual(told, []);
  });

  it('end with 1 when it could not be repaired and with 5 when a run is at work', async () => {
    await setUp(on);
    rebuildFirewall(on);
    const release = await on.shelf.lock('20261122T102299Z-aaaaaa');
    const busy = await ensure('--json');
    await release();
    assert.equal(busy.code, 5);
    assert.equal((JSON.parse(busy.out) as { outcome: string }).outcome, 'busy');
    on.server.disk.readOnly.add('/etc/nftables.conf');
    const failed = await ensure();
    assert.equal(failed.code, 1);
    assert.match(failed.out, /read-only\.\n$/);
  });

  it('repair nothing unattended while nobody has turned the watch on, or only to tell', async () => {
    await setUp(on);
    rebuildFirewall(on);
    const undone = on.server.state();
    await keepWatching(on.engine, PLACES, { mode: 'notify', told: null, failedPlan: null, right: null });
    for (let again = 0; again < 2; again += 1) assert.equal((await ensure('--unattended')).code, 1);
    assert.deepEqual(told, ['server.example.com: passive FTP was undone']);
    on.server.disk.put(PLACES.state, null);
    assert.deepEqual(on.server.state(), undone);
  });

  it('repair unattended and tell when the watch is on', async () => {
    await setUp(on);
    rebuildFirewall(on);
    await keepWatching(on.engine, PLACES, { mode: 'repair', told: null, failedPlan: null, right: null });
    for (let again = 0; again < 2; again += 1) assert.equal((await ensure('--unattended')).code, 0);
    assert.deepEqual(told, ['server.example.com: passive FTP was undone and is repaired']);
  });

  it('say how the watch stands, and refuse what is not theirs', async () => {
    let out = '';
    const call = (...words: string[]): Promise<number> =>
      watch(product, parseArguments(['watch', ...words]), (text) => void (out += text));
    on.server.programs.set('/usr/bin/systemctl', (argv) => exit(argv, argv[1] === 'is-enabled' ? 1 : 0));
    assert.equal(await call('status'), 0);
    assert.equal(out, 'The watch is off.\n');
    out = '';
    assert.equal(await call('on'), 0);
    assert.match(out, /^The watch looks never and repairs .* Nothing is kept right yet: /);
    await setUp(on);
    rmSync(join(folder, 'runs'), { recursive: true });
    out = '';
    assert.equal(await call('on'), 0);
    assert.doesNotMatch(out, /Nothing is kept right yet/);
    assert.deepEqual((await readWatching(on.engine, PLACES)).right, settingsInput(settings()));
    for (const words of [['frob'], ['off', '--notify-only']]) {
      await assert.rejects(call(...words), (error) => error instanceof Problem && error.code === 'invalid');
    }
  });
});
