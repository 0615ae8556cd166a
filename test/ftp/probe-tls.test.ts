import assert from 'node:assert/strict';
import type { ProbeTarget } from '../../src/ftp/probe.ts';
import { makeCertificate } from '../http/certificate.ts';
import { TLS_ON, type Answer } from './fake-server.ts';
import { failed, LOGIN, probed, results, skipped, type Probed } from './probing.ts';

describe('the probe of TLS', () => {
  let pem = '';
  before(() => {
    pem = makeCertificate('ftp.example.com');
  });
  const ask = (
    answers: Readonly<Record<string, Answer>> = {},
    target: Partial<ProbeTarget> = {},
  ): Promise<Probed> => probed({ ...TLS_ON, ...answers }, target, pem);
  const onlyTls = (...ids: readonly string[]): string => ids.map((id) => `tls-${id} pass`).join(', ');

  it('comes after the plain one, in a session of its own', async () => {
    const { checks, server } = await ask();
    assert.deepEqual(failed(checks), []);
    assert.equal(
      results(checks.slice(7)),
      onlyTls(
        ...['control', 'login', 'protection', 'pasv-address', 'pasv-port', 'pasv-data', 'epsv-port'],
        'epsv-data',
      ),
    );
    assert.equal(server.sessions.count, 2);
    assert.equal(server.heard.filter((line) => line === 'QUIT').length, 2);
    const [control] = checks.filter(({ id }) => id === 'tls-control');
    assert.match(
      control?.fact ?? '',
      /: 234 AUTH TLS OK\.; TLSv1\.3; certificate CN=ftp\.example\.com, not verified$/,
    );
    assert.equal(control?.title, 'The FTP server answers, over TLS');
  });

  it('resumes the session of the control connection on every data connection', async () => {
    const { server } = await ask({}, { depth: 'full', upload: 'test-file' });
    assert.deepEqual(server.resumed, [true, true, true, true]);
  });

  it('tells at length that TLS is off, and nothing when it is quick', async () => {
    const off = { AUTH: () => '502 No TLS here' };
    assert.deepEqual(skipped((await ask(off, { depth: 'full' })).checks), [
      'tls-control: TLS is off: 502 No TLS here',
    ]);
    assert.equal((await ask(off)).checks.length, 7);
  });

  it('fails a server that has TLS and cannot do it', async () => {
    const { checks } = await ask({ AUTH: () => '431 Unable to accept security mechanism' });
    assert.deepEqual(failed(checks), [
      'tls-control: TLS is refused: 431 Unable to accept security mechanism',
    ]);
  });

  it('fails a handshake that comes to nothing', async () => {
    const { checks } = await probed(TLS_ON);
    assert.match(failed(checks).join(), /^tls-control: 234 AUTH TLS OK\.; then no agreement: .+/);
    assert.equal(checks.at(-1)?.id, 'tls-control');
  });

  it('does not listen to words that came before the handshake', async () => {
    const { checks } = await ask({ AUTH: () => '234 AUTH TLS OK.\r\n230 You are in' });
    assert.deepEqual(failed(checks), []);
    assert.match(checks.find(({ id }) => id === 'tls-login')?.fact ?? '', /^230 OK/);
  });

  it('stops at a login that is refused there', async () => {
    const seen = { count: 0 };
    const { checks } = await ask({ PASS: () => (seen.count++ === 0 ? '230 OK' : '530 No') });
    assert.deepEqual(failed(checks), ['tls-login: 530 No']);
    assert.equal(checks.at(-1)?.id, 'tls-login');
  });

  it('fails where data cannot be protected', async () => {
    const { checks } = await ask({ PROT: () => '536 Not that' });
    assert.deepEqual(failed(checks), ['tls-protection: 200 PBSZ=0; 536 Not that']);
    assert.equal(checks.at(-1)?.id, 'tls-protection');
  });

  it('shows the certificate without a login too', async () => {
    const { checks } = await ask(
      { PASV: () => "530 You aren't logged in" },
      { login: null, whyNoLogin: 'No account is here.' },
    );
    assert.equal(results(checks.slice(-2)), 'guarded pass, tls-control pass');
  });

  const demands: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
    'Pure-FTPd': {
      USER: (_, self) =>
        self.heard.includes('AUTH TLS') ? '331 Go on' : '421 Please reconnect using TLS security mechanisms.',
    },
    ProFTPD: {
      PASS: (_, self) =>
        self.heard.includes('AUTH TLS') ? '230 OK' : '550 SSL/TLS required on the control channel',
    },
  };
  for (const [name, answers] of Object.entries(demands)) {
    it(`is what counts where ${name} demands it`, async () => {
      const { checks } = await ask(answers, { depth: 'full', advertised: true });
      assert.deepEqual(failed(checks), []);
      assert.match(skipped(checks).join(), /^login: The server takes logins over TLS only: (421|550) /);
      assert.equal(checks.filter(({ id }) => !id.startsWith('tls-')).length, 2);
      assert.equal(checks.find(({ id }) => id === 'tls-epsv-data')?.result, 'pass');
    });
  }

  it('never tells the password', async () => {
    const { checks } = await ask({}, { login: { ...LOGIN, password: 'not-to-be-told' } });
    assert.ok(!JSON.stringify(checks).includes('not-to-be-told'));
  });
});
