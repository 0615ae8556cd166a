import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKOUT, type Machine, ok } from '../sandbox/machine.ts';
import { formOf } from '../sandbox/once.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { type Browser, logIn } from '../sandbox/whm/browser.ts';
import { endOf, journalOf, runsOf, type Told } from './killed-remains.ts';
import { cli } from './scene.ts';

export const PAGE = '/cgi/ftp_passive/index.cgi';
const DAEMON = '/run/standin-systemd/ftp-passive.service.pid';

/** The hidden fields of the page's form. */
type Form = Readonly<Record<string, string>>;

/** So long after it was asked for, or after its run had begun. */
export interface Moment {
  readonly from: 'asked' | 'begun';
  readonly ms: number;
}

/** Milliseconds from the asking to the beginning of the run, and from there to its end. */
export interface Took {
  readonly planning: number;
  readonly doing: number;
}

/** How somebody applies and puts back: by the command line, or on the page in WHM. */
export interface Carrier {
  /** Applies, and kills whatever does it at that moment. */
  kill(at: Moment): Promise<void>;
  /** Applies, and lets it come to its end. */
  apply(): Promise<Took>;
  /** Puts the run back. @returns the refusal's words when there was nothing to put back, else null */
  undo(told: Told): Promise<string | null>;
}

export function commandLine({ server }: Pick<Sandbox, 'server'>): Carrier {
  function start(): { child: ChildProcess; ended: Promise<unknown> } {
    const child = server.spawn([`${CHECKOUT}/plugin/bin/ftp-passive`, 'apply', '--yes']);
    child.stdout?.resume();
    child.stderr?.resume();
    return { child, ended: once(child, 'exit') };
  }
  return {
    async apply() {
      const begun = watchBegin(server);
      const { ended } = start();
      return tookOf(begun, ended);
    },
    async kill(at) {
      const begun = watchBegin(server);
      const { child, ended } = start();
      await Promise.race([ended, arrival(at, begun)]);
      const { pid = 0 } = child;
      while (child.exitCode === null && child.signalCode === null) {
        // nsenter's only child has become the program itself.
        const [program] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
          .split(' ')
          .filter(Boolean);
        if (program !== undefined) {
          process.kill(Number(program), 'SIGKILL');
          break;
        }
        await delay(1);
      }
      begun.stop();
      await ended;
    },
    async undo({ run }) {
      const { code, stdout, stderr } = await cli(server, 'undo', run, '--yes', '--json');
      if (code === 0) return null;
      assert.equal(code, 1, `${stdout}${stderr}`);
      return stdout;
    },
  };
}

/** Somebody logged in to the stand-in WHM who has the plan before him. */
export async function page(sandbox: Sandbox): Promise<Carrier & { readonly browser: Browser; form(): Form }> {
  const { server } = sandbox;
  const [root] = sandbox.users;
  const browser = await logIn(sandbox.url, root ?? assert.fail());
  const form = formOf((await browser.get(`${PAGE}?r=plan`)).body);
  return {
    browser,
    form: () => form,
    async apply() {
      const begun = watchBegin(server);
      const posted = browser.post(`${PAGE}?r=apply`, form);
      return tookOf(
        begun,
        begun.when.then((run) => endOf(server, run)),
      ).finally(() => posted);
    },
    async kill(at) {
      // The socket starts the daemon that was killed before.
      assert.equal((await browser.get(`${PAGE}?r=runs`)).status, 200);
      const daemon = (await ok(server.run(['cat', DAEMON]))).trim();
      const begun = watchBegin(server);
      const posted = browser.post(`${PAGE}?r=apply`, form).catch(() => null);
      await arrival(at, begun);
      begun.stop();
      await ok(server.run(['kill', '-KILL', daemon]));
      await posted;
    },
    async undo({ run }) {
      const before = runsOf(server);
      const { status, body, headers } = await browser.post(`${PAGE}?r=runs/${run}/undo`, {
        csrf: form['csrf'] ?? '',
      });
      if (status !== 303) return body;
      const back = headers.location?.replace('?r=runs/', '') ?? '';
      assert.ok(!before.includes(back), body);
      assert.deepEqual(await endOf(server, back), {
        ...journalOf(server, back),
        ended: true,
        changed: false,
      });
      return null;
    },
  };
}

/** Sees a run begin. */
interface Begin {
  /** Its name; never, when it is stopped before. */
  readonly when: Promise<string>;
  stop(): void;
}

function watchBegin(server: Machine): Begin {
  const before = runsOf(server);
  let timer: ReturnType<typeof setInterval> | undefined;
  const when = new Promise<string>((resolve) => {
    timer = setInterval(() => {
      const run = runsOf(server).find((each) => !before.includes(each));
      if (run === undefined) return;
      clearInterval(timer);
      resolve(run);
    }, 5);
  });
  return { when, stop: () => clearInterval(timer) };
}

async function arrival({ from, ms }: Moment, begun: Begin): Promise<void> {
  if (from === 'begun') await begun.when;
  await delay(ms);
}

async function tookOf(begun: Begin, ended: Promise<unknown>): Promise<Took> {
  const asked = performance.now();
  await begun.when;
  const began = performance.now();
  await ended;
  return { planning: began - asked, doing: performance.now() - began };
}
