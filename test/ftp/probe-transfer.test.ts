import assert from 'node:assert/strict';
import type { Answer } from './fake-server.ts';
import { failed, probed, results, skipped, type Probed } from './probing.ts';

const NAME = 'ftp-passive-check-0a1b2c';

describe('the round trip of a file', () => {
  const ask = (answers: Readonly<Record<string, Answer>> = {}): Promise<Probed> =>
    probed(answers, { upload: NAME });

  it('uploads over EPSV, downloads over PASV, compares and takes the file away', async () => {
    const { checks, server } = await ask();
    assert.equal(results(checks.slice(-2)), 'upload pass, download pass');
    assert.match(
      checks.at(-2)?.fact ?? '',
      /^50000 bytes to port \d+; 226-File successfully transferred\n226 /,
    );
    assert.match(checks.at(-1)?.fact ?? '', /^50000 of 50000 bytes from port \d+; 226 /);
    const trip = ['TYPE I', 'EPSV', `STOR ${NAME}`, 'PASV', `RETR ${NAME}`, `DELE ${NAME}`, 'QUIT'];
    const start = server.heard.indexOf('TYPE I');
    assert.deepEqual(server.heard.slice(start, start + trip.length), trip);
    assert.equal(server.kept.size, 0);
  });

  it('goes over the other kind of connection where one is missing', async () => {
    for (const verb of ['PASV', 'EPSV']) {
      const { checks } = await ask({ [verb]: () => '500 Unknown command' });
      assert.equal(results(checks.slice(-2)), 'upload pass, download pass', verb);
    }
  });

  it('is not tried where no port is to be had', async () => {
    const { checks } = await ask({ PASV: () => '425 No', EPSV: () => '425 No' });
    assert.equal(skipped(checks).at(-1), 'upload: No port was told.');
  });

  it('skips an upload that the account may not make', async () => {
    const { checks, server } = await ask({ STOR: () => '553 Permission denied' });
    assert.equal(skipped(checks).at(-1), 'upload: 553 Permission denied');
    assert.ok(!server.heard.some((line) => line.startsWith('RETR') || line.startsWith('DELE')));
  });

  it('fails an upload that the server gives up', async () => {
    const { checks } = await ask({ stored: () => '426 Connection closed; transfer aborted' });
    assert.deepEqual(failed(checks), ['upload: 426 Connection closed; transfer aborted']);
  });

  it('fails a download with other content, or less of it', async () => {
    const spoil =
      (change: (bytes: Uint8Array) => Uint8Array): Answer =>
      (_, self) => {
        for (const [name, bytes] of self.kept) self.kept.set(name, change(bytes));
        return '150 Accepted data connection';
      };
    const { checks: other } = await ask({ RETR: spoil((bytes) => bytes.map((byte) => byte ^ 1)) });
    assert.match(failed(other).join(), /^download: Other bytes came back\. 50000 of 50000 bytes from/);
    const { checks: less } = await ask({ RETR: spoil((bytes) => bytes.subarray(0, 0)) });
    assert.match(failed(less).join(), /^download: 0 of 50000 bytes from/);
  });

  it('fails a download that is refused, and still takes the file away', async () => {
    const { checks, server } = await ask({ RETR: () => '550 Not yours' });
    assert.deepEqual(failed(checks), ['download: 550 Not yours']);
    assert.equal(server.kept.size, 0);
  });

  it('tells of a file that it could not take away', async () => {
    const { checks } = await ask({ DELE: () => '550 Not allowed' });
    assert.deepEqual(failed(checks), [`delete: ${NAME} is left: 550 Not allowed`]);
  });
});
