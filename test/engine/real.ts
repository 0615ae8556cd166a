import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Clock, Namespaces } from '../../src/engine/ports.ts';
import type { TwinPorts } from '../../src/engine/twin.ts';
import { namespacesWith } from '../../src/system/netns.ts';
import { findProgram, NFT as NFT_PLACES } from '../../src/system/programs.ts';
import { NFT, startServer, type Server } from './server.ts';

const openNamespaces = namespacesWith(
  fileURLToPath(new URL('../../src/system/twin-end.pl', import.meta.url)),
);
const nft = findProgram(NFT_PLACES);
const link = { name: 'eth0', addresses: ['203.0.113.10/24', '2001:db8:1::10/64'] };
const clock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Twins in the real kernel. */
export const REAL: TwinPorts = { openNamespaces, links: () => Promise.resolve([link]), nft, clock };

export const layout = (name: string): string =>
  readFileSync(new URL(`../fixtures/firewall-layouts/${name}.nft`, import.meta.url), 'utf8');

/** A server without cPanel whose firewall is a real one, in a network namespace of its own. */
export interface RealServer extends Server {
  /** The rules in force, without handles. */
  rules(): Promise<string>;
  close(): Promise<void>;
}

export async function startRealServer(rules: string, boot: string): Promise<RealServer> {
  const server = startServer({ config: null, rules: '', boot });
  const live: Namespaces = await openNamespaces({ main: link, stubs: [] });
  const loaded = await live.run([nft, '-f', '-'], { stdin: rules });
  if (loaded.code !== 0) throw new Error(loaded.stderr);
  server.programs.set(NFT, (argv, options) => live.run([nft, ...argv.slice(1)], options));
  const ports = { ...server.ports, clock, twin: { ...REAL, nft: NFT } };
  const twin = { ...ports.twin, nft };
  return {
    ...server,
    ports: {
      ...ports,
      twin,
      run: (argv, options) => server.ports.run(argv[0] === nft ? [NFT, ...argv.slice(1)] : argv, options),
    },
    rules: async () => (await live.run([nft, '-s', 'list', 'ruleset'])).stdout,
    close: () => live.close(),
  };
}
