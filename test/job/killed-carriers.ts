import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKOUT, ok } from '../sandbox/machine.ts';
import { formOf } from '../sandbox/once.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { type Browser, logIn } from '../sandbox/whm/browser.ts';
import { endOf, journalOf, runsOf, type Told } from './killed-remains.ts';
import { cli } from './scene.ts';

export const PAGE = '/cgi/ftp_passive/index.cgi';
const DAEMON = '/run/standin-systemd/ftp-passive.service.pid';

/** The hidden fields of the page's form. */
type Form = Readonly<Record<string, string>>;

/** How somebody applies and puts back: by the command line, or on the page in WHM. */
export interface Carrier {
  /** Applies, and kills whatever does it after so long; null: lets it come to its end. @returns milliseconds it took */
  apply(killAfterMs: number | null): Promise<number>;
  /** Puts the run back. @returns the refusal's words when there was nothing to put back, else null */
  undo(told: Told): Promise<string | null>;
}

export function commandLine({ server }: Pick<Sandbox, 'server'>): Carrier {
  return {
    async apply(killAfterMs) {
      const began = performance.now();
      const child = server.spawn([`${CHECKOUT}/plugin/bin/ftp-passive`, 'apply', '--yes']);
      child.stdout?.resume();
      child.stderr?.resume();
      const ended = once(child, 'exit');
      if (killAfterMs !== null) {
        await Promise.race([ended, delay(killAfterMs)]);
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
      }
      await ended;
      return performance.now() - began;
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
    async apply(killAfterMs) {
      // The socket starts the daemon that was killed before.
      assert.equal((await browser.get(`${PAGE}?r=runs`)).status, 200);
      const daemon = (await ok(server.run(['cat', DAEMON]))).trim();
      const before = runsOf(server);
      const began = performance.now();
      const posted = browser.post(`${PAGE}?r=apply`, form).catch(() => null);
      if (killAfterMs === null) {
        await posted;
        const [run] = runsOf(server).filter((each) => !before.includes(each));
        await endOf(server, run ?? assert.fail((await posted)?.body));
        return performance.now() - began;
      }
      await delay(killAfterMs);
      await ok(server.run(['kill', '-KILL', daemon]));
      await posted;
      return performance.now() - began;
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
