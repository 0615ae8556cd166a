import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../src/core/problem.ts';
import type { CommandOptions, CommandResult } from '../../src/engine/ports.ts';
import { CLEAN_ENVIRONMENT, runCommand } from '../../src/system/exec.ts';
import { isAlive } from './alive.ts';
import { scratchDirectory } from './scratch.ts';

const SH = '/bin/sh';

/** It and what it starts ignore the polite signal; only a kill of each ends them. It takes five seconds. */
const stubborn = async (tty: boolean): Promise<CommandResult & { readonly heard: string }> => {
  const script = [
    `trap '' TERM`,
    'sleep 60 & echo "child $!"',
    `(setsid ${SH} -c 'echo "child $$"; sleep 60 & echo "child $!"; wait' &)`,
    // An orphan in its own session without its environment: it was seen as a child before.
    `setsid ${SH} -c 'env -i setsid sleep 60 & echo "child $!"; sleep 1' &`,
    'wait; wait',
  ].join('\n');
  const heard: Uint8Array[] = [];
  const result = await runCommand([SH, '-c', script], {
    tty,
    timeoutSeconds: 1.5,
    onOutput: (bytes) => heard.push(bytes),
  });
  return { ...result, heard: Buffer.concat(heard).toString() };
};
let stubbornRuns: Readonly<Record<'pipes' | 'terminal', ReturnType<typeof stubborn>>> | null = null;

/** What both ways of running a program promise. */
export function promisesOfCommands(tty: boolean): void {
  const scratch = scratchDirectory();
  const run = (argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> =>
    runCommand(argv, { tty, ...options });
  const shell = (script: string, options: CommandOptions = {}): Promise<CommandResult> =>
    run([SH, '-c', script], options);

  before(() => {
    stubbornRuns ??= { pipes: stubborn(false), terminal: stubborn(true) };
  });

  it('tells that a program is missing, is a directory, may not be run, or is named without its place', async () => {
    mkdirSync(scratch('directory'));
    writeFileSync(scratch('plain'), '#!/bin/sh\n', { mode: 0o644 });
    for (const program of [scratch('none'), scratch('directory'), scratch('plain'), 'ls', './ls', '']) {
      const result = await run([program]);
      assert.equal(result.missing, true, program);
      assert.equal(result.code, null);
      assert.equal(result.stderr, `${program} is not here or cannot be run`);
    }
  });

  it('does not take a script without its interpreter for a success', async () => {
    writeFileSync(scratch('script'), '#!/nowhere/interpreter\n', { mode: 0o755 });
    const result = await run([scratch('script')]);
    assert.notEqual(result.code, 0);
    assert.match(result.stdout + result.stderr, /script is not here|No such file/);
  });

  it('tells exit codes, 127 too, apart from a missing program', async () => {
    for (const code of [0, 1, 127, 255]) {
      const result = await shell(`exit ${code}`);
      assert.deepEqual(
        [result.code, result.signal, result.missing, result.timedOut],
        [code, null, false, false],
      );
    }
  });

  it('tells the signal that ended a program', async () => {
    for (const signal of ['TERM', 'KILL', 'SEGV']) {
      const result = await shell(`kill -${signal} $$`);
      assert.deepEqual([result.code, result.signal, result.timedOut], [null, `SIG${signal}`, false]);
    }
  });

  it('keeps what is written to standard error alone', async () => {
    const result = await shell('echo broken >&2; exit 3');
    assert.equal(result.code, 3);
    assert.equal(tty ? result.stdout : result.stderr, tty ? 'broken\r\n' : 'broken\n');
    assert.equal(tty ? result.stderr : result.stdout, '');
  });

  it('passes bytes on as they are, whatever they mean', async () => {
    const heard: Uint8Array[] = [];
    await shell(String.raw`printf '\377\000\303\033[31m\342\202'`, {
      onOutput: (bytes) => heard.push(bytes),
    });
    assert.equal(Buffer.concat(heard).toString('hex'), 'ff00c31b5b33316de282');
  });

  it('gives an end of file to a program that reads its input, however often it does', async () => {
    const result = await shell('cat; cat; read answer || echo "no answer"', { timeoutSeconds: 8 });
    assert.deepEqual([result.code, result.timedOut], [0, false]);
    assert.match(result.stdout, /^no answer\r?\n$/);
  });

  it('loses nothing of a quick program when this one is held up', async () => {
    const text = 'x'.repeat(60_000);
    writeFileSync(scratch('text'), text);
    const onOutput = (): void => {
      const until = performance.now() + 60;
      while (performance.now() < until);
    };
    const result = await run(['/bin/cat', scratch('text')], { onOutput });
    assert.equal(result.stdout, text);
  });

  it('lets a program close its output early', async () => {
    const result = await shell('exec >&- 2>&-; sleep 0.2; exit 4');
    assert.equal(result.code, 4);
  });

  it('hands every argument over as one, whatever is in it', async () => {
    const given = [
      'two words',
      `"it's"`,
      '$(id)',
      '`id`',
      '$HOME',
      '-n',
      '--',
      'two\nlines',
      '',
      '*',
      '\\',
      'ü€\t',
    ];
    const print = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
    const result = await run([process.execPath, '-e', print, '--', ...given]);
    assert.deepEqual(JSON.parse(result.stdout), given);
  });

  it('refuses an argument with a NUL byte in one sentence', async () => {
    for (const argv of [['/bin/echo', 'a\0b'], ['/bin/ec\0ho']]) {
      await assert.rejects(run(argv), (error: unknown) => {
        assert.ok(error instanceof Problem);
        assert.equal(error.code, 'invalid');
        assert.match(error.message, /^A program cannot be given an argument with a NUL byte/);
        return true;
      });
    }
  });

  it('gives the clean environment and nothing else', async () => {
    process.env['FTP_PASSIVE_SECRET'] = 'hidden';
    const result = await run(['/usr/bin/env']);
    delete process.env['FTP_PASSIVE_SECRET'];
    const seen = Object.fromEntries(
      result.stdout
        .trimEnd()
        .split(/\r?\n/)
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    // The terminal's library tells the program where it is, which is what it finds anyway.
    const { FTP_PASSIVE_COMMAND: mark, ...rest } = seen;
    assert.match(mark ?? '', /^\d+-\d+-[0-9a-f]{24}$/);
    assert.deepEqual(rest, { ...CLEAN_ENVIRONMENT, ...(tty ? { PWD: '/' } : {}) });
  });

  it('starts in the root directory with the umask of this program', async () => {
    const before = process.umask(0o027);
    const result = await shell('readlink /proc/self/cwd; umask');
    process.umask(before);
    assert.deepEqual(result.stdout.split(/\r?\n/), ['/', '0027', '']);
  });

  it('hands no open file of this program over', async () => {
    const secret = openSync(scratch('secret'), 'w');
    const { stdout } = await run(['/bin/ls', '-l', '/proc/self/fd']);
    closeSync(secret);
    assert.match(stdout, / 2 -> /);
    assert.doesNotMatch(stdout, /secret/);
  });

  it('ends in bounded time with all output, though a daemon that it left behind keeps that open', async () => {
    const result = await shell('setsid sleep 30 & echo "daemon $!"; sleep 0.1; echo end');
    const daemon = Number(/^daemon (\d+)\r?\nend\r?\n$/.exec(result.stdout)?.[1]);
    assert.ok(isAlive(daemon));
    process.kill(daemon, 'SIGKILL');
    assert.equal(result.code, 0);
    assert.ok(result.ms < 8000, `${result.ms} ms`);
  });

  it('ends a program at its time limit', async () => {
    const result = await shell('echo begun; sleep 30', { timeoutSeconds: 0.5 });
    assert.deepEqual([result.code, result.signal, result.timedOut], [null, 'SIGTERM', true]);
    assert.match(result.stdout, /^begun\r?\n$/);
    assert.ok(result.ms >= 490 && result.ms < 5000, `${result.ms} ms`);
  });

  it('kills a program that ignores the polite signal with all that it started, and says so', async () => {
    const result = await stubbornRuns?.[tty ? 'terminal' : 'pipes'];
    assert.ok(result);
    assert.deepEqual([result.code, result.signal, result.timedOut], [null, 'SIGKILL', true]);
    assert.ok(result.ms >= 6400 && result.ms < 13_000, `${result.ms} ms`);
    const children = [...result.heard.matchAll(/^child (\d+)/gm)].map(([, pid]) => Number(pid));
    assert.equal(children.length, 4);
    assert.deepEqual(children.filter(isAlive), []);
    assert.match(
      result.heard,
      /^# \/bin\/sh has not ended after 1\.5 seconds; it is ended with all that it started\.\r$/m,
    );
    assert.match(result.heard, /^# \/bin\/sh has not ended when it was asked to; it is killed\.\r$/m);
    assert.doesNotMatch(result.stdout, /has not ended/);
  }).timeout(30_000);

  it('ends what it started in a session of its own at the time limit, and nothing of others', async () => {
    const bystander = run([SH, '-c', 'setsid sleep 3 & echo "other $!"; wait; echo untouched']);
    const result = await shell('(setsid sleep 60 & echo "orphan $!") ; sleep 60', { timeoutSeconds: 0.3 });
    const orphan = Number(/^orphan (\d+)/.exec(result.stdout)?.[1]);
    assert.equal(result.timedOut, true);
    assert.ok(result.ms < 3000, `${result.ms} ms`);
    assert.equal(isAlive(orphan), false);
    assert.match((await bystander).stdout, /^other \d+\r?\nuntouched\r?\n$/);
  });

  it('leaves a daemon alone that it started, also after its time would have been up', async () => {
    const { stdout, timedOut } = await shell(
      'setsid sleep 30 >/dev/null 2>&1 </dev/null & echo $!; sleep 0.1',
      {
        timeoutSeconds: 0.6,
      },
    );
    await sleep(900);
    const daemon = Number(stdout);
    const alive = isAlive(daemon);
    process.kill(daemon, 'SIGKILL');
    assert.deepEqual([timedOut, alive], [false, true]);
  });

  it('is ended with all that it started when its caller wants it to', async () => {
    const wish = new AbortController();
    setTimeout(() => wish.abort(), 300);
    const result = await shell('setsid sleep 60 & echo $!; wait', { end: wish.signal });
    assert.deepEqual([result.signal, result.timedOut], ['SIGTERM', false]);
    assert.equal(isAlive(Number(result.stdout)), false);
    assert.equal((await shell('sleep 60', { end: AbortSignal.abort() })).signal, 'SIGTERM');
  });

  it('keeps the beginning and the end of long output that somebody hears', async () => {
    let heard = 0;
    const before = process.memoryUsage.rss();
    let most = 0;
    const script = 'echo first; head -c 100000000 /dev/zero; echo; echo last';
    const result = await shell(script, {
      onOutput: (bytes) => {
        heard += bytes.length;
        most = Math.max(most, process.memoryUsage.rss() - before);
      },
    });
    assert.equal(heard, 100_000_000 + (tty ? 15 : 12));
    assert.match(result.stdout, /^first\r?\n/);
    assert.match(result.stdout, /\n\[\d+ bytes are left out here\]\n/);
    assert.match(result.stdout, /last\r?\n$/);
    assert.ok(result.stdout.length < 600 * 1024);
    assert.ok(most < 30 * 1024 * 1024, `${most} bytes`);
  }).timeout(60_000);

  it('gives all its files back', async () => {
    const files = (): number => readdirSync('/proc/self/fd').length;
    await Promise.all(Object.values(stubbornRuns ?? {}));
    await shell('true');
    await sleep(300);
    const before = files();
    await Promise.all(Array.from({ length: 20 }, () => shell('echo text')));
    const until = performance.now() + 5000;
    while (files() > before && performance.now() < until) await sleep(20);
    assert.equal(files(), before);
  }).timeout(30_000);
}
