import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createLive, type Live } from '../../src/http/live.ts';
import { createTickets } from '../../src/http/tickets.ts';
import type { Grants } from '../../src/runs/grants.ts';
import { freePort, makeCertificate } from '../http/certificate.ts';
import { createFakeDesk, createFakeRecording, type FakeDesk, type FakeRecording } from '../http/fake-desk.ts';
import { createFakeGrants } from '../http/fake-grants.ts';
import { createFakeOutside, type FakeOutside } from '../http/fake-outside.ts';
import { openHouse } from '../http/house.ts';
import { launchChromium, openPage, type Opened } from './chromium.ts';
import { openPrefix, type Prefix } from './prefix.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A browser before the whole product with a fake desk. */
export interface World {
  readonly browser: Browser;
  readonly prefix: Prefix;
  recording: FakeRecording;
  desk: FakeDesk;
  outside: FakeOutside;
  readonly grants: Grants;
  readonly live: Live;
  /** Opens the live port's socket, or leaves the port shut as a firewall would. */
  liveReachable: boolean;
  /** A page that remembers every complaint of the browser. */
  open(options?: BrowserContextOptions): Promise<Opened>;
  /** A desk as new, with this recording or an empty one. */
  renew(recording?: FakeRecording): void;
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const pem = makeCertificate();
  const tickets = createTickets(() => Date.now(), randomBytes);
  const real = createLive({
    desk: { follow: (...arguments_) => world.desk.follow(...arguments_) },
    tickets,
    port: await freePort(),
    certificate: () => Promise.resolve(pem),
    audit: { note: () => undefined },
  });
  const live: Live = { ...real, open: () => (world.liveReachable ? real.open() : Promise.resolve()) };
  const grants = createFakeGrants({ rita: ['setup'], sam: [] });
  const desk = new Proxy({} as FakeDesk, { get: (_, name) => world.desk[name as keyof FakeDesk] });
  const outside = new Proxy({} as FakeOutside, {
    get: (_, name) => world.outside[name as keyof FakeOutside],
  });
  const house = await openHouse(desk, { live, tickets, grants, outside, now: () => Date.now() });
  const prefix = await openPrefix(house.path, pem);
  const browser = await launchChromium();

  const world: World = {
    browser,
    prefix,
    recording: createFakeRecording(),
    desk: createFakeDesk(),
    outside: createFakeOutside(),
    grants,
    live,
    liveReachable: true,
    open: (options) => openPage(browser, options),
    renew(recording = createFakeRecording()) {
      world.recording = recording;
      world.desk = createFakeDesk(world.recording);
      world.outside = createFakeOutside();
      world.liveReachable = true;
      prefix.carry = 'stream';
      prefix.user = 'root';
      prefix.asked.length = 0;
    },
    async close() {
      await browser.close();
      await real.close();
      await prefix.close();
      await house.close();
    },
  };
  world.renew();
  return world;
}

/** What axe finds wrong with the page, as `rule: element` lines. */
export async function axe(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    interface Axe {
      run(options: unknown): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
    }
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run({
      // Of WCAG 2.2, and off unless it is asked for.
      rules: { 'target-size': { enabled: true } },
    });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

/** The output in the page's log, without the lines that tell a step's state. */
export async function shownOutput(page: Page): Promise<string> {
  const lines = await page.locator('#log .line').allTextContents();
  return lines.join('\n');
}
