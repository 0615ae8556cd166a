import assert from 'node:assert/strict';
import type { Check } from '../../src/core/check.ts';
import type { ProbeTarget } from '../../src/ftp/probe.ts';
import { closedPort, LISTING, type Answer, type FakeServer } from './fake-server.ts';
import { ANY, failed, LOGIN, probed, results, skipped } from './probing.ts';

describe('the probe', () => {
  let server: FakeServer | null = null;

  async function ask(
    answers: Readonly<Record<string, Answer>>,
    target: Partial<ProbeTarget> = {},
  ): Promise<Check[]> {
    const done = await probed(answers, target);
    server = done.server;
    return done.checks;
  }

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
    assert.match(failed(checks)[0] ?? '', /^pasv-port: Outside: \d+(, \d+){4}; ports told: \d+(, \d+){4}\.$/);
  });

  const BUSY = '425 All reserved TCP ports are busy';

  it('names a range that is too small when no port is left, and goes on with EPSV', async () => {
    const checks = await ask({ PASV: () => BUSY }, { wish: { range: [1024, 65535], address: null } });
    assert.deepEqual(failed(checks), [
      `pasv-port: ${BUSY}: the range is too small, all 64512 ports of 1024-65535 are taken.`,
    ]);
    assert.deepEqual(skipped(checks), ['pasv-address: No address was told.', 'pasv-data: No port was told.']);
    assert.equal(checks.at(-1)?.result, 'pass');
  });

  it('names it when a port is missing now and then', async () => {
    const seldom: Answer = async (n, self) => (n === 3 ? BUSY : `229 OK (|||${await self.openData()}|)`);
    const checks = await ask({ EPSV: seldom });
    assert.match(failed(checks).join(), /^epsv-port: 425 .* the range is too small/);
    assert.equal(checks.at(-1)?.result, 'pass');
  });

  it('says of another refusal what the server said', async () => {
    const checks = await ask({ EPSV: () => '425 No data connection' });
    assert.deepEqual(failed(checks), ['epsv-port: 425 No data connection']);
  });

  it('fails EPSV when the server does not know it, and says what hides it', async () => {
    const unknown = { EPSV: () => '500 Unknown command' };
    const checks = await ask(unknown);
    assert.match(
      failed(checks).join(),
      /^epsv: 500 Unknown command: .* BrokenClientsCompatibility or NATmode on/,
    );
    assert.ok(!checks.some(({ id }) => id === 'epsv-data'));
    assert.deepEqual(failed(await ask(unknown, { server: 'proftpd' })), ['epsv: 500 Unknown command']);
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
    const early = { PASV: () => "530 You aren't logged in" };
    const checks = await ask(early, { login: null, whyNoLogin: 'No account is here.' });
    assert.equal(
      results(checks),
      'control pass, login skip, pasv-address skip, pasv-data skip, epsv-data skip, guarded pass',
    );
    assert.ok(checks.slice(1, 5).every(({ fact }) => fact === 'No account is here.'));
    assert.equal(checks.at(-1)?.fact, "530 You aren't logged in");
  });

  it('tells of a server that opens data ports for anybody', async () => {
    const open = { PASV: () => '227 Entering Passive Mode (127,0,0,1,200,1)' };
    const checks = await ask(open, { login: null, whyNoLogin: 'No account is here.' });
    assert.deepEqual(failed(checks), ['guarded: 227 Entering Passive Mode (127,0,0,1,200,1)']);
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
    assert.deepEqual(failed(await ask({ LIST: () => '550 Not here' })), [
      'pasv-data: 550 Not here',
      'epsv-data: 550 Not here',
    ]);
  });

  it('skips a listing that the server sends over TLS only', async () => {
    const words = '522 SSL/TLS required on the data channel';
    const checks = await ask({ LIST: () => words });
    assert.deepEqual(skipped(checks), [
      `pasv-data: The server lets data pass over TLS only: ${words}`,
      `epsv-data: The server lets data pass over TLS only: ${words}`,
    ]);
  });

  it('passes a listing that is empty', async () => {
    const checks = await ask({ listing: () => '' });
    assert.deepEqual(failed(checks), []);
    assert.match(checks.find(({ id }) => id === 'pasv-data')?.fact ?? '', /^0 bytes from port/);
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
    const checks = await ask({ greeting: () => null });
    assert.match(failed(checks).join(), /^control: 127\.0\.0\.1:\d+: the server closed the connection$/);
    assert.equal(checks.length, 1);
  });

  const FULL = '421 1 users (the maximum) are already logged in, sorry';

  it('comes again where a session that has ended still counts', async () => {
    const checks = await ask({
      greeting: (_, self) => (self.sessions.count % 3 === 0 ? '220 Welcome' : FULL),
    });
    assert.deepEqual(failed(checks), []);
    assert.equal(server?.sessions.count, 6);
  });

  it('reports a server that stays full', async () => {
    const checks = await ask({ greeting: () => FULL });
    assert.match(failed(checks).join(), /^control: .*: 421 1 users \(the maximum\)/);
    assert.equal(server?.sessions.count, 6);
  });

  it('reports a port on which nothing listens', async () => {
    const port = await closedPort();
    const checks = await ask({}, { port });
    assert.equal(checks.length, 1);
    assert.match(failed(checks)[0] ?? '', new RegExp(`^control: 127\\.0\\.0\\.1:${port}: .*ECONNREFUSED`));
  });

  it('tries twenty times at length, and says goodbye', async () => {
    const checks = await ask({}, { depth: 'full' });
    assert.equal(server?.heard.filter((line) => line === 'PASV').length, 20);
    assert.match(checks.find(({ id }) => id === 'pasv-port')?.fact ?? '', /^20 tries, ports \d+ to \d+\.$/);
    assert.equal(server.heard.filter((line) => line === 'QUIT').length, server.sessions.count);
    assert.deepEqual(skipped(checks), ['tls-control: TLS is off: 500 Unknown command']);
  });

  describe('of the advertised address', () => {
    const told = (address: string, listensAt: string): Answer => {
      return async (_, self) => {
        const port = await self.openData(listensAt);
        return `227 Entering Passive Mode (${address.replaceAll('.', ',')},${port >> 8},${port & 255})`;
      };
    };
    const at = (address: string, listensAt: string, some: Readonly<Record<string, Answer>> = {}) =>
      ask(
        { PASV: told(address, listensAt), ...some },
        { wish: { range: ANY, address }, advertised: true, depth: 'full' },
      );

    it('passes where a way leads back', async () => {
      const check = (await at('127.0.0.2', '0.0.0.0')).find(({ id }) => id === 'pasv-advertised');
      assert.equal(check?.result, 'pass');
      assert.match(check.fact, /^Connected to 127\.0\.0\.2:\d+ from this server\.$/);
    });

    it('is not provable where none does, and no failure', async () => {
      const checks = await at('127.0.0.2', '127.0.0.1');
      assert.deepEqual(failed(checks), []);
      assert.match(
        skipped(checks)[0] ?? '',
        /^pasv-advertised: Not provable from here: .* 127\.0\.0\.2:\d+: .*ECONNREFUSED/,
      );
    });

    it('is not tried when it is the address of the control connection', async () => {
      const checks = await at('127.0.0.1', '127.0.0.1');
      assert.ok(!checks.some(({ id }) => id === 'pasv-advertised'));
    });

    it('is not tried when the data port is silent here already', async () => {
      const port = await closedPort();
      const PASV = (): string => `227 Entering Passive Mode (127,0,0,2,${port >> 8},${port & 255})`;
      const checks = await at('127.0.0.2', '', { PASV });
      assert.deepEqual(skipped(checks).slice(0, 1), [
        'pasv-advertised: Not tried: it does not answer here either.',
      ]);
    });
  });
});
