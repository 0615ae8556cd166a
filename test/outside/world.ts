import assert from 'node:assert/strict';
import type { LastProof } from '../../src/outside/last.ts';
import type { Heard, ProofParts } from '../../src/outside/parts.ts';
import type { Proof } from '../../src/outside/proof.ts';
import { openProofs, type Asker, type Proofs } from '../../src/outside/proofs.ts';
import { OPEN } from './samples.ts';

export const ROOT: Asker = { user: 'root', isRoot: true, visitor: '198.51.100.20', name: 'server.example' };
export const TLS = Uint8Array.of(0x16, 0x03, 0x01);

/** A server in memory: what listens, and the clock's end. */
export function world(change: Partial<ProofParts> = {}): {
  proofs: Proofs;
  listening: Set<number>;
  asked: (string | null)[];
  kept: LastProof[];
  locks(): number;
  pass(ms: number): void;
  come(port: number, said: string | Uint8Array, from?: string): string;
  timeUp(): void;
} {
  const listening = new Set<number>();
  const asked: (string | null)[] = [];
  const kept: LastProof[] = [];
  let locks = 0;
  let now = 1000;
  let hear: Heard = () => assert.fail('nobody listens');
  let timeUp = (): void => undefined;
  let tokens = 0;
  const proofs = openProofs({
    status: () =>
      Promise.resolve({
        wanted: [49152, 65534] as const,
        status: {
          ftp: {
            ...{ server: 'pure-ftpd' as const, running: true },
            range: { configured: null, rendered: null, live: null },
            passiveAddress: { configured: null, rendered: '203.0.113.10', live: '203.0.113.10' },
          },
          nat: { behind: true, addresses: [{ local: '10.0.0.5', public: '203.0.113.10' }] },
        },
      }),
    held: () => Promise.resolve(['10.0.0.5']),
    vendor: () => Promise.resolve('Hetzner'),
    busyPorts: () => Promise.resolve(new Set([49152])),
    listen(ports, heard) {
      for (const port of ports) listening.add(port);
      hear = heard;
      return Promise.resolve({
        ports,
        close() {
          listening.clear();
          return Promise.resolve();
        },
      });
    },
    reach(_range, _address, from) {
      asked.push(from);
      return Promise.resolve(OPEN);
    },
    lock() {
      locks++;
      return Promise.resolve(() => {
        locks--;
        return Promise.resolve();
      });
    },
    keepLast: (last) => Promise.resolve(void kept.push(last)),
    lastProof: () => Promise.resolve(kept.at(-1) ?? null),
    now: () => now,
    sleep: (ms) => (ms < 1000 ? Promise.resolve() : new Promise((resolve) => (timeUp = resolve))),
    token: () => `token-${++tokens}`,
    pick: () => 0,
    ...change,
  });
  const come = (port: number, said: string | Uint8Array, from = '198.51.100.20'): string =>
    hear({ port, from, bytes: typeof said === 'string' ? Buffer.from(said) : said });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { proofs, listening, asked, kept, come, pass, locks: () => locks, timeUp: () => timeUp() };
}

export const RITA: Asker = { ...ROOT, user: 'rita', isRoot: false };

export const everyPort = ({ ports, witnesses }: Proof): number[] => [...ports, ...witnesses];
