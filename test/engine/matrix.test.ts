import assert from 'node:assert/strict';
import type { Check } from '../../src/core/check.ts';
import { talkAtLength } from '../../src/engine/conversation.ts';
import { givenLogin, type GivenLogin } from '../../src/engine/lending.ts';
import type { EnginePorts } from '../../src/engine/survey.ts';
import { look } from '../../src/engine/survey.ts';
import { conf } from '../ftp/servers.ts';
import { fakeDial } from './daemon.ts';
import { LOCAL_ADDRESS, settings, startServer, type Server, type ServerOptions } from './server.ts';

interface Scene {
  readonly server: Server;
  readonly ports: EnginePorts;
}

/** A server behind NAT that holds more addresses than its main one and answers at some of them. */
function sceneWith(
  held: readonly string[],
  answering: readonly string[] = held,
  files: Readonly<Record<string, string>> = {},
  options: ServerOptions = { conf: conf('nat') },
): Scene {
  const server = startServer(options);
  for (const [path, text] of Object.entries(files)) server.disk.put(path, text);
  const links = (): ReturnType<EnginePorts['host']['links']> =>
    Promise.resolve([
      { name: 'eth0', addresses: [LOCAL_ADDRESS, ...held].map((address) => `${address}/24`) },
      { name: 'eth1', addresses: ['2001:db8:1::10/64'] },
    ]);
  const dial = fakeDial(server.daemon, LOCAL_ADDRESS, answering);
  return { server, ports: { ...server.ports, host: { ...server.ports.host, links }, dial } };
}

async function talk({ ports }: Scene, given: GivenLogin = null, some = {}): Promise<Check[]> {
  return talkAtLength(ports, await look(ports), settings(some), given);
}

const addressesIn = (checks: readonly Check[]): string[] => [
  ...new Set(checks.flatMap(({ id }) => id.split('@').slice(1))),
];
const factOf = (checks: readonly Check[], id: string): string | undefined =>
  checks.find((check) => check.id === id)?.fact;
const failed = (checks: readonly Check[]): string[] =>
  checks.filter(({ result }) => result === 'fail').map(({ id }) => id);

const CPNAT = '/var/cpanel/cpnat';
const IPS = '/etc/ips';
const MAP = '10.0.0.5 203.0.113.10\n10.0.0.6 203.0.113.11\n';

describe('the conversation at length', () => {
  it('is held at the addresses that cPanel serves, each by itself', async () => {
    const scene = sceneWith(['10.0.0.6', '10.0.0.9', '192.168.7.7', '203.0.113.77'], undefined, {
      [CPNAT]: MAP,
      [IPS]: '203.0.113.77:255.255.255.0:203.0.113.255\n10.0.0.9:255.255.255.0:10.0.0.255\nrubbish\n',
    });
    const checks = await talk(scene);
    // 10.0.0.9 is mapped to nothing, and 192.168.7.7 is named nowhere.
    assert.deepEqual(addressesIn(checks), ['10.0.0.6', '203.0.113.77']);
    assert.equal(
      checks.find(({ id }) => id === 'pasv-address@10.0.0.6')?.title,
      'PASV tells clients 203.0.113.11',
    );
    assert.equal(
      checks.find(({ id }) => id === 'pasv-address@203.0.113.77')?.title,
      'PASV tells clients 203.0.113.77',
    );
    assert.match(
      factOf(checks, 'pasv-address@10.0.0.6') ?? '',
      /^Told 203\.0\.113\.10: 227 [^\n]*\nPure-FTPd tells one address for all of its own/,
    );
    assert.equal(checks.find(({ id }) => id === 'epsv-data@10.0.0.6')?.result, 'pass');
    assert.ok(!checks.some(({ id }) => id.startsWith('upload@')));
  });

  it('expects the own address everywhere when none is to be told', async () => {
    const scene = sceneWith(['10.0.0.6'], undefined, { [CPNAT]: MAP }, { conf: conf('stock') });
    const checks = await talk(scene, null, { passiveAddress: 'none' });
    assert.deepEqual(failed(checks), []);
    assert.equal(
      checks.find(({ id }) => id === 'pasv-address@10.0.0.6')?.title,
      'PASV tells clients 10.0.0.6',
    );
  });

  it('skips an address at which the server does not listen', async () => {
    const checks = await talk(sceneWith(['10.0.0.6'], [], { [CPNAT]: MAP }));
    assert.equal(factOf(checks, 'control@10.0.0.6'), 'The FTP server does not listen at 10.0.0.6.');
    assert.deepEqual(failed(checks), []);
  });

  it('talks to sixteen addresses and names the rest', async () => {
    const held = Array.from({ length: 17 }, (_, index) => `203.0.113.${100 + index}`);
    const listed = held.map((address) => `${address}:255.255.255.0:203.0.113.255\n`).join('');
    const checks = await talk(sceneWith(held, held, { [IPS]: listed }));
    assert.equal(addressesIn(checks).length, 15);
    const left = checks.at(-1);
    assert.deepEqual(
      [left?.id, left?.result, left?.fact],
      ['addresses', 'skip', 'Left out: 203.0.113.115, 203.0.113.116.'],
    );
  });

  it('asks EPSV alone over IPv6, and only where that is wanted', async () => {
    const checks = await talk(sceneWith([]));
    const six = checks.map(({ id }) => id).filter((id) => id.startsWith('ipv6-'));
    assert.deepEqual(
      six.filter((id) => !id.startsWith('ipv6-tls-')),
      ['ipv6-control', 'ipv6-login', 'ipv6-epsv-port', 'ipv6-epsv-data'],
    );
    assert.equal(factOf(checks, 'ipv6-control')?.slice(0, 20), '[2001:db8:1::10]:21:');
    const without = await talk(sceneWith([]), null, { ipv6: false });
    assert.ok(!without.some(({ id }) => id.startsWith('ipv6-')));
  });

  it('ends where the login is refused: no guard against guessing is roused', async () => {
    const scene = sceneWith(['10.0.0.6'], undefined, { [CPNAT]: MAP });
    scene.server.daemon.words = { PASS: '530 Login authentication failed' };
    const checks = await talk(scene, { user: 'alice', password: 'wrong' });
    assert.deepEqual(
      checks.map(({ id, result }) => `${id} ${result}`),
      ['control pass', 'login fail'],
    );
  });

  it('ends where nothing answers', async () => {
    const scene = sceneWith(['10.0.0.6'], undefined, { [CPNAT]: MAP });
    scene.server.daemon.running = false;
    assert.deepEqual(failed(await talk(scene)), ['control']);
  });

  it('needs no account of cPanel with a login that was given', async () => {
    const scene = sceneWith([], [], {}, { conf: conf('nat'), account: false });
    const checks = await talk(scene, { user: 'alice', password: 'hers' });
    assert.deepEqual([failed(checks), scene.server.calls], [[], []]);
    assert.equal(checks.find(({ id }) => id === 'download')?.result, 'pass');
  });
});

describe('a given login', () => {
  it('is one line of FTP each', () => {
    assert.deepEqual(givenLogin('alice', 'a b'), { user: 'alice', password: 'a b' });
    for (const [user, password, sentence] of [
      ['', 'x', 'The user of the FTP login is empty.'],
      ['alice', '', 'The password of the FTP login is empty.'],
      ['alice\r\nDELE x', 'x', 'The user of the FTP login is no single line.'],
      ['alice', 'x\nDELE x', 'The password of the FTP login is no single line.'],
    ] as const) {
      assert.throws(() => givenLogin(user, password), { code: 'invalid', message: sentence });
    }
  });
});
