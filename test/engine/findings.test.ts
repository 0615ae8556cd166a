import assert from 'node:assert/strict';
import type { Settings } from '../../src/core/settings.ts';
import type { Status } from '../../src/core/status.ts';
import { applyPlan } from '../../src/engine/apply.ts';
import { statusOf } from '../../src/engine/findings.ts';
import { makePlan } from '../../src/engine/planning.ts';
import { survey } from '../../src/engine/survey.ts';
import { CONF, LOCAL } from '../ftp/cpanel.ts';
import { conf, store } from '../ftp/servers.ts';
import { openLog } from './log.ts';
import { NFT, RULES, settings, startServer, type Server, type ServerOptions } from './server.ts';

async function statusFor(server: Server, some: Partial<Settings> = {}): Promise<Status> {
  return statusOf(await survey(server.ports, settings(some)), settings(some));
}

async function setUp(options: ServerOptions = {}): Promise<Server> {
  const server = startServer(options);
  const plan = await makePlan(server.ports, settings());
  const ending = await applyPlan(server.ports, plan, settings(), openLog(), new AbortController().signal);
  assert.equal(ending.state, 'done');
  return server;
}

const GOOD = ['address-right', 'range-right', 'range-open-ipv4', 'range-open-ipv6'];
const ids = ({ findings }: Status): string[] => findings.map(({ id }) => id);
const factOf = ({ findings }: Status, id: string): string =>
  findings.find((each) => each.id === id)?.fact ??
  assert.fail(`no finding ${id}: ${findings.map((each) => each.id).join()}`);

const OPEN = RULES.replace('\t\treject', '\t\ttcp dport 49152-65534 accept\n\t\treject');

describe('findings', () => {
  it('are all good on a server that is set up, and then the status is right', async () => {
    const status = await statusFor(await setUp());
    assert.deepEqual(ids(status), GOOD);
    assert.ok(status.findings.every(({ level, fix }) => level === 'good' && fix === ''));
    assert.equal(status.ok, true);
    assert.equal(
      factOf(status, 'address-right'),
      "WHM's settings and the configuration file say 203.0.113.10, and the server runs with it.",
    );
    assert.deepEqual(status.nat, {
      behind: true,
      addresses: [{ local: '10.0.0.5', public: '203.0.113.10' }],
    });
    assert.deepEqual(status.ftp.range, {
      configured: [49152, 65534],
      rendered: [49152, 65534],
      live: [49152, 65534],
    });
    assert.equal(status.firewall.active, 'nftables');
  });

  it('name the private address, the blocked range and the rule on an untouched server', async () => {
    const status = await statusFor(startServer());
    assert.equal(status.ok, false);
    assert.deepEqual(ids(status), [
      'address-wrong',
      'range-right',
      'range-blocked-ipv4',
      'range-blocked-ipv6',
      'boot-blocked',
    ]);
    assert.equal(
      factOf(status, 'address-wrong'),
      'PASV names 10.0.0.5 (private); clients must be told 203.0.113.10.',
    );
    assert.equal(factOf(status, 'range-blocked-ipv4'), '49152-65534 rejected by: inet filter input: reject.');
  });

  const rows: readonly (readonly [
    why: string,
    options: ServerOptions,
    some: Partial<Settings>,
    id: string,
    fact: string,
  ])[] = [
    ['no cPanel', { config: null }, {}, 'no-cpanel', '/var/cpanel/cpanel.config does not exist.'],
    [
      'FTP off',
      { config: 'ftpserver=disabled\n' },
      {},
      'ftp-disabled',
      '/var/cpanel/cpanel.config says ftpserver=disabled.',
    ],
    [
      'another range in the file',
      { conf: conf('hole') },
      {},
      'range-wrong',
      "The FTP server's configuration file says 30000-35000; 49152-65534 is wanted.",
    ],
    [
      'another range in a store',
      { local: 'PassivePortRange: 30000 35000\n' },
      {},
      'range-not-kept',
      "WHM's settings say 30000-35000, the FTP server's configuration file says 49152-65534.",
    ],
    [
      'an old public address',
      { conf: conf('nat').replace('203.0.113.10', '198.51.100.9') },
      {},
      'address-wrong',
      'PASV names 198.51.100.9; clients must be told 203.0.113.10.',
    ],
    [
      'an address in the file only',
      { conf: conf('nat') },
      {},
      'address-not-kept',
      "WHM's settings say none, the FTP server's configuration file says 203.0.113.10.",
    ],
    [
      'an address without NAT',
      { nat: false, conf: conf('nat').replace('203.0.113.10', '198.51.100.9') },
      {},
      'address-wrong',
      'PASV names 198.51.100.9; clients must be told 203.0.113.10.',
    ],
    [
      'a dropping policy',
      { rules: RULES.replace('\t\treject\n', '') },
      {},
      'range-blocked-ipv6',
      '49152-65534 dropped by: inet filter input: policy drop.',
    ],
    [
      'saved rules that block',
      { rules: OPEN, boot: RULES },
      {},
      'boot-blocked',
      'Once the rules in /etc/nftables.conf are loaded, 49152-65534 is blocked over IPv4 and IPv6.',
    ],
    [
      'saved rules that block one family',
      { rules: OPEN, boot: OPEN.replace('tcp dport 49152', 'meta nfproto ipv6 tcp dport 49152') },
      {},
      'boot-blocked',
      'Once the rules in /etc/nftables.conf are loaded, 49152-65534 is blocked over IPv4.',
    ],
    [
      'saved rules that do not load',
      { rules: OPEN, boot: 'nonsense\n' },
      {},
      'boot-unknown',
      '/etc/nftables.conf: The rules do not load: /dev/stdin:1:1-1: Error: syntax error: nonsense',
    ],
    [
      'rules that are not saved',
      { boot: null },
      {},
      'boot-none',
      'Neither /etc/sysconfig/nftables.conf nor /etc/nftables.conf exists.',
    ],
  ];
  for (const [why, options, some, id, fact] of rows) {
    it(`have ${id} for: ${why}`, async () => {
      const status = await statusFor(startServer(options), some);
      assert.equal(factOf(status, id), fact);
      assert.equal(status.ok, false);
    });
  }

  it('tell a daemon that is down', async () => {
    const server = await setUp();
    server.daemon.running = false;
    const status = await statusFor(server);
    assert.equal(factOf(status, 'ftp-not-running'), 'No Pure-FTPd process listens on port 21.');
    assert.deepEqual([status.ftp.running, status.ok], [false, false]);
  });

  it('tell a daemon that is older than its file, by what it runs with', async () => {
    const server = await setUp();
    await server.ports.clock.sleep(60_000);
    server.disk.put(CONF, server.disk.text(CONF));
    const status = await statusFor(server);
    assert.ok(ids(status).includes('daemon-older-than-conf'));
    assert.equal(factOf(status, 'range-right'), '49152-65534 stands in its configuration file.');
    assert.equal(status.ok, false);
  });

  it('tell a public address that nobody knows, unless the settings name one', async () => {
    const options = { config: 'ftpserver=pure-ftpd\n' };
    const server = startServer(options);
    server.disk.put('/var/cpanel/cpnat', null);
    assert.equal(
      factOf(await statusFor(server), 'nat-unknown'),
      "This server's address 10.0.0.5 is private, and /var/cpanel/cpnat maps it to no public one.",
    );
    for (const passiveAddress of ['none', '203.0.113.10']) {
      assert.ok(!ids(await statusFor(server, { passiveAddress })).includes('nat-unknown'));
    }
  });

  it('tell saved rules that are not loaded at boot, without calling the server wrong', async () => {
    const server = await setUp();
    server.programs.set('/usr/bin/systemctl', (argv) => {
      return {
        argv,
        code: 1,
        signal: null,
        stdout: 'disabled\n',
        stderr: '',
        missing: false,
        timedOut: false,
        ms: 1,
      };
    });
    const status = await statusFor(server);
    assert.equal(
      factOf(status, 'boot-not-enabled'),
      'nftables.service is not enabled, so /etc/nftables.conf is not loaded at boot.',
    );
    assert.equal(status.ok, true);
  });

  it('say nothing of IPv6 where it is not wanted or not there', async () => {
    const server = await setUp();
    assert.deepEqual(ids(await statusFor(server, { ipv6: false })), GOOD.slice(0, 3));
    assert.deepEqual(ids(await statusFor(await setUp({ ipv6: false }))), GOOD.slice(0, 3));
  });

  it('leave the verdict open where the firewall could not be asked, and nothing else is wrong', async () => {
    const server = await setUp();
    const { ports } = server;
    const refused = {
      ...ports,
      twin: { ...ports.twin, openNamespaces: () => Promise.reject(new Error('not permitted')) },
    };
    const status = await statusFor({ ...server, ports: refused });
    assert.equal(status.ok, null);
    assert.equal(factOf(status, 'reach-unknown'), 'not permitted');
    server.programs.delete(NFT);
    const missing = await statusFor(server);
    assert.equal(missing.ok, null);
    assert.equal(factOf(missing, 'reach-unknown'), 'nft is not installed here.');
  });

  it('are about the half that was asked for', async () => {
    const server = startServer();
    assert.deepEqual(ids(await statusFor(server, { only: 'ftp' })), ['address-wrong', 'range-right']);
    assert.deepEqual(ids(await statusFor(server, { only: 'firewall' })), [
      'range-blocked-ipv4',
      'range-blocked-ipv6',
      'boot-blocked',
    ]);
    const other = startServer({ config: null, rules: OPEN, boot: OPEN });
    assert.equal((await statusFor(other, { only: 'firewall' })).ok, true);
  });

  it('leave the verdict open where rules of iptables-legacy are in force', async () => {
    const server = await setUp();
    server.disk.put('/proc/net/ip6_tables_names', 'filter\n');
    const status = await statusFor(server);
    assert.equal(status.ok, null);
    assert.match(factOf(status, 'reach-unknown'), /^Rules of iptables-legacy are in force, /);
  });

  it('name a broken store and a file that is none', async () => {
    const broken = await statusFor(startServer({ local: store('local-joined') }));
    assert.match(factOf(broken, 'store-broken'), /\/local is not valid YAML at line 2: /);
    const server = startServer();
    const { ports } = server;
    const read = (path: string) =>
      path === LOCAL ? Promise.reject(new Error(`${path} is a directory.`)) : ports.files.read(path);
    const status = await statusFor({ ...server, ports: { ...ports, files: { ...ports.files, read } } });
    assert.equal(factOf(status, 'unreadable'), `${LOCAL} is a directory.`);
    assert.ok(ids(status).includes('range-right'), 'the rest is still told');
  });
});
