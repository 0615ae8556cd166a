import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandResult } from '../../src/engine/ports.ts';
import { deadManWith } from '../../src/system/dead-man.ts';
import { isAlive } from './alive.ts';
import { scratchDirectory } from './scratch.ts';

const RUN = '20261122T102233Z-00000a';
const LAUNCHER = '/opt/whm-ftp-passive/plugin/bin/ftp-passive';

/** A systemd that takes everything. `timer`: what it says of the timer afterwards. */
function systemd(timer: string, code = 0): { calls: string[][]; run: typeof run } {
  const calls: string[][] = [];
  const run = (argv: readonly string[]): Promise<CommandResult> => {
    calls.push([...argv]);
    const stdout = argv[1] === 'is-active' ? `${timer}\n` : '';
    return Promise.resolve({
      argv,
      code,
      signal: null,
      stdout,
      stderr: '',
      missing: false,
      timedOut: false,
      ms: 1,
    });
  };
  return { calls, run };
}

describe('the armed switch', () => {
  const scratch = scratchDirectory();

  /** A program that writes down its process number and what it was told, and stays. */
  function program(): string {
    const path = scratch('program');
    writeFileSync(path, `#!/bin/sh\necho "$$ $*" > '${scratch('began')}'\nexec /bin/sleep 30\n`);
    chmodSync(path, 0o755);
    return path;
  }
  async function began(): Promise<{ pid: number; told: string }> {
    while (!existsSync(scratch('began')) || readFileSync(scratch('began'), 'utf8') === '') await sleep(10);
    const [pid = '', ...told] = readFileSync(scratch('began'), 'utf8').trim().split(' ');
    return { pid: Number(pid), told: told.join(' ') };
  }

  it('is a timer of systemd, exact to the second, named after the run', async () => {
    const { calls, run } = systemd('active');
    await deadManWith(LAUNCHER, scratch('armed'), run).arm(RUN, 120);
    const [begun = [], asked = []] = calls;
    assert.match(begun[0] ?? '', /\/systemd-run$/);
    for (const option of [
      '--on-active=120s',
      `--unit=ftp-passive-undo-${RUN}`,
      '--timer-property=AccuracySec=1s',
      '--property=KillMode=process',
    ])
      assert.ok(begun.includes(option), option);
    assert.deepEqual(begun.slice(begun.indexOf('--')), [
      '--',
      LAUNCHER,
      'undo',
      RUN,
      '--yes',
      '--unless-confirmed',
    ]);
    assert.deepEqual(asked.slice(1), ['is-active', `ftp-passive-undo-${RUN}.timer`]);
  });

  it('is taken away by its timer, and what that has started goes on', async () => {
    const { calls, run } = systemd('active');
    await deadManWith(LAUNCHER, scratch('armed'), run).disarm(RUN);
    assert.deepEqual(
      calls.map((argv) => argv.slice(1)),
      [['stop', `ftp-passive-undo-${RUN}.timer`]],
    );
  });

  for (const [what, timer, code] of [
    ['is not at work', '', 1],
    ['reports success and has no timer', 'inactive', 0],
  ] as const) {
    it(`is a process in a session of its own where systemd ${what}`, async () => {
      await deadManWith(program(), scratch('armed'), systemd(timer, code).run).arm(RUN, 120);
      const { pid, told } = await began();
      try {
        assert.equal(told, `undo ${RUN} --yes --unless-confirmed`);
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const session = stat
          .slice(stat.lastIndexOf(')') + 2)
          .split(' ')
          .at(3);
        assert.equal(Number(session), pid);
      } finally {
        process.kill(pid, 'SIGKILL');
      }
    });
  }

  it('leaves a sign for the next boot until it is taken away', async () => {
    const { run } = systemd('active');
    const sign = scratch('armed');
    const begun: boolean[] = [];
    const looking = (argv: readonly string[]): Promise<CommandResult> => {
      begun.push(existsSync(sign));
      return run(argv);
    };
    const deadMan = deadManWith(LAUNCHER, sign, looking);
    await deadMan.arm(RUN, 120);
    assert.deepEqual([readFileSync(sign, 'utf8'), begun[0]], [`${RUN}\n`, true]);
    await deadMan.disarm(RUN);
    assert.ok(!existsSync(sign));
  });

  it('is refused where the sign cannot be left', async () => {
    const { calls, run } = systemd('active');
    await assert.rejects(deadManWith(LAUNCHER, scratch('nowhere', 'armed'), run).arm(RUN, 120), {
      code: 'not-found',
      message: /nowhere\/armed cannot be written: its directory does not exist\.$/,
    });
    assert.deepEqual(calls, []);
  });

  it('outlives the process that armed it, killed without a warning', async () => {
    const source = join(import.meta.dirname, '../../src/system/dead-man.ts');
    const script = `
      import { deadManWith } from ${JSON.stringify(source)};
      const run = (argv) => Promise.resolve({ argv, code: 1, signal: null, stdout: '', stderr: '', missing: false, timedOut: false, ms: 1 });
      await deadManWith(${JSON.stringify(program())}, ${JSON.stringify(scratch('armed'))}, run).arm(${JSON.stringify(RUN)}, 120);
      setInterval(() => undefined, 1000);
    `;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: join(import.meta.dirname, '../..'),
      stdio: 'inherit',
      detached: true,
    });
    const { pid } = await began();
    try {
      process.kill(-(child.pid ?? assert.fail()), 'SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
      await sleep(200);
      assert.ok(isAlive(pid));
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  }).timeout(20_000);

  it('is refused where neither can be had', async () => {
    await assert.rejects(
      deadManWith(scratch('nothing'), scratch('armed'), systemd('', 1).run).arm(RUN, 120),
      {
        code: 'unsupported',
        message: /^Nothing could be armed .* the firewall was not touched\.$/,
      },
    );
  });
});
