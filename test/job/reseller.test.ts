import assert from 'node:assert/strict';
import { ROUTES } from '../../src/http/app.ts';
import type { ResellerStanding } from '../../src/runs/grants.ts';
import { formOf } from '../sandbox/once.ts';
import { ok } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { transfer } from '../sandbox/transfer.ts';
import { ask, type Answer, type Browser, logIn } from '../sandbox/whm/browser.ts';
import { cli, json, shell } from './scene.ts';

const PAGE = '/cgi/ftp_passive/index.cgi';
const RESELLERS = '/var/cpanel/resellers';
const APP = '/var/cpanel/apps/ftp_passive.conf';

/** Who one is, said by the browser itself, in the words of the CGI, of WHM and of proxies. */
const FORGED: Readonly<Record<string, string>> = {
  'x-whm-user': 'root',
  'x-whm-root': '1',
  'x-whm-acl': '1',
  'x-whm-session': '/cpsess1',
  'remote-user': 'root',
  'x-remote-user': 'root',
  'x-forwarded-for': '127.0.0.1',
};

/** What the privilege alone opens; a proof from outside that is not there is not found. */
const LOOK: Readonly<Record<string, number>> = {
  'get /status': 200,
  'get /help': 200,
  'get /outside': 200,
  'get /outside/:proof': 404,
  'get /outside/:proof/result': 404,
};

describe('a reseller in WHM', function () {
  this.timeout(120_000);
  this.bail(true);
  let sandbox: Sandbox;
  let root: Browser;
  let rita: Browser;
  let sam: Browser;
  let run = '';
  let rootsRun = '';

  before(async () => {
    sandbox = await startSandbox({ install: true, nat: true });
    await enter();
  });
  after(() => sandbox.stop());

  /** Logs everybody in; a restart of WHM ends sessions. */
  async function enter(): Promise<void> {
    await sandbox.ready();
    const as = (name: string): Promise<Browser> => {
      const user = sandbox.users.find((each) => each.name === name);
      return logIn(sandbox.url, { name, password: user?.password ?? '' });
    };
    root = await as('root');
    rita = await as('rita');
    sam = await as('sam');
  }

  /** One request through WHM with headers of the browser's own making. */
  function forge(browser: Browser, method: 'get' | 'post', place: string, csrf = ''): Promise<Answer> {
    const own = { origin: sandbox.url, 'sec-fetch-site': 'same-origin' };
    const form = { csrf, plan: 'x', reseller: 'sam', action: 'setup', log: 'x', force: '1' };
    return ask(`${sandbox.url}${browser.token}${PAGE}?r=${place}`, {
      cookie: browser.cookie,
      headers: { ...FORGED, ...(method === 'post' ? own : {}) },
      ...(method === 'post' ? { method: 'POST', form } : {}),
    });
  }

  /** The answers of all routes, as `get /status 200`. */
  async function everywhere(browser: Browser, id: string, csrf = ''): Promise<string[]> {
    const answers: string[] = [];
    for (const [method, path] of ROUTES) {
      const place =
        path.slice(1).replace(':run', id).replace(':proof', 'gone') +
        (path.endsWith('/events') ? '&wait=0' : '');
      answers.push(`${method} ${path} ${(await forge(browser, method, place, csrf)).status}`);
    }
    return answers;
  }

  const refusedBut = (open: Readonly<Record<string, number>>): string[] =>
    ROUTES.map(([method, path]) => `${method} ${path} ${open[`${method} ${path}`] ?? 403}`);

  const csrfOf = (html: string): string => /(?:name="csrf" value|data-csrf)="(\w+)"/.exec(html)?.[1] ?? '';

  it('without the privilege is refused by WHM, and by the plugin where WHM would let anybody in', async () => {
    assert.doesNotMatch((await rita.get('/')).body, /FTP Passive Mode/);
    assert.deepEqual(await everywhere(rita, 'r'), refusedBut({}));
    const acls = await shell(sandbox.server, `grep ^acls= ${APP} && sed -i 's/^acls=.*/acls=any/' ${APP}`);
    await ok(sandbox.server.run(['/usr/local/cpanel/scripts/restartsrv_cpsrvd']));
    await enter();
    const { status, body } = await rita.get(PAGE);
    assert.equal(status, 403);
    assert.match(body, /This page is for root and for WHM users whom root has given its privilege/);
    assert.deepEqual(await everywhere(rita, 'r'), refusedBut({}));
    await shell(sandbox.server, `sed -i 's/^acls=.*/${acls.trim()}/' ${APP}`);
    await ok(sandbox.server.run(['/usr/local/cpanel/scripts/restartsrv_cpsrvd']));
    await enter();
  });

  it('with the privilege sees the status without what is root’s, and can do nothing', async () => {
    assert.match((await sam.get('/')).body, /FTP Passive Mode/);
    const { status, body } = await sam.get(PAGE);
    assert.equal(status, 200);
    assert.match(body, /Passive FTP does not work as it is/);
    assert.match(body, /Setting up passive FTP is for root, and for those to whom root has granted it/);
    assert.doesNotMatch(body, /PASV names|policy drop|href="\?r=(?:plan|setup|runs|settings)/);
    assert.match((await root.get(PAGE)).body, /PASV names 10\.0\.0\.5/);
    assert.deepEqual(await everywhere(sam, 'r'), refusedBut(LOOK));
  });

  it('is granted the one click on root’s page', async () => {
    const before = await shell(sandbox.server, `cat ${RESELLERS}`);
    const settings = await root.get(`${PAGE}?r=settings`);
    assert.match(settings.body, /Let sam set up passive FTP/);
    const form = { csrf: csrfOf(settings.body), reseller: 'sam', action: 'setup' };
    const { status, headers } = await root.post(`${PAGE}?r=grants`, form);
    assert.deepEqual([status, headers.location], [303, '?r=settings']);
    assert.match((await root.get(`${PAGE}?r=settings`)).body, /Take the grant from sam back/);
    assert.equal(await shell(sandbox.server, `cat ${RESELLERS}`), before, 'the privilege was there');
    const file = await shell(
      sandbox.server,
      'cd /var/lib/whm-ftp-passive && stat -c "%U %a" . grants.json && cat grants.json',
    );
    assert.match(file, /^root 700\nroot 600\n/);
    assert.match(file, /"reseller": "sam"/);
  });

  it('is let in by the command, beside the privileges that they had, and back out', async () => {
    const before = await shell(sandbox.server, `cat ${RESELLERS}`);
    const given = await cli(sandbox.server, 'grant', 'rita', 'setup');
    assert.equal(given.code, 0, given.stderr);
    assert.equal(given.stdout, 'rita may look at the status; granted: setup.\n');
    assert.match(
      await shell(sandbox.server, `cat ${RESELLERS}`),
      /^rita:create-acct,list-accts,software-ftp-passive$/m,
    );
    assert.equal((await rita.get(PAGE)).status, 200);
    const { stdout } = await cli(sandbox.server, 'grant', '--json');
    assert.deepEqual(JSON.parse(stdout) as ResellerStanding[], [
      { reseller: 'rita', privilege: 'yes', actions: ['setup'] },
      { reseller: 'sam', privilege: 'yes', actions: ['setup'] },
    ]);
    assert.equal((await cli(sandbox.server, 'grant', 'rita', '--revoke')).code, 0);
    assert.equal(await shell(sandbox.server, `cat ${RESELLERS}`), before);
    assert.equal((await rita.get(PAGE)).status, 403);
  });

  it('sets passive FTP up with one button and root’s settings, follows it, and it is proven', async () => {
    assert.equal((await transfer(sandbox.client, 'curl', 'PASV')).ok, false);
    const preview = await sam.get(`${PAGE}?r=setup`);
    assert.equal(preview.status, 200);
    assert.match(preview.body, /\/usr\/local\/cpanel\/scripts\/setupftpserver pure-ftpd --force/);
    assert.match(preview.body, /\+ForcePassiveIP: 203\.0\.113\.10/);
    const form = formOf(preview.body, 'setup');
    assert.deepEqual(Object.keys(form).sort(), ['csrf', 'plan']);
    // None of these is taken.
    const forged = { range: '1024-2000', address: '192.0.2.1', ipv6: '0', firewall: 'none', only: 'ftp' };
    const { status, headers } = await sam.post(`${PAGE}?r=setup`, { ...form, ...forged });
    assert.equal(status, 303);
    run = /^\?r=runs\/([\w-]+)$/.exec(headers.location ?? '')?.[1] ?? '';
    let recording = '';
    for (let offset = 0; !/"run \w+: [^\n]*\n$/.test(recording); offset = Buffer.byteLength(recording))
      for await (const chunk of sam.stream(`${PAGE}?r=runs/${run}/events&offset=${offset}`))
        recording += chunk.toString();
    assert.match(recording, /"run done: Everything is set up and proven\."/);
    const shown = await sam.get(`${PAGE}?r=runs/${run}`);
    assert.match(shown.body, /Everything is set up and proven\./);
    assert.doesNotMatch(shown.body, /Put back what this run changed/);
    for (const mode of ['PASV', 'EPSV'] as const)
      assert.ok((await transfer(sandbox.client, 'curl', mode)).ok, mode);
    const { document } = await json(sandbox.server, 'runs');
    assert.deepEqual(
      document.map(({ who, settings }) => [who.user, who.via, settings.range, settings.passiveAddress]),
      [['sam', 'whm', '49152-65534', 'auto']],
    );
  });

  it('can do with that run what belongs to it, and nothing else, whatever the browser says of itself', async () => {
    const csrf = csrfOf((await sam.get(`${PAGE}?r=runs/${run}`)).body);
    const theirs = {
      ...LOOK,
      'post /outside': 303,
      'post /outside/:proof/end': 404,
      'get /setup': 200,
      // Everything is set up, so there is nothing to do.
      'post /setup': 303,
      'get /runs/:run': 200,
      'get /runs/:run/events': 200,
      'get /runs/:run/recording': 200,
      'post /runs/:run/confirm': 303,
      'post /runs/:run/ticket': 200,
      'post /runs/:run/lease': 200,
    };
    assert.deepEqual(await everywhere(sam, run, csrf), refusedBut(theirs));
  });

  it('gets nothing at the live port by saying who they are', async () => {
    const csrf = csrfOf((await sam.get(`${PAGE}?r=runs/${run}`)).body);
    assert.equal((await forge(sam, 'post', `runs/${run}/ticket`, csrf)).status, 200, 'the port listens');
    for (const [method, path] of ROUTES) {
      const url = `https://127.0.0.1:${sandbox.livePort}${path.replace(':run', run)}`;
      const form = { csrf };
      const answer = await ask(url, {
        cookie: root.cookie,
        headers: { ...FORGED, origin: sandbox.url },
        ...(method === 'post' ? { method: 'POST', form } : {}),
      });
      assert.equal(answer.status, 404, `${method} ${path}`);
    }
  });

  it('has no part in what root runs', async () => {
    const undone = await json(sandbox.server, 'undo', run, '--yes');
    assert.equal(undone.code, 0);
    rootsRun = undone.document.run ?? '';
    const csrf = csrfOf((await sam.get(`${PAGE}?r=setup`)).body);
    for (const place of ['', '/events&wait=0', '/recording'])
      assert.equal((await forge(sam, 'get', `runs/${rootsRun}${place}`)).status, 403, place);
    for (const place of ['/ticket', '/lease', '/confirm', '/undo', '/cancel'])
      assert.equal((await forge(sam, 'post', `runs/${rootsRun}${place}`, csrf)).status, 403, place);
  });

  it('may only look again once root has taken the grant back', async () => {
    assert.equal((await cli(sandbox.server, 'grant', 'sam', '--revoke')).code, 0);
    assert.deepEqual(await everywhere(sam, run), refusedBut(LOOK));
  });

  it('has left every refusal in the audit, and no secret', async () => {
    const audit = await shell(sandbox.server, 'cd /var/lib/whm-ftp-passive && cat asked.jsonl audit.jsonl');
    const told = audit
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    const of = (user: string, action: string): Record<string, string> | undefined =>
      told.find(
        (each) => each['user'] === user && each['action'] === action && /403/.test(each['result'] ?? ''),
      );
    for (const action of ['POST /apply', 'GET /plan', 'POST /runs/:run/undo'])
      assert.equal(of('sam', action)?.['role'], 'reseller', action);
    assert.ok(
      told.some(({ user, action, about }) => user === 'root' && action === 'grant setup' && about === 'sam'),
    );
    for (const secret of [sam.token, root.token, 'cpsess', 'sandbox-sam'])
      assert.ok(!audit.includes(secret), secret);
  });
});
