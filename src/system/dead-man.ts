import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { RunCommand } from '../engine/ports.ts';
import type { DeadMan } from '../runs/dead-man.ts';
import { syncDirectory } from './directory.ts';
import { CLEAN_ENVIRONMENT } from './exec.ts';
import { findProgram } from './programs.ts';
import { fileProblem } from './refusal.ts';

const SYSTEMD_RUN = findProgram(['/usr/bin/systemd-run', '/bin/systemd-run']);
const SYSTEMCTL = findProgram(['/usr/bin/systemctl', '/bin/systemctl']);
const WITHIN_SECONDS = 20;

/**
 * A switch that outlives this process: a timer of systemd, or a process of its own where there is no systemd. Neither
 * outlives the machine, so a file stays as long as the switch is armed, by which a unit knows after a boot.
 * @param program the program's launcher, by its absolute path
 * @param armed the path of that file
 */
export function deadManWith(program: string, armed: string, run: RunCommand): DeadMan {
  return {
    async arm(id, seconds) {
      await leaveSign(armed, id);
      const argv = [program, 'undo', id, '--yes', '--unless-confirmed'];
      if (await startTimer(run, id, seconds, argv)) return;
      await startProcess(argv);
    },
    async disarm(id) {
      await rm(armed, { force: true });
      // Not the service: it may be what is asking.
      await run([SYSTEMCTL, 'stop', `${unitOf(id)}.timer`], { timeoutSeconds: WITHIN_SECONDS });
    },
  };
}

async function leaveSign(path: string, id: string): Promise<void> {
  try {
    await writeFile(path, `${id}\n`, { mode: 0o600, flush: true });
    await syncDirectory(dirname(path));
  } catch (error) {
    throw fileProblem('write', path, error);
  }
}

function unitOf(id: string): string {
  return `ftp-passive-undo-${id}`;
}

/** Whether systemd has taken it, by what it says of the timer afterwards. */
async function startTimer(
  run: RunCommand,
  id: string,
  seconds: number,
  argv: readonly string[],
): Promise<boolean> {
  const options = { timeoutSeconds: WITHIN_SECONDS };
  const unit = unitOf(id);
  const begun = await run(
    [
      SYSTEMD_RUN,
      '--quiet',
      '--collect',
      `--on-active=${seconds}s`,
      '--timer-property=AccuracySec=1s',
      `--unit=${unit}`,
      '--description=FTP Passive Mode: put a run back that nobody has confirmed',
      // An FTP server that a script starts on the way back has to outlive it.
      '--property=KillMode=process',
      ...Object.entries(CLEAN_ENVIRONMENT).map(([name, value]) => `--setenv=${name}=${value}`),
      '--',
      ...argv,
    ],
    options,
  );
  if (begun.code !== 0) return false;
  const asked = await run([SYSTEMCTL, 'is-active', `${unit}.timer`], options);
  return asked.stdout.trim() === 'active';
}

/** A session of its own: it goes on when this process is killed, and when the login ends. */
function startProcess(argv: readonly string[]): Promise<void> {
  const [program = '', ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      cwd: '/',
      env: CLEAN_ENVIRONMENT,
      detached: true,
      stdio: 'ignore',
    });
    child.once('error', (error) =>
      reject(
        new Problem(
          'unsupported',
          phrase`Nothing could be armed that puts this run back if it cuts you off (${error.message}); the firewall was not touched.`,
        ),
      ),
    );
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
  });
}
