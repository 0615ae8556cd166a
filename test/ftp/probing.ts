import type { Check } from '../../src/core/check.ts';
import type { PortRange } from '../../src/core/range.ts';
import { probe, type ProbeTarget } from '../../src/ftp/probe.ts';
import { dial } from '../../src/system/dial.ts';
import { startFakeServer, type Answer, type FakeServer } from './fake-server.ts';

export const ANY: PortRange = [1024, 65535];
export const LOGIN = { user: 'ftp-passive-check@example.com', password: 'secret' };

export const results = (checks: readonly Check[]): string =>
  checks.map(({ id, result }) => `${id} ${result}`).join(', ');
export const failed = (checks: readonly Check[]): string[] =>
  checks.filter(({ result }) => result === 'fail').map(({ id, fact }) => `${id}: ${fact}`);
export const skipped = (checks: readonly Check[]): string[] =>
  checks.filter(({ result }) => result === 'skip').map(({ id, fact }) => `${id}: ${fact}`);

export interface Probed {
  readonly checks: Check[];
  readonly server: FakeServer;
}

/** Probes a fake server that gives these answers, and closes it. */
export async function probed(
  answers: Readonly<Record<string, Answer>>,
  target: Partial<ProbeTarget> = {},
  pem: string | null = null,
): Promise<Probed> {
  const server = await startFakeServer(answers, pem);
  const { host, port } = server;
  try {
    const checks = await probe(dial, {
      ...{ server: 'pure-ftpd', depth: 'quick', advertised: false, upload: null },
      ...{ host, port, login: LOGIN, whyNoLogin: '', wish: { range: ANY, address: null } },
      ...target,
    });
    return { checks, server };
  } finally {
    await server.close();
  }
}
