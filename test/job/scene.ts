import assert from 'node:assert/strict';
import type { Check } from '../../src/core/check.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { Reaches } from '../../src/core/reach.ts';
import type { Status } from '../../src/core/status.ts';
import type { RunRecord } from '../../src/runs/record.ts';
import { CHECKOUT, type Ended, type Machine } from '../sandbox/machine.ts';

const PROGRAM = `${CHECKOUT}/plugin/bin/ftp-passive`;
const NEVER = 120_000;

/** Runs the command line on the server. */
export function cli(server: Machine, ...argv: string[]): Promise<Ended> {
  return server.run([PROGRAM, ...argv], { timeoutMs: NEVER });
}

/** What the verbs print with --json. */
interface Documents {
  readonly status: Status;
  readonly plan: Plan;
  readonly apply: Result;
  readonly undo: Result;
  readonly verify: { readonly ok: boolean | null; readonly checks: readonly Check[] };
  readonly reach: Reaches;
  readonly runs: readonly RunRecord[];
}

interface Result {
  readonly run: string | null;
  readonly state: string;
  readonly changed: boolean;
  readonly problem?: { readonly code: string; readonly message: string; readonly detail?: string };
}

/** The one JSON document that a verb prints; for apply and undo the last line. */
export async function json<Verb extends keyof Documents>(
  server: Machine,
  verb: Verb,
  ...argv: string[]
): Promise<{ code: number | null; document: Documents[Verb] }> {
  const { code, signal, stdout, stderr } = await cli(server, verb, ...argv, '--json');
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  assert.notEqual(
    last,
    '',
    `${verb} ${argv.join(' ')} printed nothing: ${signal ?? `exit ${code}`} ${stderr}`,
  );
  return { code, document: JSON.parse(last) as Documents[Verb] };
}

/** Runs a script on the server. @returns what it printed */
export async function shell(server: Machine, script: string): Promise<string> {
  const { code, stdout, stderr } = await server.run(['sh', '-ec', script]);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** What status says under this id. */
export async function findingOf(server: Machine, id: string): Promise<Finding | undefined> {
  return (await json(server, 'status')).document.findings.find((each) => each.id === id);
}

/** Every file under /etc and /var/cpanel: bytes, mode, owner and time; of links where they lead. */
export async function snapshot(server: Machine): Promise<string> {
  const places = ['/etc', '/var/cpanel'];
  const facts = await server.run(['find', ...places, '-type', 'f', '-printf', '%p %m %U:%G %s %T@\\n']);
  const sums = await server.run(['find', ...places, '-type', 'f', '-exec', 'sha256sum', '{}', '+']);
  const links = await server.run(['find', ...places, '-type', 'l', '-printf', '%p %l\\n']);
  return `${facts.stdout}${sums.stdout}${links.stdout}`.split('\n').sort().join('\n');
}

/** The rules in force, without handles and counters. */
export async function rules(server: Machine): Promise<string> {
  return (await server.run(['nft', '-s', 'list', 'ruleset'])).stdout;
}

export async function daemonPid(server: Machine): Promise<string> {
  return (await server.run(['pgrep', '-o', '-x', 'pure-ftpd'])).stdout.trim();
}
