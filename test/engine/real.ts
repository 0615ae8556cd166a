import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Clock, Namespaces } from '../../src/engine/ports.ts';
import type { TwinPorts } from '../../src/engine/copying.ts';
import { NO_RULES, type Ruleset } from '../../src/firewall/ruleset.ts';
import { namespacesWith } from '../../src/system/netns.ts';
import { tools } from '../../src/system/programs.ts';
import { startServer, type Server } from './server.ts';

const openNamespaces = namespacesWith(
  fileURLToPath(new URL('../../src/system/twin-end.pl', import.meta.url)),
);
const link = { name: 'eth0', addresses: ['203.0.113.10/24', '2001:db8:1::10/64'] };
const clock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Twins in the real kernel. */
export const REAL: TwinPorts = { openNamespaces, links: () => Promise.resolve([link]), tools, clock };

export const layout = (name: string): string =>
  readFileSync(new URL(`../fixtures/firewall-layouts/${name}.nft`, import.meta.url), 'utf8');

/** A ruleset of nft alone. */
export const ofNft = (nft: string): Ruleset => ({ ...NO_RULES, nft });

/** A network namespace as the product makes it, with these rules of nft in it. */
export async function openReal(rules = ''): Promise<Namespaces> {
  const live = await openNamespaces({ main: Promise.resolve(link), stubs: Promise.resolve([]) });
  const loaded = await live.run([tools.nft, '-f', '-'], { stdin: rules });
  if (loaded.code === 0) return live;
  await live.close();
  throw new Error(loaded.stderr);
}

/** A server without cPanel whose firewall is a real one, in a network namespace of its own. */
export interface RealServer extends Server {
  /** The rules in force, without handles. */
  rules(): Promise<string>;
  close(): Promise<void>;
}

export async function startRealServer(rules: string, boot: string): Promise<RealServer> {
  const server = startServer({ config: null, rules: '', boot });
  const live = await openReal(rules);
  server.programs.set(tools.nft, (argv, options) => live.run(argv, options));
  return {
    ...server,
    ports: { ...server.ports, clock, tools, twin: REAL },
    rules: async () => (await live.run([tools.nft, '-s', 'list', 'ruleset'])).stdout,
    close: () => live.close(),
  };
}
