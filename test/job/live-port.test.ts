import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { SOAK } from '../house/soak.ts';
import { ok } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { type Browser, logIn } from '../sandbox/whm/browser.ts';
import { cli, json, shell } from './scene.ts';

const PAGE = '/cgi/ftp_passive/index.cgi';
const PORT = 20_871;
const ADDRESSES = ['203.0.113.10', '[2001:db8:1::10]'];

const FIREWALLS = SOAK
  ? (['nftables', 'iptables', 'firewalld'] as const)
  : (['nftables', 'firewalld'] as const);

for (const firewall of FIREWALLS)
  describe(`the port of live output behind ${firewall}`, function () {
    this.timeout(120_000);
    let sandbox: Sandbox;
    let root: Browser;
    let untouched: string;

    before(async () => {
      sandbox = await startSandbox({ install: true, nat: true, firewall });
      const settings = '/var/lib/whm-ftp-passive/settings.json';
      await ok(sandbox.server.run(['sh', '-ec', `echo '{"livePort":${PORT}}' >${settings}`]));
      root = await logIn(sandbox.url, { name: 'root', password: 'sandbox-root' });
      untouched = await rules();
    });
    after(() => sandbox.stop());

    /** Rules in force, and those that wait for the next boot; firewalld writes its files anew in an order of its own. */
    async function rules(): Promise<string> {
      const saved = '/etc/nftables.conf /etc/sysconfig/*tables* /etc/firewalld/*/*.xml';
      const script = `nft -s list ruleset 2>&1; for each in ${saved}; do echo "$each"; cat "$each"; done 2>/dev/null || true`;
      const text = await shell(sandbox.server, script);
      return firewall === 'firewalld' ? text.split('\n').sort().join('\n') : text;
    }

    /** Sends the page's one form with this button, and waits until the run has ended. */
    async function press(button: string): Promise<string> {
      const { body } = await root.get(`${PAGE}?r=live-port`);
      const form = body.split('<form').find((each) => each.includes(`>${button}`));
      assert.ok(form !== undefined, `no button "${button}" on ${body}`);
      const fields = [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(
        ([, name = '', value = '']) => [name, value] as const,
      );
      const action = /action="([^"]*)"/.exec(form)?.[1] ?? '';
      const { status, headers, body: said } = await root.post(`${PAGE}${action}`, Object.fromEntries(fields));
      assert.equal(status, 303, said);
      const run = (headers.location ?? '').replace('?r=runs/', '');
      for (;;) {
        const record = (await json(sandbox.server, 'runs')).document.find(({ id }) => id === run);
        if (record !== undefined && record.state !== 'running') {
          assert.equal(record.state, 'done', JSON.stringify(record.problem));
          // What the page does by itself after a firewall was reloaded.
          if (record.unconfirmed !== undefined)
            assert.equal((await cli(sandbox.server, 'confirm', run)).code, 0);
          return run;
        }
        await delay(200);
      }
    }

    /** What somebody on the internet gets from the port while a page could be following a run. */
    async function fromOutside(): Promise<string[]> {
      const [newest] = (await json(sandbox.server, 'runs')).document;
      if (newest !== undefined) {
        const { body } = await root.get(`${PAGE}?r=runs/${newest.id}`);
        const csrf = /data-csrf="(\w+)"/.exec(body)?.[1] ?? '';
        const { status } = await root.post(`${PAGE}?r=runs/${newest.id}/ticket`, { csrf });
        assert.equal(status, 200);
      }
      return Promise.all(
        ADDRESSES.map(async (address) => {
          const url = `https://${address}:${PORT}/`;
          return (await sandbox.client.run(['curl', '-skg', '--max-time', '5', url])).stdout.trim();
        }),
      );
    }

    const OPEN = ADDRESSES.map(() => 'This port is for the page in WHM only.');
    const SHUT = ADDRESSES.map(() => '');

    it('is opened by a plan of root’s, and no other port with it', async () => {
      assert.deepEqual(await fromOutside(), SHUT);
      await press(`Open port ${PORT}`);
      assert.deepEqual(await fromOutside(), OPEN);
      const { document } = await json(sandbox.server, 'reach', `${PORT - 1}-${PORT + 1}`);
      assert.deepEqual(document.ipv4?.open, [[PORT, PORT]]);
      assert.deepEqual(document.ipv6?.open, [[PORT, PORT]]);
      assert.match((await root.get(`${PAGE}?r=runs`)).body, /Let in the port of live output/);
    });

    it('is closed by putting that run back, and everything is as it was', async () => {
      await press('Close it: put back what that run changed');
      assert.deepEqual(await fromOutside(), SHUT);
      assert.equal(await rules(), untouched);
      assert.match((await root.get(`${PAGE}?r=live-port`)).body, new RegExp(`Open port ${PORT}`));
    });

    it('stays open while passive FTP is set up, changed and kept right', async () => {
      await press(`Open port ${PORT}`);
      for (const range of ['49152-65534', '50000-50100']) {
        const { code, stdout, stderr } = await cli(sandbox.server, 'apply', '--yes', '--range', range);
        assert.equal(code, 0, `${stdout}${stderr}`);
        assert.deepEqual(await fromOutside(), OPEN, range);
      }
      assert.equal((await cli(sandbox.server, 'check')).code, 0);
      assert.equal((await cli(sandbox.server, 'apply', '--yes')).stdout.includes('Nothing'), true);
    });

    it('is closed by a plan then, and passive FTP stays', async () => {
      const run = await press(`Close port ${PORT}`);
      assert.deepEqual(await fromOutside(), SHUT);
      assert.deepEqual((await json(sandbox.server, 'reach', '50000-50100')).document.ipv4?.open, [
        [50_000, 50_100],
      ]);
      assert.equal((await cli(sandbox.server, 'check')).code, 0);
      assert.match((await root.get(`${PAGE}?r=live-port`)).body, new RegExp(`Open port ${PORT}`));
      assert.equal((await cli(sandbox.server, 'undo', run, '--yes')).code, 0);
      assert.deepEqual(await fromOutside(), OPEN);
    });
  });
