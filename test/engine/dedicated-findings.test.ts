import assert from 'node:assert/strict';
import { makePlan } from '../../src/engine/planning.ts';
import { proftpdConf } from '../ftp/servers.ts';
import { settings, startServer, type Server, type ServerOptions } from './server.ts';
import { idsOf, said, the, told } from './told.ts';

const CPNAT = '/var/cpanel/cpnat';
const MAP = '10.0.0.5 203.0.113.10\n10.0.0.6 203.0.113.11\n10.0.0.7 203.0.113.12\n';
const MORE = ['10.0.0.6', '10.0.0.7'];

function serverWith(options: ServerOptions = {}): Server {
  const server = startServer({ addresses: MORE, ...options });
  server.disk.put(CPNAT, MAP);
  return server;
}

function proftpdWith(conf: string): Server {
  const server = serverWith({ config: 'ftpserver=proftpd\n' });
  server.disk.put('/etc/proftpd.conf', conf);
  return server;
}

describe('findings about several addresses', () => {
  it('say which work with Pure-FTPd and which cannot, and what the choices are', async () => {
    const { level, fact, fix } = the(await told(serverWith()), 'dedicated-pasv');
    assert.equal(level, 'warn');
    assert.equal(
      fact,
      'Pure-FTPd tells all clients one address, 203.0.113.10. On 203.0.113.10 (10.0.0.5 here) PASV and EPSV work. On 203.0.113.11 (10.0.0.6 here), 203.0.113.12 (10.0.0.7 here) EPSV works, and PASV does not: nothing listens for it at 203.0.113.10.',
    );
    for (const choice of ['--public-address 203.0.113.10', '--public-address none', 'ProFTPD'])
      assert.ok(fix.includes(choice), choice);
  });

  it('are in the plan, before anything is applied', async () => {
    const { notes } = await makePlan(serverWith().ports, settings());
    assert.ok(idsOf(notes).includes('dedicated-pasv'));
  });

  it('are no fault once the address was chosen', async () => {
    const found = await told(serverWith(), { passiveAddress: '203.0.113.10' });
    assert.equal(the(found, 'dedicated-pasv').level, 'info');
  });

  it('say what PASV names where no public address is told', async () => {
    const found = await told(serverWith(), { passiveAddress: 'none' });
    assert.ok(!idsOf(found).includes('dedicated-pasv'));
    const [level, fact] = said(found, 'pasv-inside');
    assert.equal(level, 'info');
    assert.match(fact, /clients of 203\.0\.113\.11 are told 10\.0\.0\.6, .* EPSV works on all of them/);
  });

  it('are not made of lines for addresses that are not here, nor of one address', async () => {
    const absent = serverWith({ addresses: [] });
    assert.ok(!idsOf(await told(absent)).includes('dedicated-pasv'));
    assert.ok(!idsOf(await told(startServer())).includes('dedicated-pasv'));
  });

  it('are made without NAT too, where one public address is told on all', async () => {
    const server = startServer({ nat: false, addresses: ['203.0.113.11'] });
    server.disk.put('/etc/ips', '203.0.113.11:255.255.255.0:203.0.113.255\n');
    const found = await told(server, { passiveAddress: '203.0.113.10' });
    assert.match(the(found, 'dedicated-pasv').fact, /On 203\.0\.113\.11 EPSV works, and PASV does not/);
    assert.ok(!idsOf(await told(server)).includes('dedicated-pasv'), 'by itself no address is told');
  });

  it('are good with ProFTPD when every section tells its own', async () => {
    const right = proftpdConf('hosts')
      .replace('  ServerName ftp.shop', '  MasqueradeAddress 203.0.113.11\n  ServerName ftp.shop')
      .replace('198.51.100.7', '203.0.113.12');
    const found = await told(proftpdWith(right));
    assert.deepEqual(said(found, 'dedicated-right'), [
      'good',
      'In their sections clients of 10.0.0.6 are told 203.0.113.11, clients of 10.0.0.7 are told 203.0.113.12; PASV and EPSV work there.',
    ]);
    assert.ok(!idsOf(found).includes('host-address'));
  });

  it('name with ProFTPD addresses without a section of their own', async () => {
    const [level, fact] = said(
      await told(proftpdWith(`Port 21\nMasqueradeAddress 203.0.113.10\n`)),
      'dedicated-no-host',
    );
    assert.equal(level, 'warn');
    assert.match(fact, /no <VirtualHost> for 203\.0\.113\.11 \(10\.0\.0\.6 here\), 203\.0\.113\.12/);
  });
});

describe('the wished address of a server with several', () => {
  it('is none where it names its own main one, which the others would be told too', async () => {
    const conf = 'PassivePortRange 49152 65534\nForcePassiveIP 203.0.113.10\n';
    const server = startServer({ nat: false, addresses: ['203.0.113.11'], conf });
    assert.ok(!idsOf(await told(server)).includes('address-wrong'), 'with one it says the same');
    server.disk.put('/etc/ips', '203.0.113.11:255.255.255.0:203.0.113.255\n');
    assert.ok(idsOf(await told(server)).includes('address-wrong'));
  });
});
