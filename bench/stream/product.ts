import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunStep } from '../../src/core/plan.ts';
import type { Entry } from '../../src/engine/journal.ts';
import { formToken } from '../../src/http/guard.ts';
import { freePort } from '../../test/http/certificate.ts';
import type { Way } from './job.ts';
import type { Scratch } from './scratch.ts';
import { pidOf, stopped, type Server } from './server.ts';

const ROOT = join(import.meta.dirname, '../..');
const HOST = 'server.example:2087';
const ORIGIN = `https://${HOST}`;
const COMMAND_SECONDS = 120;

/** The daemon as it is installed, in a mount namespace where its places are those of the scratch directory. */
export interface Product extends Server {
  /** Starts a run of these commands, one a step. @returns its id */
  run(commands: readonly (readonly string[])[]): Promise<string>;
  /** Ways to a run for new followers, from the beginning of its recording. */
  ways(run: string, count: number): Promise<Way[]>;
  /** The run that was shown last. */
  shown(): string;
  recording(run: string): Buffer;
  ended(run: string): Promise<void>;
  forget(run: string): void;
  readonly socket: string;
}

/**
 * `$1`: the scratch directory, `$2`: the launcher, `$3`: key and certificate. What else is in /run and /var is no business
 * of the daemon here.
 */
const ENTER = `
set -e
mount -t tmpfs none /run && mount -t tmpfs none /var
mkdir -p /run/whm-ftp-passive /var/lib/whm-ftp-passive /var/cpanel/ssl/cpanel
mount --bind "$1/run" /run/whm-ftp-passive && mount --bind "$1/state" /var/lib/whm-ftp-passive
cp "$3" /var/cpanel/ssl/cpanel/cpanel.pem
exec "$2" serve
`;

export async function startProduct(scratch: Scratch, pem: string): Promise<Product> {
  const state = (...names: readonly string[]): string => scratch.path('state', ...names);
  const socket = scratch.path('run', 'http.sock');
  for (const each of ['state', 'state/runs', 'run']) mkdirSync(scratch.path(each), { mode: 0o700 });
  writeFileSync(state('settings.json'), JSON.stringify({ livePort: await freePort() }));

  const log = openSync(scratch.path('daemon.log'), 'a');
  const { dev, ino } = fstatSync(log);
  const launcher = join(ROOT, 'plugin/bin/ftp-passive');
  const child = spawn('unshare', ['--mount', 'sh', '-c', ENTER, 'sh', scratch.path(), launcher, pem], {
    stdio: ['ignore', log, log],
    // As systemd starts it: with its standard error in the journal.
    env: { ...process.env, JOURNAL_STREAM: `${dev}:${ino}` },
  });
  closeSync(log);
  while (!existsSync(socket) || !existsSync(state('secret'))) {
    if (child.exitCode !== null) throw new Error(readFileSync(scratch.path('daemon.log'), 'utf8'));
    await sleep(20);
  }

  let users = 0;
  const post = (path: string): Promise<{ readonly location: string; readonly body: string }> => {
    // Each request is another user's: the daemon refuses who asks more often than a person can.
    const login = { user: `bench-${(users += 1)}`, session: '/cpsess0123456789' };
    const body = `csrf=${formToken(readFileSync(state('secret')), login)}`;
    return new Promise((resolve, reject) => {
      const asked = request({
        socketPath: socket,
        method: 'POST',
        path,
        headers: {
          'x-whm-user': login.user,
          'x-whm-session': login.session,
          'x-whm-root': '1',
          'x-whm-host': HOST,
          origin: ORIGIN,
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': body.length,
        },
      });
      asked.once('error', reject);
      asked.once('response', (response) => {
        let text = '';
        response.on('data', (bytes: Buffer) => (text += bytes.toString()));
        response.once('end', () => {
          if ((response.statusCode ?? 500) >= 400)
            reject(new Error(`${path}: ${response.statusCode} ${text}`));
          else resolve({ location: response.headers.location ?? '', body: text });
        });
      });
      asked.end(body);
    });
  };

  let past = 0;
  let shown = '';
  const product: Product = {
    pid: pidOf(child),
    socket,
    async run(commands) {
      // A run whose undo is these commands lies in the history, and is put back: that is a run of nothing else.
      const id = `20261101T000000Z-${String((past += 1)).padStart(6, '0')}`;
      mkdirSync(state('runs', id));
      writeFileSync(
        state('runs', id, 'journal.jsonl'),
        pastRun(commands)
          .map((entry) => `${JSON.stringify(entry)}\n`)
          .join(''),
      );
      const { location } = await post(`/runs/${id}/undo`);
      const [, run = ''] = /runs\/(.+)$/.exec(location) ?? [];
      return run;
    },
    async ways(run, count) {
      const ways: Way[] = [];
      while (ways.length < count) {
        const { ticket, port } = JSON.parse((await post(`/runs/${run}/ticket`)).body) as {
          ticket: string;
          port: number;
        };
        const first = JSON.stringify({ attach: run, ticket, offset: 0 });
        ways.push({ by: 'socket', url: `wss://127.0.0.1:${port}/`, origin: ORIGIN, first, recording: true });
      }
      return ways;
    },
    async show(command, count) {
      shown = await product.run([command]);
      return product.ways(shown, count);
    },
    shown: () => shown,
    recording: (run) => readFileSync(state('runs', run, 'recording.cast')),
    async ended(run) {
      const journal = state('runs', run, 'journal.jsonl');
      while (!readFileSync(journal, 'utf8').includes('{"at":"end"') || existsSync(state('lock')))
        await sleep(20);
    },
    settle: () => product.ended(shown),
    forget: (run) => rmSync(state('runs', run), { recursive: true }),
    stop: () => stopped(child),
  };
  return product;
}

/** The journal of a run that has commands to be put back by, in this order. */
function pastRun(commands: readonly (readonly string[])[]): Entry[] {
  const step = (command: readonly string[], index: number): RunStep => ({
    id: `s${commands.length - index}`,
    kind: 'run',
    title: 'Run a command',
    why: 'To be put back.',
    undoable: true,
    command: ['/bin/true'],
    timeoutSeconds: COMMAND_SECONDS,
    undo: { kind: 'command', command, timeoutSeconds: COMMAND_SECONDS },
  });
  const steps = commands.map(step).reverse();
  const when = '2026-11-01T00:00:00.000Z';
  const who = { user: 'root', address: '', via: 'cli' } as const;
  const plan = { id: 'bench', empty: false, notes: [], steps };
  return [
    { at: 'begin', verb: 'apply', who, started: when, settings: {}, plan },
    ...steps.flatMap(({ id }): Entry[] => [
      { at: 'step', step: id, state: 'running', saved: [] },
      { at: 'step', step: id, state: 'done', tags: {} },
    ]),
    { at: 'end', ended: when, state: 'done', changed: true },
  ];
}
