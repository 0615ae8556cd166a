import assert from 'node:assert/strict';
import { stub } from 'sinon';
import { Problem } from '../../src/core/problem.ts';
import { lastOf } from '../../src/outside/last.ts';
import { PROOF } from '../outside/samples.ts';
import { createFakeDesk, createFakeRecording, type FakeDesk } from './fake-desk.ts';
import { createFakeOutside } from './fake-outside.ts';
import { openHouse, RESELLER_LOGIN, ROOT_LOGIN, type House } from './house.ts';
import { DONE, EMPTY_PLAN, FAILED, GOOD_STATUS, LEADING_STATUS, RUNNING } from './samples.ts';

describe('the pages', () => {
  const recording = createFakeRecording();
  recording.mark('s1 running: Write');
  recording.output('\x1b[31mred\x1b[0m <b>bold</b>\r\n\x1b]0;title\x07plain\r\n');
  let desk: FakeDesk;
  let house: House;

  beforeEach(async () => {
    desk = createFakeDesk(recording);
    house = await openHouse(desk);
  });
  afterEach(() => house.close());

  it('draw the status with path, findings and truths', async () => {
    const { status, text, headers } = await house.get('/status');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.match(
      text,
      /10\.0\.0\.5 is 203\.0\.113\.10 outside\. The FTP server tells clients its local address/,
    );
    assert.match(text, /49152-65534 is blocked by: ip filter INPUT policy drop/);
    assert.match(text, /first to differ: the running server/);
    assert.match(text, /could not tell: this machine has no IPv6/);
    assert.ok(
      text.indexOf('Clients are told') < text.indexOf('The FTP server runs'),
      'the worst comes first',
    );
    assert.match(text, /href="\?r=plan">Set up passive FTP/);
  });

  it('draw the path twice, for wide and for narrow, with the way in words', async () => {
    const { text } = await house.get('/status');
    assert.deepEqual(text.match(/class="picture (?:across|down)"/g), [
      'class="picture across"',
      'class="picture down"',
    ]);
    assert.match(
      text,
      /role="img" aria-label="Client: right, .*wrong, 203\.0\.113\.10 is, 10\.0\.0\.5 here\./,
    );
    assert.match(text, /A transfer comes no further than “NAT \(address translation\)”\./);
    assert.match(text, /“come to 10\.0\.0\.5, to a port of 30000-50000”/);
  });

  it('show text from the machine as text', async () => {
    const { text } = await house.get('/status');
    assert.match(text, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
    assert.doesNotMatch(text, /<script>/);
  });

  it('say when all is right', async () => {
    desk.status.resolves(GOOD_STATUS);
    const { text } = await house.get('/status');
    assert.match(text, /Passive FTP is set up, as far as this server can see/);
    assert.match(text, /they agree/);
    assert.match(text, /Nothing to report/);
  });

  it('lead from what the firewall does to the rules that decide it, for root only', async () => {
    desk.status.resolves(LEADING_STATUS);
    const links = async (login: typeof ROOT_LOGIN): Promise<string[]> =>
      (await house.get('/status', login)).text.match(/\?r=reach&amp;port=[\d-]+">[^<]+/g) ?? [];
    const link = '?r=reach&amp;port=49152-65534">';
    assert.deepEqual(await links(ROOT_LOGIN), [
      `${link}Which rules decide`,
      `${link}Which rule stops them`,
      `${link}The way of 49152-65534`,
    ]);
    assert.deepEqual(await links(RESELLER_LOGIN), []);
  });

  it('say what the last proof from outside came to, to root and to whoever made it', async () => {
    const outside = createFakeOutside();
    const proven = await openHouse(desk, { outside });
    const shown = async (login = ROOT_LOGIN): Promise<string> => (await proven.get('/status', login)).text;
    assert.doesNotMatch(await shown(), /Last tried/);
    const at = Date.parse('2026-11-22T10:00:00Z');
    const open = { verdict: 'open', doubts: [], ports: [], witnesses: [] } as const;
    outside.lastProof.resolves(lastOf(PROOF, open, at));
    assert.match(await shown(), /Last tried from outside on 2026-11-22 10:00:00 UTC, by root\. /);
    assert.doesNotMatch(await shown(RESELLER_LOGIN), /Last tried/);
    outside.lastProof.resolves(lastOf({ ...PROOF, user: 'rita' }, open, at));
    assert.match(await shown(RESELLER_LOGIN), /Last tried/);
    await proven.close();
  });

  it('lead to a run that goes on', async () => {
    desk.runs.resolves([RUNNING]);
    const { text } = await house.get('/status');
    assert.match(text, /started by root: <a href="\?r=runs\/r-20261122-1">follow it/);
  });

  it('preview a plan with reasons, commands, diffs, the script and what cannot be undone', async () => {
    const { text, status } = await house.get('/plan');
    assert.equal(status, 200);
    assert.match(text, /The chain’s policy drops it\./);
    assert.match(text, /<code>\/usr\/local\/cpanel\/scripts\/setupftpserver pure-ftpd --force<\/code>/);
    assert.match(text, /<span class="added">\+PassivePortRange: &#x27;49152 65534&#x27;\n<\/span>/);
    assert.equal(text.match(/cannot be undone/g)?.length, 1);
    assert.match(
      text,
      /<td class="number">1<\/td><td class="old">-PassivePortRange: ~<\/td><td class="number">1<\/td><td class="new">\+Pass/,
    );
    assert.match(text, /<dt>What it interrupts<\/dt><dd>The FTP server restarts/);
    assert.match(text, /<dt>What cannot be put back<\/dt><dd>Step 3: Open the range\.<\/dd>/);
    assert.match(text, /#!\/bin\/sh\nset -eu/);
    assert.match(text, /name="plan" value="plan-4f1c"/);
    assert.match(text, new RegExp(`name="csrf" value="${house.csrf()}"`));
  });

  it('plan with the settings of the form', async () => {
    const { text } = await house.get('/plan?range=50000-50010&address=none&ipv6=0&firewall=csf');
    assert.match(text, /50000-50010 are 11 ports, enough for 5 clients/);
    assert.match(text, /name="firewall" value="csf"/);
    const [settings] = desk.plan.firstCall.args;
    assert.deepEqual(settings, {
      range: [50000, 50010],
      passiveAddress: 'none',
      ipv6: false,
      firewall: 'csf',
      only: null,
      override: null,
    });
  });

  it('show a wrong setting where it was typed, with one sentence and no plan', async () => {
    const { status, text } = await house.get('/plan?range=70000-80000');
    assert.equal(status, 400);
    assert.match(text, /Port 70000 is above 65535/);
    assert.match(text, /value="70000-80000"/);
    assert.doesNotMatch(text, /Apply this plan/);
    assert.equal(desk.plan.callCount, 0);
  });

  it('offer nothing to apply when nothing is to do', async () => {
    desk.plan.resolves(EMPTY_PLAN);
    const { text } = await house.get('/plan');
    assert.match(text, /Nothing would be changed/);
    assert.doesNotMatch(text, /Apply this plan/);
  });

  it('show a run without the help of a script', async () => {
    const { text } = await house.get(`/runs/${RUNNING.id}`);
    assert.match(text, /<noscript><meta http-equiv="refresh" content="3">/);
    assert.match(text, /<div class="mark state-running"><span>Step 1 running: Write<\/span><\/div>/);
    assert.match(
      text,
      /<div class="line"><span class="ansi-red">red<\/span><span> &lt;b&gt;bold&lt;\/b&gt;<\/span><\/div><div class="line"><span>plain<\/span><\/div>/,
    );
    assert.match(text, /<dd id="elapsed">42 s<\/dd>/);
    assert.doesNotMatch(text, /Put back what this run changed/);
  });

  it('offer to put a finished run back, and only what is still there to put back', async () => {
    const put = /action="\?r=runs\/r-20261122-1\/undo"/;
    const shown = async (record: typeof DONE): Promise<string> => {
      desk.run.resolves(record);
      return (await house.get(`/runs/${RUNNING.id}`)).text;
    };
    assert.match(await shown(DONE), put);
    assert.match(await shown({ ...DONE, state: 'interrupted' }), put);
    assert.doesNotMatch(await shown({ ...DONE, changed: false }), put);
    assert.doesNotMatch(await shown({ ...DONE, undoneBy: 'r-9' }), put);
    assert.doesNotMatch(await shown({ ...DONE, verb: 'undo' }), put);
    assert.match(await shown({ ...DONE, undoneBy: 'r-9' }), /href="\?r=runs\/r-9"/);
  });

  it('tell how a failed run ended, step by step', async () => {
    desk.run.resolves(FAILED);
    const { text } = await house.get(`/runs/${RUNNING.id}`);
    assert.match(text, /nft ended with exit code 1\./);
    assert.match(text, /Error: &lt;img src&#x3D;x onerror&#x3D;alert\(1\)&gt;/);
    assert.match(text, /data-step="s1" class="state-left"[^]*could not be put back/);
    assert.match(text, /data-step="s4" class="state-waiting"[^]*not run/);
  });

  it('lead from a run that failed and was put back to a new plan with the same settings', async () => {
    const again = async (change: Partial<typeof FAILED>): Promise<string | undefined> => {
      desk.run.resolves({ ...FAILED, state: 'undone', ...change });
      return /href="\?r=([^"]*)">Plan it again/.exec((await house.get(`/runs/${RUNNING.id}`)).text)?.[1];
    };
    const plan =
      'plan&amp;range&#x3D;49152-65534&amp;address&#x3D;auto&amp;ipv6&#x3D;1&amp;firewall&#x3D;auto';
    assert.equal(await again({}), plan);
    assert.equal(await again({ settings: { ...FAILED.settings, only: 'live' } }), 'live-port');
    for (const change of [{ state: 'failed' }, { state: 'done' }, { verb: 'undo' }] as const)
      assert.equal(await again(change), undefined);
  });

  it('show the settings to change, the watch and the port of live output', async () => {
    desk.watch.resolves({ mode: 'repair', timer: true, hook: false });
    const { text } = await house.get('/settings');
    assert.match(text, /name="range" value="49152-65534"/);
    assert.match(text, /are 16383 ports, enough for 8191 clients/);
    assert.match(text, /Every 15 minutes the watch repairs what was undone/);
    assert.match(text, /over TCP port 20871/);
    assert.match(text, /<form method="get" class="choices">\s*<input type="hidden" name="r" value="plan">/);
  });

  it('explain themselves, and lead only where the caller may go', async () => {
    const { text } = await house.get('/help');
    assert.match(text, /<dt><a href="\?r=verify">Verify<\/a><\/dt>/);
    const theirs = (await house.get('/help', RESELLER_LOGIN)).text;
    assert.match(theirs, /<dt><a href="\?r=status">Status<\/a><\/dt>/);
    assert.doesNotMatch(theirs, /r=(?:verify|plan|settings|diagnose)/);
  });

  it('list the runs', async () => {
    const { text } = await house.get('/runs');
    assert.match(text, /2026-11-22 10:00:00 UTC/);
    assert.match(text, /1 min 7 s/);
  });

  it('carry the fragment that WHM’s own page takes', async () => {
    for (const path of [
      '/status',
      '/plan',
      '/settings',
      '/help',
      '/runs',
      `/runs/${RUNNING.id}`,
      '/nothing',
    ]) {
      const { text } = await house.get(path);
      const fragment = /<!-- ftp-passive:body -->([^]*)<!-- \/ftp-passive:body -->/.exec(text)?.[1] ?? '';
      assert.equal(fragment.match(/<h1>/g)?.length, 1, path);
      assert.equal(fragment.match(/<main /g)?.length, 1, path);
    }
  });

  it('become an error page with the right status and one sentence', async () => {
    assert.equal((await house.get('/nothing')).status, 404);
    assert.equal((await house.get('/runs/other')).status, 404);
    assert.equal((await house.get('/runs/%2e%2e')).status, 404);
    assert.equal((await house.get('/runs/%zz')).status, 400);
    desk.runs.rejects(new Problem('timeout', 'nft did not answer.'));
    const slow = await house.get('/runs');
    assert.equal(slow.status, 504);
    assert.match(slow.text, /<h1>Took too long<\/h1>[^]*nft did not answer\./);
    assert.deepEqual(house.reported, []);
  });

  it('report a failure that nobody foresaw', async () => {
    const broken = { ...createFakeDesk(), runs: stub().rejects(new Error('boom')) };
    const other = await openHouse(broken);
    assert.equal((await other.get('/runs')).status, 500);
    assert.deepEqual(
      other.reported.map((problem) => problem.message),
      ['boom'],
    );
    await other.close();
  });

  it('answer the page’s own code in JSON', async () => {
    const { status, text } = await house.get('/runs/other/events');
    assert.equal(status, 404);
    assert.deepEqual(JSON.parse(text), { problem: { code: 'not-found', message: 'There is no run other.' } });
  });

  it('let in nobody but root', async () => {
    const others = [
      {},
      { ...ROOT_LOGIN, 'x-whm-root': '0' },
      { ...ROOT_LOGIN, 'x-whm-root': '1, 1' },
      { ...ROOT_LOGIN, 'x-whm-user': '' },
      { ...ROOT_LOGIN, 'x-whm-session': '' },
    ];
    for (const headers of others) assert.equal((await house.get('/status', headers)).status, 403);
    assert.equal(desk.status.callCount, 0);
  });
});
