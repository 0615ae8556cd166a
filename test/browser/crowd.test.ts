import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { createGrowingRecording } from '../http/growing.ts';
import { RUNNING } from '../http/samples.ts';
import { openWorld, shownOutput, type World } from './world.ts';

/** More than get everything as it is (src/http/frame.ts). */
const PAGES = 7;
/** Long enough to be packed, and together no more than a page shows. */
const LINES = 800;
const TIMES = 5;

/** What the page's socket has agreed to beside the protocol itself. */
async function agreed(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  return new Promise((resolve) =>
    session.on('Network.webSocketHandshakeResponseReceived', ({ response: { headers } }) =>
      resolve(new Headers(headers).get('sec-websocket-extensions') ?? ''),
    ),
  );
}

describe('a run in the browsers of many', function () {
  this.timeout(60_000);
  let world: World;
  before(async () => (world = await openWorld()));
  after(() => world.close());

  it('is shown whole in each of them, packed on its way', async () => {
    world.renew(createGrowingRecording());
    const opened = await Promise.all(Array.from({ length: PAGES }, () => world.open()));
    for (const { page } of opened) {
      const extension = agreed(page);
      await page.goto(world.prefix.address(`runs/${RUNNING.id}`));
      await page.locator('#carrier', { hasText: 'live over WebSocket' }).waitFor({ timeout: 15_000 });
      assert.match(await extension, /^permessage-deflate;.*server_no_context_takeover/);
    }
    const expected: string[] = [];
    for (let time = 0; time < TIMES; time++) {
      const lines = Array.from({ length: LINES }, (_, at) => `${time}.${at} größe 🦆 tcp dport ${at % 97}`);
      expected.push(...lines);
      world.recording.output(lines.map((line) => `${line}\r\n`).join(''));
      for (const { page } of opened)
        await page.locator('#log .line', { hasText: lines.at(-1) ?? '' }).waitFor({ timeout: 15_000 });
    }
    for (const { page, complaints } of opened) {
      assert.equal(await shownOutput(page), expected.join('\n'));
      assert.deepEqual(complaints, []);
      await page.context().close();
    }
  });
});
