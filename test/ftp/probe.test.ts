import assert from 'node:assert/strict';
import type { Check } from '../../src/core/check.ts';
import type { PortRange } from '../../src/core/range.ts';
import { probe, type ProbeTarget } from '../../src/ftp/probe.ts';
import { dial } from '../../src/system/dial.ts';
import { closedPort, LISTING, startFakeServer, type Answer, type FakeServer } from './fake-server.ts';

const ANY: PortRange = [1024, 65535];
const LOGIN = { user: 'ftp-passive-check@example.com', password: 'secret' };

describe('the probe', () => {
  let server: FakeServer | null = null;
  afterEach(async () => {
    await server?.close();
    server = null;
  });

  async function ask(
    answers: Readonly<Record<string, Answer>>,
    target: Partial<ProbeTarget> = {},
  ): Promise<Check[]> {
    server = await startFakeServer(answers);
    const { host, port } = server;
    const wish = { range: ANY, address: null };
    return probe(dial, { host, port, login: LOGIN, whyNoLogin: '', wish, ...target });
  }

  const results = (checks: readonly Check[]): string =>
    checks.map(({ id, result }) => `${id} ${result}`).join(', ');
  const failed = (checks: readonly Check[]): string[] =>
    checks.filter(({ result }) => result === 'fail').map(({ id, fact }) => `${id}: ${fact}`);

  it('passes a server that is right, with a listing over each kind of connection', async () => {
    const checks = await ask({});
    assert.equal(
      results(checks),
      'control pass, login pass, pasv-address pass, pasv-port pass, pasv-data pass, epsv-port pass, epsv-data pass',
    );
    const fact = checks.find(({ id }) => id === 'epsv-data')?.fact ?? '';
    assert.match(fact, new RegExp(`^${LISTING.length} bytes from port \\d+; 226 1 matches total$`));
    assert.deepEqual(server?.heard.slice(0, 14), [
      `USER ${LOGIN.user}`,
      `PASS ${LOGIN.password}`,
      ...Array<string>(5).fill('PASV'),
      'LIST',
      ...Array<string>(5).fill('EPSV'),
      'LIST',
    ]);
  });

  it('asks for no password where the server wants none', async () => {
    const checks = await ask({ USER: () => '230 Any user may enter' });
    assert.deepEqual(failed(checks), []);
    assert.ok(!server?.heard.some((line) => line.startsWith('PASS')));
  });

  it('fails the address alone when another one is told', async () => {
    const checks = await ask({}, { wish: { range: ANY, address: '203.0.113.10' } });
    assert.equal(failed(checks).length, 1);
    assert.match(failed(checks)[0] ?? '', /^pasv-address: Told 127\.0\.0\.1: 227 /);
    assert.equal(checks.find(({ id }) => id === 'pasv-address')?.title, 'PASV tells clients 203.0.113.10');
  });

  it('sees an address that is wrong once in five', async () => {
    const once: Answer = async (n, self) => {
      const port = await self.openData();
      return `227 Entering Passive Mode (${n === 2 ? '10,0,0,5' : '127,0,0,1'},${port >> 8},${port & 255}).`;
    };
    assert.match(failed(await ask({ PASV: once })).join(), /^pasv-address: Told 10\.0\.0\.5: [^,]*,[^]*$/);
  });

  it('fails the ports when one lies outside the range, and says which were told', async () => {
    const checks = await ask({}, { wish: { range: [1024, 1025], address: null } });
    assert.deepEqual(
      checks.filter(({ result }) => result === 'fail').map(({ id, title }) => `${id}: ${title}`),
      ['pasv-port: PASV stays within 1024-1025', 'epsv-port: EPSV stays within 1024-1025'],
    );
    assert.match(failed(checks)[0] ?? '', /^pasv-port: Ports told: \d+(, \d+){4}\.$/);
  });

  it('fails what has no port when PASV is refused, and goes on with EPSV', async () => {
    const checks = await ask({ PASV: () => '425 All reserved TCP ports are busy' });
    assert.deepEqual(failed(checks), [
      'pasv-address: Told no address: 425 All reserved TCP ports are busy',
      'pasv-port: Ports told: 0, 0, 0, 0, 0.',
      'pasv-data: No port was told.',
    ]);
    assert.equal(checks.at(-1)?.result, 'pass');
  });

  it('fails EPSV when the server does not know it', async () => {
    const checks = await ask({ EPSV: () => '500 Unknown command' });
    assert.deepEqual(failed(checks), ['epsv-port: 500 Unknown command']);
    assert.ok(!checks.some(({ id }) => id === 'epsv-data'));
  });

  it('stops at a greeting that is a refusal', async () => {
    const checks = await ask({ greeting: () => '421 Illegal forced IP for passive connections' });
    const where = `${server?.host ?? ''}:${server?.port ?? 0}`;
    assert.deepEqual(failed(checks), [`control: ${where}: 421 Illegal forced IP for passive connections`]);
    assert.equal(checks.length, 1);
  });

  it('stops at a login that is refused, and tells the words', async () => {
    const checks = await ask({ PASS: () => '530 Login authentication failed' });
    assert.equal(results(checks), 'control pass, login fail');
    assert.deepEqual(failed(checks), ['login: 530 Login authentication failed']);
  });

  it('skips what needs a login when there is none, with the reason', async () => {
    const checks = await ask({}, { login: null, whyNoLogin: 'No account is here.' });
    assert.equal(
      results(checks),
      'control pass, login skip, pasv-address skip, pasv-data skip, epsv-data skip',
    );
    assert.ok(checks.slice(1).every(({ fact }) => fact === 'No account is here.'));
  });

  it('fails a listing whose port is closed', async () => {
    const port = await closedPort();
    const checks = await ask({
      PASV: () => `227 Entering Passive Mode (127,0,0,1,${port >> 8},${port & 255})`,
    });
    assert.equal(failed(checks).length, 1);
    assert.match(failed(checks)[0] ?? '', new RegExp(`^pasv-data: 127\\.0\\.0\\.1:${port}: .*ECONNREFUSED`));
  });

  it('fails a listing that the server will not send', async () => {
    const checks = await ask({ LIST: () => '521 Data connection cannot be opened with this PROT setting.' });
    assert.deepEqual(failed(checks), [
      'pasv-data: 521 Data connection cannot be opened with this PROT setting.',
      'epsv-data: 521 Data connection cannot be opened with this PROT setting.',
    ]);
  });

  it('fails a listing that ends badly', async () => {
    const checks = await ask({ listed: () => '426 Transfer aborted' });
    assert.match(failed(checks).join('; '), /^pasv-data: .*; 426 Transfer aborted; epsv-data: .*426/);
  });

  it('reports a server that hangs up in the middle', async () => {
    const checks = await ask({ EPSV: (n) => (n === 3 ? null : '229 OK (|||50000|)') });
    assert.deepEqual(failed(checks), ['conversation: the server closed the connection']);
    assert.equal(checks.find(({ id }) => id === 'pasv-data')?.result, 'pass');
  });

  it('reports a server that hangs up at once', async () => {
    assert.deepEqual(failed(await ask({ greeting: () => null })), [
      'conversation: the server closed the connection',
    ]);
  });

  it('reports a port on which nothing listens', async () => {
    const port = await closedPort();
    const checks = await ask({}, { port });
    assert.equal(checks.length, 1);
    assert.match(failed(checks)[0] ?? '', new RegExp(`^control: 127\\.0\\.0\\.1:${port}: .*ECONNREFUSED`));
  });
});
