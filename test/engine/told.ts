import assert from 'node:assert/strict';
import type { Finding } from '../../src/core/finding.ts';
import type { Settings } from '../../src/core/settings.ts';
import { statusOf } from '../../src/engine/findings.ts';
import { survey } from '../../src/engine/survey.ts';
import { settings, type Server } from './server.ts';

/** What a status tells of a server. */
export async function told(server: Server, some: Partial<Settings> = {}): Promise<readonly Finding[]> {
  return statusOf(await survey(server.ports, settings(some)), settings(some)).findings;
}

export function idsOf(findings: readonly Finding[]): string[] {
  return findings.map(({ id }) => id);
}

/** The one finding with that id. */
export function the(findings: readonly Finding[], id: string): Finding {
  const [found, ...more] = findings.filter((each) => each.id === id);
  assert.equal(more.length, 0, `${id} is told more than once`);
  return found ?? assert.fail(`no ${id} among ${idsOf(findings).join()}`);
}

/** Level and fact. */
export function said(findings: readonly Finding[], id: string): [string, string] {
  const { level, fact } = the(findings, id);
  return [level, fact];
}
