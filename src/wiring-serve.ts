import { randomBytes } from 'node:crypto';
import templates from 'precompiled-templates';
import { phrase } from './core/phrase.ts';
import { Problem } from './core/problem.ts';
import { planScript } from './core/script.ts';
import { askReach } from './engine/asked.ts';
import { makePlan } from './engine/planning.ts';
import { createApp } from './http/app.ts';
import type { Desk } from './http/desk.ts';
import { createLive } from './http/live.ts';
import { startServer } from './http/serve.ts';
import { createTickets } from './http/tickets.ts';
import { confirmFrom } from './runs/confirming.ts';
import { standing } from './runs/standing.ts';
import { watchStanding } from './runs/watch-switch.ts';
import { turnWatch } from './runs/watch-turn.ts';
import { keepSecret, noteAt, prepareSocket, readFirst, shutSocket, staySmall } from './system/daemon.ts';
import type { Product } from './runs/product.ts';
import { ANSWERS, openProduct, STATE } from './wiring.ts';

const SOCKET = '/run/whm-ftp-passive/http.sock';
/** WHM's own service certificate: an administrator's before cPanel's. Each file holds key and chain. */
const CERTIFICATES = ['/var/cpanel/ssl/cpanel/mycpanel.pem', '/var/cpanel/ssl/cpanel/cpanel.pem'];
/** systemd hands its first socket over as this descriptor. */
const FIRST_SYSTEMD_SOCKET = 3;
const IDLE_MS = 10 * 60 * 1000;

/** Runs the daemon until nothing has happened for ten minutes, or it is told to end. */
export async function serve(): Promise<void> {
  const product = openProduct(noteAt(ANSWERS));
  const { livePort } = await product.remembered();
  const tickets = createTickets(() => Date.now(), randomBytes);
  let running = 0;
  const desk = openDesk(product, (change) => (running += change));
  const { audit } = product;
  const live = createLive({
    desk,
    tickets,
    port: livePort,
    certificate: () => readFirst(CERTIFICATES),
    audit,
  });
  const app = createApp({
    desk,
    templates,
    secret: await keepSecret(`${STATE}/secret`),
    tickets,
    live,
    grants: product.grants,
    outside: product.outside,
    now: () => Date.now(),
    audit,
    report,
  });
  const activated = process.env['LISTEN_FDS'] === '1' && process.env['LISTEN_PID'] === String(process.pid);
  if (!activated) await prepareSocket(SOCKET);
  await new Promise<void>((resolve, reject) => {
    const leave = (): void => {
      void serving.then((each) => each.close());
      void live.close();
      void product.outside.close();
      resolve();
    };
    const serving = startServer({
      listen: activated ? { fd: FIRST_SYSTEMD_SOCKET } : { path: SOCKET },
      app,
      idleMs: IDLE_MS,
      busy: () => running > 0 || live.followers() > 0,
      onIdle: leave,
    });
    setImmediate(staySmall);
    serving.then(() => (activated ? undefined : shutSocket(SOCKET))).catch(reject);
    process.once('SIGTERM', leave).once('SIGINT', leave);
  });
}

function openDesk(product: Product, count: (change: 1 | -1) => void): Desk {
  const { engine, book, tail, runner } = product;
  const track = (ended: Promise<unknown>): void => {
    count(1);
    ended.finally(() => count(-1)).catch(() => undefined);
  };
  return {
    async status(range) {
      const { settings } = await product.remembered();
      return standing(product, { ...settings, range: range ?? settings.range });
    },
    settings: async () => (await product.remembered()).settings,
    watch: () => watchStanding(engine, product.watch),
    turnWatch: (mode) => turnWatch(product, mode),
    plan: (settings) => makePlan(engine, settings),
    async apply(planId, settings, who) {
      const started = await runner.apply({ settings, who, planId });
      if (started === null)
        throw new Problem(
          'invalid',
          phrase`Nothing needs to be done: this server already has these settings.`,
        );
      track(started.ended);
      return started.run;
    },
    async undo(run, who, force) {
      const started = await runner.undo({ run, who, force });
      track(started.ended);
      return started.run;
    },
    cancel: runner.cancel,
    confirm: (run, who, visitor) => confirmFrom(product, run, visitor, who),
    async verify(given) {
      const checks = runner.prove((await product.remembered()).settings, given);
      track(checks);
      return checks;
    },
    reach: (question) => askReach(engine, question),
    runs: () => book.list(),
    run: (id) => book.run(id),
    follow: tail.follow,
    read: tail.read,
    script: planScript,
  };
}

function report(problem: Problem): void {
  process.stderr.write(`${problem.code}: ${problem.message}\n${problem.stack ?? ''}\n`);
}
