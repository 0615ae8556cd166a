import assert from 'node:assert/strict';
import type { Check } from '../../src/core/check.ts';
import type { CommandResult } from '../../src/engine/ports.ts';
import { talk } from '../../src/engine/conversation.ts';
import { verify } from '../../src/engine/verify.ts';
import { look } from '../../src/engine/survey.ts';
import { conf } from '../ftp/servers.ts';
import { RULES, settings, startServer, UAPI, type Server } from './server.ts';

const ACCOUNT = `${UAPI} --output=json --user=alice Ftp`;
const ADD = `${ACCOUNT} add_ftp user=ftp-passive-check pass=secret homedir=public_ftp quota=1 domain=example.com`;
const REMOVE = `${ACCOUNT} delete_ftp user=ftp-passive-check domain=example.com destroy=0`;
const OPEN = RULES.replace('\t\treject', '\t\ttcp dport 49152-65534 accept\n\t\treject');

const talkTo = async (server: Server): Promise<Check[]> =>
  talk(server.ports, await look(server.ports), settings());
const results = (checks: readonly Check[]): string =>
  checks.map(({ id, result }) => `${id} ${result}`).join(', ');

describe('the conversation', () => {
  it('is held with a login that did not exist before and does not after', async () => {
    const server = startServer({ conf: conf('nat') });
    const checks = await talkTo(server);
    assert.ok(checks.length === 15 && checks.every(({ result }) => result === 'pass'));
    assert.deepEqual(server.calls, [REMOVE, ADD, REMOVE]);
  });

  it('goes without a login where no account can lend one, and says so', async () => {
    const server = startServer({ account: false });
    server.disk.put('/var/cpanel/users/bob', 'DNS=bob.example\nSUSPENDED=1\n');
    server.disk.put('/var/cpanel/users/root', 'DNS=root.example\n');
    const checks = await talkTo(server);
    assert.equal(results(checks.slice(0, 2)), 'control pass, login skip');
    assert.equal(
      checks[1]?.fact,
      'No cPanel account is here that could lend a login, and PASV is refused before login.',
    );
    assert.deepEqual(server.calls, []);
  });

  it('lends from the first account that can', async () => {
    const server = startServer({ account: false });
    server.disk.put('/var/cpanel/users/zoe', 'DNS=zoe.example\n');
    server.disk.put('/var/cpanel/users/alice', 'DNS=example.com\n');
    server.disk.put('/var/cpanel/users/adam', 'DNS=adam.example\nSUSPENDED=1\n');
    await talkTo(server);
    assert.deepEqual(server.calls, [REMOVE, ADD, REMOVE]);
  });

  const answers: readonly (readonly [why: string, some: Partial<CommandResult>, fact: string])[] = [
    [
      'refuses',
      { stdout: '{"result":{"status":0,"errors":["The limit is reached"]}}' },
      'The limit is reached.',
    ],
    ['is missing', { missing: true, code: null }, 'uapi is not here.'],
    ['says nothing', { stdout: '' }, 'uapi gave no answer that can be read.'],
  ];
  for (const [why, some, fact] of answers) {
    it(`skips what needs a login when uapi ${why}, and still takes it away`, async () => {
      const server = startServer();
      server.programs.set(UAPI, (argv) => {
        return {
          argv,
          code: 0,
          signal: null,
          stdout: '',
          stderr: '',
          missing: false,
          timedOut: false,
          ms: 1,
          ...some,
        };
      });
      const checks = await talkTo(server);
      assert.equal(checks[1]?.fact, `A throw-away login could not be made: ${fact}`);
      assert.deepEqual(
        checks.filter(({ result }) => result === 'skip').map(({ id }) => id),
        ['login', 'pasv-address', 'pasv-data', 'epsv-data'],
      );
      assert.equal(server.calls.at(-1), REMOVE);
    });
  }

  it('takes the login away when the conversation breaks', async () => {
    const server = startServer();
    const dial = { ...server.ports.dial, control: () => Promise.reject(new Error('connect ECONNREFUSED')) };
    const checks = await talkTo({ ...server, ports: { ...server.ports, dial } });
    assert.equal(results(checks), 'control fail');
    assert.equal(server.calls.at(-1), REMOVE);
  });

  it('is not held where there is no server that could be talked to', async () => {
    const server = startServer({ config: 'ftpserver=disabled\n' });
    assert.equal(results(await talkTo(server)), 'control skip');
    assert.deepEqual(server.calls, []);
  });
});

describe('verify', () => {
  const verified = (server: Server, only: 'ftp' | 'firewall' | null = null): Promise<Check[]> =>
    verify(server.ports, settings({ only }));

  it('passes everything on a server that is right', async () => {
    const checks = await verified(
      startServer({ local: 'ForcePassiveIP: 203.0.113.10\n', conf: conf('nat'), rules: OPEN }),
    );
    assert.deepEqual(
      checks.filter(({ result }) => result !== 'pass'),
      [],
    );
    assert.deepEqual([checks[0]?.id, checks.length], ['settings', 32]);
    assert.deepEqual(
      checks.slice(-2).map(({ id }) => id),
      ['reach-ipv4', 'reach-ipv6'],
    );
  });

  it('asks for the half that was named', async () => {
    const server = startServer();
    assert.deepEqual(
      (await verified(server, 'firewall')).map(({ id }) => id),
      ['reach-ipv4', 'reach-ipv6'],
    );
    const ftp = (await verified(server, 'ftp')).map(({ id }) => id);
    assert.ok(ftp[0] === 'settings' && !ftp.some((id) => id.startsWith('reach')));
  });

  it('fails with the facts on an untouched server', async () => {
    const checks = await verified(startServer());
    const failed = checks.filter(({ result }) => result === 'fail').map(({ id, fact }) => `${id}: ${fact}`);
    assert.equal(failed[0], 'settings: cPanel wrote the address none instead of 203.0.113.10.');
    assert.match(failed[1] ?? '', /^pasv-address: Told 10\.0\.0\.5: /);
    assert.match(failed[2] ?? '', /^tls-pasv-address: Told 10\.0\.0\.5: /);
    assert.equal(failed[3], 'reach-ipv4: Blocked: 49152-65534 by inet filter input: reject.');
    assert.equal(failed.length, 5);
  });

  it('skips what could not be asked, with the reason', async () => {
    const server = startServer({ config: 'ftpserver=disabled\n' });
    const openNamespaces = () => Promise.reject(new Error('Network namespaces cannot be made here.'));
    const ports = { ...server.ports, twin: { ...server.ports.twin, openNamespaces } };
    const checks = await verify(ports, settings());
    assert.equal(results(checks), 'settings skip, control skip, reach-ipv4 skip, reach-ipv6 skip');
    assert.equal(checks[2]?.fact, 'Network namespaces cannot be made here.');
  });
});
