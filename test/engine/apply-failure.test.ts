import assert from 'node:assert/strict';
import { CONF, LOCAL } from '../ftp/cpanel.ts';
import { exits, run } from './applying.ts';
import { BOOT, NFT, RESTART, RULES, SETTINGS_PATH, SETUP, startServer } from './server.ts';

describe('apply that fails', () => {
  const failures: readonly (readonly [
    why: string,
    answer: ReturnType<typeof exits>,
    code: string,
    message: string,
  ])[] = [
    [
      'exits with 2',
      exits(2, { stdout: 'no\n', stderr: 'why\n' }),
      'command-failed',
      `${SETUP} failed with exit code 2.`,
    ],
    ['is killed', exits(null, { signal: 'SIGKILL' }), 'command-failed', `${SETUP} was ended by SIGKILL.`],
    ['takes too long', exits(null, { timedOut: true }), 'timeout', `${SETUP} was ended after 900 seconds.`],
    ['is gone', exits(null, { missing: true }), 'not-found', `${SETUP} is missing or cannot be run.`],
    [
      'ends well and has done nothing',
      exits(0),
      'not-proven',
      'cPanel wrote the address none instead of 203.0.113.10.',
    ],
  ];
  for (const [why, answer, code, message] of failures) {
    it(`puts everything back, bytes and times, when the program ${why}`, async () => {
      const server = startServer({ local: 'TLS: 1\n' });
      const before = server.state();
      const { ending, log, plan } = await run(server, {
        before: ({ programs }) => void programs.set(SETUP, answer),
      });
      assert.equal(ending.state, 'undone');
      assert.equal(ending.changed, false);
      assert.deepEqual([ending.problem?.code, ending.problem?.message], [code, message]);
      assert.deepEqual(server.state(), before);
      const failed = log.marks.findIndex((mark) => mark.endsWith('failed'));
      const changing = plan.steps.filter((step) => 'path' in step || 'command' in step).map(({ id }) => id);
      const begun = changing.filter((id) => log.marks.slice(0, failed).includes(`${id} running`));
      assert.deepEqual(
        log.marks.slice(failed + 1),
        begun.reverse().map((id) => `${id} undone`),
      );
    });
  }

  it('tells the end of what the program printed', async () => {
    const stdout = Array.from({ length: 60 }, (_, line) => `line ${line}`).join('\n');
    const { ending } = await run(startServer(), {
      before: ({ programs }) => void programs.set(SETUP, exits(1, { stdout })),
    });
    assert.equal(ending.problem?.detail?.split('\n').length, 40);
    assert.ok(ending.problem.detail.endsWith('line 59'));
  });

  it('takes back what cPanel had written, restarts the daemon on it, and closes the firewall last', async () => {
    const server = startServer();
    const before = server.state();
    const { ending } = await run(server, {
      before({ programs, rebuild }) {
        programs.set(SETUP, (argv) => {
          rebuild();
          return exits(1)(argv);
        });
      },
    });
    assert.equal(ending.state, 'undone');
    assert.deepEqual(server.state(), before);
    assert.deepEqual(
      server.calls.map((call) => call.split(' ')[0]),
      [NFT, SETUP, '/usr/bin/systemctl', RESTART, NFT],
    );
    assert.ok(server.calls.includes('/usr/bin/systemctl enable pure-ftpd.service'));
    assert.equal(server.daemon.conf, server.disk.text(CONF));
  });

  it('runs no step after the one that failed', async () => {
    const server = startServer();
    const { ending, log } = await run(server, {
      before: ({ kernel }) => kernel.load('insert rule inet filter input tcp dport 1-65535 drop'),
    });
    assert.equal(ending.problem?.code, 'unsupported');
    assert.deepEqual(log.marks, ['s1 running', 's1 failed']);
    assert.deepEqual(server.calls, []);
  });

  it('loses nothing that somebody wrote in between', async () => {
    const server = startServer({ local: 'TLS: 1\n' });
    const { ending } = await run(server, { before: ({ disk }) => disk.put(LOCAL, 'TLS: 3\n') });
    assert.equal(ending.state, 'undone');
    assert.equal(ending.problem?.code, 'change-conflict');
    assert.equal(server.disk.text(LOCAL), 'TLS: 3\n');
    assert.equal(server.kernel.meet('ipv4', 50000).outcome, 'refused');
    assert.equal(server.disk.text(BOOT), `flush ruleset\n${RULES}`);
  });

  it('is cancelled after the step that runs, and put back', async () => {
    const server = startServer();
    const before = server.state();
    const cancel = new AbortController();
    const { ending, log } = await run(server, {
      cancel,
      before({ programs }) {
        const setup = programs.get(SETUP) ?? assert.fail();
        programs.set(SETUP, (argv, options) => {
          cancel.abort();
          return setup(argv, options);
        });
      },
    });
    assert.equal(ending.state, 'undone');
    assert.equal(ending.problem?.message, 'Cancelled; what was done is put back.');
    assert.ok(log.marks.includes('s6 done') && log.marks.includes('s7 failed'));
    assert.deepEqual(server.state(), before);
  });

  it('says so when the way back fails too, goes on with the rest, and does not call it undone', async () => {
    const server = startServer();
    const { ending, log } = await run(server, {
      before({ programs }) {
        programs.set(SETUP, exits(1));
        programs.set(RESTART, exits(7));
      },
    });
    assert.equal(ending.state, 'failed');
    assert.equal(ending.changed, true);
    assert.equal(
      ending.problem?.message,
      `${SETUP} failed with exit code 1. Not everything could be put back: ${RESTART} failed with exit code 7.`,
    );
    assert.deepEqual(log.marks.slice(-5), ['s6 failed', 's6 left', 's5 undone', 's3 undone', 's2 undone']);
    assert.equal(server.kernel.meet('ipv4', 50000).outcome, 'refused');
  });

  it('keeps the rest of the way back when a file cannot be restored', async () => {
    const server = startServer();
    const { ending, log } = await run(server, {
      before({ disk, programs }) {
        programs.set(SETUP, (argv) => {
          disk.readOnly.add(BOOT);
          return exits(1)(argv);
        });
      },
    });
    assert.equal(ending.state, 'failed');
    assert.match(
      ending.problem?.message ?? '',
      /Not everything could be put back: \/etc\/nftables\.conf cannot be written/,
    );
    assert.ok(log.marks.includes('s3 left') && log.marks.includes('s5 undone'));
    assert.equal(server.disk.text(LOCAL), null);
  });

  it('keeps a range open that an earlier run had opened when it cannot be closed', async () => {
    const server = startServer();
    await run(server, { some: { range: [30000, 35000] } });
    const before = server.state();
    const { ending } = await run(server, {
      some: { range: [50000, 51000] },
      before({ programs }) {
        const nft = programs.get(NFT) ?? assert.fail();
        let closings = 0;
        programs.set(NFT, (argv, options) =>
          options.stdin?.startsWith('delete rule') === true && closings++ === 0
            ? exits(1)(argv)
            : nft(argv, options),
        );
      },
    });
    assert.deepEqual([ending.state, ending.problem?.message], ['undone', `${NFT} failed with exit code 1.`]);
    assert.deepEqual(server.state(), before);
    assert.equal(server.kernel.meet('ipv4', 30000).outcome, 'open');
  });

  it('puts an earlier range back when its last step fails', async () => {
    const server = startServer();
    await run(server, { some: { range: [30000, 35000] } });
    const before = server.state();
    const { ending, log } = await run(server, {
      some: { range: [50000, 51000] },
      before: ({ disk }) => {
        const { replace } = disk.files;
        let writes = 0;
        Object.assign(disk.files, {
          replace: (path: string, expects: string, text: string | null) => {
            if (path === BOOT && ++writes === 2) return Promise.reject(new Error('the disk is full'));
            return replace(path, expects, text);
          },
        });
      },
    });
    assert.equal(ending.state, 'undone', JSON.stringify(ending));
    assert.equal(ending.problem?.message, 'the disk is full');
    assert.ok(log.marks.at(-1)?.endsWith('undone'));
    assert.deepEqual(server.state(), before);
    assert.equal(server.disk.text(SETTINGS_PATH)?.includes('30000-35000'), true);
  });
});
