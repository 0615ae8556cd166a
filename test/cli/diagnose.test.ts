import assert from 'node:assert/strict';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import sinon from 'sinon';
import { parseArguments } from '../../src/cli/arguments.ts';
import { diagnoseLog } from '../../src/cli/diagnose.ts';
import { Problem } from '../../src/core/problem.ts';
import type { Status } from '../../src/core/status.ts';
import { readLogText } from '../../src/system/log-text.ts';
import { logOf } from '../diagnosis/cases.ts';
import { RIGHT, same, server } from '../diagnosis/server.ts';

interface Said {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  readonly read: readonly (string | null)[];
}

/** Runs the verb on a log, with the server as it is given. */
async function said(line: string, text: string, status: Status | Error = RIGHT, cut = false): Promise<Said> {
  const heard = { out: '', err: '' };
  const read: (string | null)[] = [];
  const exit = await diagnoseLog(
    parseArguments(['diagnose', ...line.split(' ').filter((word) => word !== '')]),
    {
      out: (more) => void (heard.out += more),
      err: (more) => void (heard.err += more),
      isTyped: false,
      readLog: (path) => {
        read.push(path);
        return Promise.resolve({ text, cut });
      },
      status: () => (status instanceof Error ? Promise.reject(status) : Promise.resolve(status)),
    },
  );
  return { exit, ...heard, read };
}

describe('the verb diagnose', () => {
  const behindNat = server({ address: same(null) });

  it('ends with 0 and names cause, line, server’s fact and fix', async () => {
    const { exit, out, err } = await said('', logOf('lftp-private-timeout'), behindNat);
    assert.deepEqual([exit, err], [0, '']);
    assert.match(out, /^Cause {3}Clients are told an address .* \(nat-address, certain\)\n/);
    assert.match(out, /^Line {4}45: <--- 227 Entering Passive Mode \(10,0,0,5,222,115\)\n/m);
    assert.match(out, /^Server {2}This server is behind NAT/m);
    assert.match(out, /^Fix {5}Let the FTP server advertise/m);
    assert.match(out, /^Client {2}lftp\n/m);
    assert.doesNotMatch(out, /^Or /m);
    const more = await said('', logOf('lftp-private-fixed-drop'), behindNat);
    assert.match(more.out, /^Or {6}.*\(data-blocked\), if /m);
  });

  it('prints one JSON document', async () => {
    const { exit, out } = await said('--json', logOf('lftp-private-fixed-drop'), behindNat);
    assert.equal(exit, 0);
    assert.equal(out.trimEnd().split('\n').length, 1);
    const document = JSON.parse(out) as Record<string, unknown>;
    assert.equal(document['cause'], 'nat-address');
    assert.deepEqual(document['evidence'], {
      line: 45,
      text: '<--- 227 Entering Passive Mode (10,0,0,5,206,176)',
    });
    for (const name of ['title', 'fact', 'fix', 'client'])
      assert.equal(typeof document[name], 'string', name);
    const [first] = document['alternatives'] as Record<string, string>[];
    assert.deepEqual(Object.keys(first ?? {}), ['cause', 'title', 'tells']);
  });

  it('ends with 3 when it does not know', async () => {
    const { exit, out } = await said('', logOf('apache'));
    assert.equal(exit, 3);
    assert.match(out, /^Cause {3}This shows no conversation[^\n]*\nNext {4}A log helps/);
    const json = await said('--json', logOf('apache'));
    assert.equal(json.exit, 3);
    const document = JSON.parse(json.out) as Record<string, unknown>;
    assert.deepEqual([document['cause'], document['evidence'], document['alternatives']], [null, null, []]);
  });

  it('finds with the server’s fact what the log alone does not tell', async () => {
    assert.equal((await said('', logOf('filezilla-gnutls-hidden'), new Error('x'))).exit, 3);
    const { exit, out } = await said('', logOf('filezilla-gnutls-hidden'), server({ server: 'proftpd' }));
    assert.equal(exit, 0);
    assert.match(out, /\(tls-session-reuse, likely\)/);
  });

  it('diagnoses although the server cannot be asked', async () => {
    const { exit, out } = await said(
      '',
      logOf('lftp-private-timeout'),
      new Problem('timeout', 'nft did not answer.'),
    );
    assert.equal(exit, 0);
    assert.match(out, /^Server {2}This server could not be asked: nft did not answer\.\n/m);
  });

  it('reads a file, or standard input', async () => {
    assert.deepEqual((await said('', '')).read, [null]);
    assert.deepEqual((await said('-', '')).read, [null]);
    assert.deepEqual((await said('/tmp/x.log --json', '')).read, ['/tmp/x.log']);
    assert.match((await said('', '', RIGHT, true)).err, /^Only the first MiB of the log was read\.\n$/);
  });

  it('prints nothing that a terminal obeys', async () => {
    const { out } = await said(
      '',
      '\x1b]0;x\x07\x1b[2J421 Illegal forced IP for passive connections\x9b2J\r\nx',
    );
    assert.match(out, /^Line {4}1: 421 Illegal forced IP/m);
    assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  });
});

describe('the text of a log', () => {
  const fixture = join(import.meta.dirname, '../fixtures/diagnosis/curl-ok.txt');

  it('is read from a file, as far as it may go', async () => {
    assert.deepEqual(await readLogText(fixture, 1e6), { text: logOf('curl-ok'), cut: false });
    assert.deepEqual(await readLogText(fixture, 10), { text: logOf('curl-ok').slice(0, 10), cut: true });
    const endless = await readLogText('/dev/zero', 100_000);
    assert.deepEqual([endless.text.length, endless.cut], [100_000, true]);
  });

  it('is read from standard input', async () => {
    const input = new PassThrough();
    const stdin = sinon.stub(process, 'stdin').value(input);
    try {
      input.end('PASV\n');
      assert.deepEqual(await readLogText(null, 100), { text: 'PASV\n', cut: false });
    } finally {
      stdin.restore();
    }
  });

  it('is refused in one sentence where there is none', async () => {
    for (const [path, code] of [
      ['/nonexistent/x.log', 'ENOENT'],
      ['/tmp', 'EISDIR'],
    ] as const) {
      await assert.rejects(readLogText(path, 100), (error: unknown) => {
        assert.ok(error instanceof Problem);
        assert.equal(error.code, 'invalid');
        assert.equal(
          error.message,
          `The log "${path}" cannot be read (${code}): name a file, or - for standard input.`,
        );
        return true;
      });
    }
  });
});
