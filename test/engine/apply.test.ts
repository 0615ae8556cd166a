import assert from 'node:assert/strict';
import { FLAGS } from '../../src/ftp/rebuild.ts';
import { changedPaths } from '../../src/engine/apply.ts';
import { makePlan } from '../../src/engine/planning.ts';
import { CONF, LOCAL, MAIN } from '../ftp/cpanel.ts';
import { run } from './applying.ts';
import { BOOT, NFT, SETUP, settings, startServer } from './server.ts';

describe('apply', () => {
  it('does every step, and says before and after each what it does', async () => {
    const server = startServer();
    const { ending, log, plan } = await run(server);
    assert.deepEqual(ending, { state: 'done', changed: true });
    assert.deepEqual(
      log.marks,
      plan.steps.flatMap(({ id }) => [`${id} running`, `${id} done`]),
    );
    assert.equal(server.kernel.meet('ipv4', 50000).outcome, 'open');
    assert.equal(server.kernel.meet('ipv6', 65534).outcome, 'open');
    assert.match(server.disk.text(CONF) ?? '', /^ForcePassiveIP 203\.0\.113\.10$/m);
    assert.ok(log.said.includes(`# ${SETUP} pure-ftpd --force`));
    assert.ok(log.said.includes('FTP server conversion complete\r\n'));
  });

  it('has in the journal what a step may change before it changes it, and its tags after', async () => {
    const server = startServer({ local: 'TLS: 1\n' });
    const { log, plan } = await run(server);
    const states = log.entries.map((entry) =>
      entry.at === 'step' ? `${entry.step} ${entry.state}` : entry.at,
    );
    assert.deepEqual(states, log.marks);
    const write = plan.steps.find((step) => step.kind === 'write' && step.path === LOCAL)?.id;
    const [begun, done] = log.entries.filter((entry) => entry.at === 'step' && entry.step === write);
    assert.ok(
      begun?.at === 'step' && begun.state === 'running' && done?.at === 'step' && done.state === 'done',
    );
    const [saved] = begun.saved;
    assert.deepEqual([saved?.path, server.disk.text(saved?.copy ?? '')], [LOCAL, 'TLS: 1\n']);
    assert.deepEqual(done.tags, { [LOCAL]: (await server.ports.files.read(LOCAL))?.tag });
  });

  it('hands each program what its step says', async () => {
    const server = startServer();
    const heard: unknown[] = [];
    const { run: original } = server.ports;
    const ports = {
      ...server.ports,
      run: ((argv, options) => {
        if (argv[0] === SETUP || options?.stdin !== undefined)
          heard.push([argv[0], options?.tty, options?.timeoutSeconds, options?.stdin?.slice(0, 11)]);
        return original(argv, options);
      }) as typeof original,
    };
    await run({ ...server, ports });
    assert.deepEqual(heard, [
      [NFT, false, 60, 'insert rule'],
      [SETUP, true, 900, undefined],
    ]);
  });

  it('knows which files a plan may change, each once', async () => {
    const plan = await makePlan(startServer().ports, settings());
    assert.deepEqual(changedPaths(plan), [
      BOOT,
      LOCAL,
      MAIN,
      `${MAIN}.cache`,
      `${LOCAL}.cache`,
      CONF,
      ...FLAGS,
    ]);
  });
});
