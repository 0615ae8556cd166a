import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { type Machine, ok } from '../sandbox/machine.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { type CgiWays, STANDIN_CONF, standinConf } from '../sandbox/state.ts';
import { SUBDOMAIN } from '../sandbox/whm/subdomain.ts';
import { launchChromium } from '../browser/chromium.ts';
import { TALK } from './held.ts';
import { PATIENCE, press, RENDER, type View } from './run-page.ts';
import { shell } from './scene.ts';

export const CARRIER = {
  socket: 'Output comes live over WebSocket.',
  stream: 'Output comes live through WHM.',
  poll: 'Output comes through WHM, asked for every second.',
} as const;

/** How WHM runs CGI programs from the next request on. */
export async function setWays(server: Machine, ways: Partial<CgiWays>): Promise<void> {
  const script = `umask 077; cat >${STANDIN_CONF}.new; mv ${STANDIN_CONF}.new ${STANDIN_CONF}`;
  await ok(server.run(['sh', '-ec', script], { stdin: standinConf(ways) }));
}

/**
 * A firewall begins to swallow every packet of the live port, of open connections too; undone by `mend`. A table of
 * its own, so that what the plugin looks at stays as it was.
 */
export async function cut({ server, livePort }: Sandbox): Promise<void> {
  const rules = `tcp dport ${livePort} drop; tcp sport ${livePort} drop`;
  await shell(
    server,
    `nft 'table inet cut { chain both { type filter hook input priority -400; ${rules}; }; }'`,
  );
}

export async function mend({ server }: Sandbox): Promise<void> {
  await shell(server, 'nft delete table inet cut 2>/dev/null || true');
}

/** A browser that finds WHM's service subdomain at the sandbox's door, and the live port beside it. */
export function launchForSubdomain({ subdomainPort }: Sandbox): Promise<Browser> {
  return launchChromium(`MAP ${SUBDOMAIN}:443 127.0.0.1:${subdomainPort},MAP ${SUBDOMAIN} 127.0.0.1`);
}

let low = 50_000;

/** Begins a run that has something to do, from the plugin's plan page in the view. @returns the run's name */
export async function begin(view: View, home: string): Promise<string> {
  low += 100;
  const plan = `cgi/ftp_passive/index.cgi?r=plan&range=${low}-${low + 99}&address=auto&ipv6=1`;
  await view.goto(`${home}${plan}`);
  return press(view, 'Apply this plan');
}

/** The page brings what is being said now, by this carrier. */
export async function talks(view: View, carrier: keyof typeof CARRIER): Promise<void> {
  const shown = view.locator('#carrier', { hasText: CARRIER[carrier] }).waitFor(PATIENCE);
  await shown.catch(async () => {
    assert.fail(`No output by ${carrier}:\n${await view.locator('body').innerText()}`);
  });
  const step = view.locator('.run-steps .state-running h3', { hasText: RENDER });
  await step.waitFor(PATIENCE);
  const lines = view.locator('#log .line', { hasText: TALK });
  await lines.first().waitFor(PATIENCE);
  const before = await lines.count();
  // So many that a way which brings only its first bytes is found out.
  await lines.nth(before + 40).waitFor(PATIENCE);
  assert.equal(await view.locator('#carrier').textContent(), CARRIER[carrier]);
}
