import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { Problem } from '../../src/core/problem.ts';
import { BROKEN_STATUS, CHECKS, DONE, FAILED, PLAN, RUNNING } from '../http/samples.ts';
import { openWorld, type World } from './world.ts';

/** What a command could print or a file be called, to do something on a page or in a terminal. */
const EVIL = [
  'seen-A',
  '<script>owned = document.title = "owned"</script><img src=x onerror="owned=1"><svg onload=owned=1>',
  '"onfocus="owned=1" autofocus x=" </title></textarea></pre></style>{{constructor}}',
  '\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b]8;;https://evil.example\x07link\x1b]8;;\x07\x1b[2J\x1b[1;1H',
  '\u202egpj.exe\u2066\u200f \0 half \ud83e',
  'seen-Z',
].join(' ');
const SEEN = '<script>owned = document.title = "owned"</script>';

/** Texts that come from the machine; everything else in a sample is the product's own word. */
const FREE =
  /^(title|fact|fix|rule|reason|why|path|diff|after|before|stdin|message|detail|user|address|local|public|configured|rendered|command)$/;

/** The sample with hostile text wherever there can be one. */
function evil<T>(sample: T, key = ''): T {
  if (typeof sample === 'string') return (FREE.test(key) ? `${sample} ${EVIL}` : sample) as T;
  if (Array.isArray(sample)) return sample.map((each: unknown) => evil(each, key)) as T;
  if (typeof sample !== 'object' || sample === null) return sample;
  return Object.fromEntries(Object.entries(sample).map(([name, value]) => [name, evil(value, name)])) as T;
}

describe('hostile text on a page in a browser', function () {
  this.timeout(60_000);
  let world: World;

  before(async () => (world = await openWorld()));
  after(() => world.close());
  beforeEach(() => {
    world.renew();
    const { desk } = world;
    desk.status.resolves(evil(BROKEN_STATUS));
    desk.plan.resolves(evil(PLAN));
    desk.runs.resolves([evil(RUNNING), evil(FAILED), evil(DONE)]);
    desk.verify.resolves(evil(CHECKS));
    desk.script.returns(`#!/bin/sh\necho ${EVIL}\n`);
    desk.run.resolves(evil(DONE));
    desk.undo.rejects(new Problem('change-conflict', `It changed. ${EVIL}`, `+${EVIL}\n`));
  });

  /** A run that has ended, with everything hostile in its recording, half a letter too. */
  function record(): void {
    world.recording.output(`${EVIL}\r\n`);
    world.recording.append(
      Buffer.concat([
        Buffer.from('[1,"o","half '),
        Buffer.from([0xf0, 0x9f]),
        Buffer.from(' seen-H\\r\\n"]\n'),
      ]),
    );
    world.recording.mark(`s1 done: ${EVIL}`);
    world.recording.mark(`run done: ${EVIL}`);
  }

  const pages: Readonly<
    Record<string, { route: string; to?: (page: Page) => Promise<unknown>; before?: () => unknown }>
  > = {
    status: { route: 'status' },
    plan: { route: 'plan' },
    'plan, with a setting that is wrong': {
      route: `plan&range=${encodeURIComponent(Buffer.from(EVIL).toString())}`,
    },
    'plan that cannot be made': {
      route: 'plan',
      before: () => world.desk.plan.rejects(new Problem('unsupported', EVIL, EVIL)),
    },
    setup: { route: 'setup' },
    history: { route: 'runs' },
    'run, done': {
      route: `runs/${RUNNING.id}`,
      before: () => {
        record();
        world.recording.end();
      },
    },
    'run, failed': {
      route: `runs/${RUNNING.id}`,
      before: () => {
        world.desk.run.resolves(evil(FAILED));
        record();
        world.recording.end();
      },
    },
    'run, followed': {
      route: `runs/${RUNNING.id}`,
      before: () => world.desk.run.resolves(evil(RUNNING)),
      to: async (page) => {
        await page.getByText('live over WebSocket').waitFor();
        record();
        await page.locator('#log .line', { hasText: 'seen-H' }).waitFor();
      },
    },
    conflict: {
      route: `runs/${RUNNING.id}`,
      to: async (page) => {
        await page.getByRole('button', { name: 'Put back what this run changed' }).click();
        await page.getByRole('heading', { name: 'Changed in the meantime' }).waitFor();
      },
    },
    verify: {
      route: 'verify',
      to: async (page) => {
        await page.getByRole('button', { name: 'Verify now' }).click();
        await page.getByRole('button', { name: 'Verify again' }).waitFor();
      },
    },
    diagnose: {
      route: 'diagnose',
      to: async (page) => {
        await page
          .getByLabel('Log of an FTP client')
          .fill(`< 421 Too many connections (8) from this IP ${EVIL.replace('\0', '')}\n`);
        await page.getByRole('button', { name: 'Find the cause' }).click();
        await page.getByRole('heading', { name: 'What the log shows' }).waitFor();
      },
    },
    settings: {
      route: 'settings',
      before: async () => {
        await world.grants.allow(EVIL, 'setup');
        await world.grants.revoke(`${EVIL} too`);
      },
    },
    'the port of live output': { route: 'live-port' },
    error: {
      route: 'status',
      before: () => world.desk.status.rejects(new Problem('command-failed', EVIL, EVIL)),
    },
  };

  for (const [name, { route, to, before: prepare }] of Object.entries(pages)) {
    it(`does nothing and is seen: ${name}`, async () => {
      await prepare?.();
      const { page, complaints } = await world.open();
      await page.addInitScript(() => {
        const violations: string[] = [];
        Object.assign(globalThis, { violations });
        const listen = globalThis as unknown as {
          addEventListener(name: string, told: (event: { violatedDirective: string }) => void): void;
        };
        listen.addEventListener('securitypolicyviolation', ({ violatedDirective }) =>
          violations.push(violatedDirective),
        );
      });
      const dialogs: string[] = [];
      page.on('dialog', (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      const asked: string[] = [];
      page.on('request', (request) => asked.push(new URL(request.url()).hostname));

      await page.goto(world.prefix.address(route));
      await to?.(page);

      const met = await page.evaluate(() => {
        const { owned, violations, document } = globalThis as unknown as {
          owned?: unknown;
          violations: string[];
          document: { title: string; body: { innerText: string; innerHTML: string } };
        };
        for (const details of (
          document as unknown as { querySelectorAll(what: string): { open: boolean }[] }
        ).querySelectorAll('details'))
          details.open = true;
        return {
          owned,
          violations,
          title: document.title,
          text: document.body.innerText,
          html: document.body.innerHTML,
        };
      });
      assert.equal(met.owned, undefined);
      assert.deepEqual(met.violations, []);
      assert.deepEqual(dialogs, []);
      assert.match(met.title, /^[\w ’:,.-]+ - FTP Passive Mode$/);
      assert.doesNotMatch(met.title, /owned/);
      assert.deepEqual([...new Set(asked)], ['localhost']);
      assert.equal(
        await page
          .locator('main :is(script, img, svg:not(.picture), iframe, object, [onfocus], [onerror])')
          .count(),
        0,
      );
      assert.equal(await page.locator('a[href*="evil.example"]').count(), 0);
      assert.ok(met.text.includes(SEEN), met.text.slice(0, 2000));
      // The page shows the beginning of a long line of a log.
      if (name !== 'diagnose') assert.ok(met.text.includes('seen-Z') && met.text.includes('gpj.exe'));
      assert.doesNotMatch(
        met.html,
        /[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/,
      );
      assert.deepEqual(
        complaints.filter((text) => !/status of (4|5)\d\d/.test(text)),
        [],
      );
      await page.context().close();
    });
  }
});
