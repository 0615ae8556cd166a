import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry } from '../../src/engine/journal.ts';
import { changesAnything } from '../../src/engine/undo.ts';
import { ensure, WATCH, type EnsureChoice, type Ensured } from '../../src/runs/ensure.ts';
import { standing } from '../../src/runs/standing.ts';
import { exits } from '../engine/applying.ts';
import { SETUP, settings } from '../engine/server.ts';
import { CONF, LOCAL } from '../ftp/cpanel.ts';
import { rebuildFirewall, setUp, watched, WHO, type Watched } from './watched.ts';

const CHOICE: EnsureChoice = {
  repair: true,
  unattended: false,
  failedPlan: null,
  right: null,
  cancel: new AbortController().signal,
};

describe('ensure', () => {
  let folder = '';
  let on: Watched;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ensure-'));
    on = watched(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const look = (some: Partial<EnsureChoice> = {}): Promise<Ensured> => ensure(on, { ...CHOICE, ...some });
  const idsOf = ({ findings }: Ensured): string[] => findings.map(({ id }) => id);

  async function untouched(some: Partial<EnsureChoice> = {}): Promise<Ensured> {
    const [before, runs] = [on.server.state(), (await on.book.list()).length];
    const ensured = await look(some);
    assert.deepEqual(on.server.state(), before);
    assert.equal((await on.book.list()).length, runs);
    return ensured;
  }

  /** Stores from before, as a restored backup brings them. */
  function restoreStores(): void {
    on.server.disk.put(LOCAL, 'PassivePortRange: 30000 30100\n');
    on.server.rebuild();
  }

  it('leaves a server alone that no run has set up', async () => {
    assert.equal((await untouched()).outcome, 'not-ours');
  });

  it('does nothing while what was set up holds', async () => {
    await setUp(on);
    const { outcome, sentence } = await untouched();
    assert.equal(outcome, 'right');
    assert.match(sentence, /^What run \S+ set up still holds\.$/);
  });

  it('repairs rules that a rebuild of the firewall has taken, with a run of its own', async () => {
    const first = await setUp(on);
    const whole = on.server.state();
    rebuildFirewall(on);
    const status = await standing(on, settings());
    const by = status.findings.find(({ id }) => id === 'undone-by');
    assert.match(by?.title ?? '', /by a rebuild of the firewall/);
    assert.match(by?.fact ?? '', new RegExp(`^Run ${first} ended .*/etc/nftables\\.conf was written `));

    const ensured = await look();
    assert.equal(ensured.outcome, 'repaired', ensured.sentence);
    assert.deepEqual(idsOf(ensured), ['range-blocked-ipv4', 'range-blocked-ipv6', 'boot-blocked']);
    const repair = await on.book.run(ensured.run ?? '');
    assert.deepEqual([repair.who, repair.verb, repair.state], [WATCH, 'apply', 'done']);
    assert.match(ensured.sentence, new RegExp(`Repaired by run ${repair.id}\\.$`));
    assert.deepEqual(textsOf(on.server.state()), textsOf(whole));
    assert.equal((await untouched()).outcome, 'right');
  });

  it('repairs stores and file that somebody has written anew', async () => {
    await setUp(on, { range: [50000, 51000] });
    restoreStores();
    const ensured = await look();
    assert.equal(ensured.outcome, 'repaired', ensured.sentence);
    assert.match(on.server.disk.text(CONF) ?? '', /^PassivePortRange\s+50000 51000$/m);
  });

  it('is asked about what was chosen: other settings are not undone', async () => {
    await setUp(on);
    rebuildFirewall(on);
    const { findings } = await standing(on, settings({ range: [50000, 51000] }));
    assert.ok(!findings.some(({ id }) => id === 'undone-by'));
  });

  it('only tells when it may only look', async () => {
    await setUp(on);
    rebuildFirewall(on);
    const ensured = await untouched({ repair: false });
    assert.equal(ensured.outcome, 'undone');
    assert.match(ensured.sentence, /Nothing was changed/);
  });

  it('gives up what is undone again and again, until somebody asks for it or a day has passed', async () => {
    await setUp(on);
    for (let repairs = 0; repairs < 4; repairs++) {
      rebuildFirewall(on);
      assert.equal((await look({ unattended: true })).outcome, 'repaired');
    }
    rebuildFirewall(on);
    const tired = await untouched({ unattended: true });
    assert.equal(tired.outcome, 'undone');
    assert.match(tired.sentence, /It was repaired 4 times within a day, so something undoes it: /);
    assert.equal((await look()).outcome, 'repaired');
    rebuildFirewall(on);
    await on.server.ports.clock.sleep(25 * 60 * 60 * 1000);
    assert.equal((await look({ unattended: true })).outcome, 'repaired');
  });

  it('does not put back what the administrator has undone', async () => {
    const run = await setUp(on);
    await (
      await on.runner.undo({ run, who: WHO })
    ).ended;
    assert.equal((await untouched()).outcome, 'not-ours');
  });

  it('keeps what was right without a run, as it was when the watch was turned on', async () => {
    await setUp(on);
    rmSync(join(folder, 'runs'), { recursive: true });
    const right = settings();
    const holds = await untouched({ right });
    assert.equal(holds.sentence, 'What was right when the watch was turned on still holds.');
    rebuildFirewall(on);
    assert.equal((await untouched()).outcome, 'not-ours');
    assert.equal((await look({ right })).outcome, 'repaired');
  });

  it('goes by the settings of the last run', async () => {
    await setUp(on);
    await setUp(on, { range: [50000, 51000] });
    assert.equal((await untouched()).outcome, 'right');
    rebuildFirewall(on);
    assert.equal((await look()).outcome, 'repaired');
    assert.notEqual(on.server.kernel.meet('ipv4', 50500).outcome, 'refused');
    assert.equal(on.server.kernel.meet('ipv4', 60000).outcome, 'refused');
  });

  it('keeps only the half that was set up', async () => {
    await setUp(on, { only: 'firewall' });
    assert.equal((await untouched()).outcome, 'right');
    rebuildFirewall(on);
    const { findings } = await standing(on, settings());
    assert.ok(findings.some(({ id }) => id === 'undone-by'));
    const ensured = await look();
    assert.equal(ensured.outcome, 'repaired', ensured.sentence);
    assert.ok(!on.server.calls.some((call) => call.startsWith(SETUP)));
  });

  it('says why when it cannot, and does not try the same again', async () => {
    await setUp(on);
    restoreStores();
    const broken = on.server.state();
    const good = on.server.programs.get(SETUP);
    on.server.programs.set(SETUP, exits(1));
    const failed = await look();
    assert.equal(failed.outcome, 'failed');
    assert.ok(failed.plan !== null);
    assert.match(failed.sentence, /Everything was put back as it was found\.$/);
    assert.deepEqual(textsOf(on.server.state()), textsOf(broken));

    const again = await untouched({ failedPlan: failed.plan });
    assert.equal(again.outcome, 'failed');
    assert.match(again.sentence, /same repair has failed before/);
    assert.ok(good !== undefined);
    on.server.programs.set(SETUP, good);
    assert.equal((await look()).outcome, 'repaired');
  });

  it('waits for a run that is at work', async () => {
    await setUp(on);
    rebuildFirewall(on);
    const release = await on.shelf.lock('20261122T102299Z-aaaaaa');
    const ensured = await untouched();
    assert.equal(ensured.outcome, 'busy');
    await release();
  });

  it('asks for a cut-off run to be put back first', async () => {
    const run = await setUp(on);
    const cut = '20261122T999999Z-bbbbbb';
    await on.shelf.create(cut);
    const { verb, who, settings: given, plan } = await on.book.run(run);
    const started = '2999-01-01T00:00:00.000Z';
    const step = plan.steps.find(changesAnything)?.id ?? assert.fail();
    const lines: Entry[] = [
      { at: 'begin', verb, who, settings: given, plan, started },
      { at: 'step', step, state: 'running', saved: [] },
    ];
    for (const line of lines) await on.shelf.addToJournal(cut, JSON.stringify(line));
    const ensured = await untouched();
    assert.equal(ensured.outcome, 'failed');
    assert.match(ensured.sentence, new RegExp(`put it back first, with "ftp-passive undo ${cut}"`));
  });
});

/** A server's state without the times of its files. */
function textsOf(state: unknown): unknown {
  return JSON.parse(
    JSON.stringify(state, (_, value: unknown) => (value instanceof Map ? [...value] : value)).replaceAll(
      /\\"mtimeMs\\":[\d.]+/g,
      '',
    ),
  );
}
