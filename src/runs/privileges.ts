import { ABSENT } from '../core/file.ts';
import { PRIVILEGE } from '../core/grants.ts';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { CommandResult, Files } from '../engine/ports.ts';
import type { EnginePorts } from '../engine/survey.ts';

/** Where WHM keeps what resellers may do: a line `user:privilege,privilege,…` for each (documented). */
const RESELLERS = '/var/cpanel/resellers';
const WHMAPI = '/usr/local/cpanel/bin/whmapi1';
const SECONDS = 60;

type Effects = Pick<EnginePorts, 'files' | 'run'>;

/** WHM's list of resellers; an empty one where there is none. */
export interface Resellers {
  readonly text: string;
  readonly names: readonly string[];
}

export async function readResellers(files: Pick<Files, 'read'>): Promise<Resellers> {
  const text = (await files.read(RESELLERS))?.text ?? '';
  const names = text.split('\n').flatMap((line) => /^([^:\s#]+):/.exec(line)?.[1] ?? []);
  return { text, names };
}

/** What WHM's list says of this reseller; null for one that it does not name. Names are compared, never searched for. */
export function privilegesOf(text: string, reseller: string): readonly string[] | null {
  const line = lineOf(text, reseller);
  if (line === null) return null;
  return line
    .slice(reseller.length + 1)
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** Adds the plugin's privilege to those that the reseller has. @throws Problem with those as they were */
export function givePrivilege(effects: Effects, reseller: string): Promise<void> {
  return change(effects, reseller, (held) => [...held, PRIVILEGE]);
}

/** Takes the plugin's privilege away, and no other. @throws Problem with them as they were */
export function takePrivilege(effects: Effects, reseller: string): Promise<void> {
  return change(effects, reseller, (held) => held.filter((each) => each !== PRIVILEGE));
}

/**
 * WHM's call replaces the whole set, so all that the reseller has is sent with it, and what WHM then lists is compared:
 * the answer of the call proves nothing. A set that is not as wanted gets its old line back.
 */
async function change(
  { files, run }: Effects,
  reseller: string,
  make: (held: readonly string[]) => readonly string[],
): Promise<void> {
  const before = (await files.read(RESELLERS))?.text ?? '';
  const held = privilegesOf(before, reseller);
  if (held === null) throw new Problem('not-found', phrase`WHM does not list ${reseller} as a reseller.`);
  const odd = held.find((each) => !/^[\w.-]+$/.test(each));
  if (odd !== undefined)
    throw new Problem(
      'unsupported',
      phrase`${reseller} has a privilege that cannot be sent to WHM ("${odd}"): change the privilege ${PRIVILEGE} in WHM itself.`,
    );
  const wanted = make(held);
  const pairs = wanted.map((each) => `acl-${each}=1`);
  const said = await run([WHMAPI, '--output=json', 'setacls', `reseller=${reseller}`, ...pairs], {
    timeoutSeconds: SECONDS,
  });
  const after = await files.read(RESELLERS);
  if (isSame(privilegesOf(after?.text ?? '', reseller), wanted)) return;
  const line = lineOf(before, reseller) ?? '';
  const restored = withLine(after?.text ?? '', reseller, line);
  if (restored !== (after?.text ?? '')) await files.replace(RESELLERS, after?.tag ?? ABSENT, restored);
  throw new Problem(
    'command-failed',
    phrase`WHM did not set the privileges of ${reseller} as asked (${reasonOf(said)}); they are as before.`,
  );
}

function lineOf(text: string, reseller: string): string | null {
  return text.split('\n').find((line) => line.startsWith(`${reseller}:`)) ?? null;
}

/** The list with this line for the reseller, wherever it stood. */
function withLine(text: string, reseller: string, line: string): string {
  if (lineOf(text, reseller) === null)
    return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;
  return text
    .split('\n')
    .map((each) => (each.startsWith(`${reseller}:`) ? line : each))
    .join('\n');
}

function isSame(a: readonly string[] | null, b: readonly string[]): boolean {
  return a !== null && [...new Set(a)].sort().join(',') === [...new Set(b)].sort().join(',');
}

/** What whmapi1 said against it. */
function reasonOf({ missing, timedOut, stdout }: CommandResult): string {
  if (missing) return phrase`${WHMAPI} is missing`;
  if (timedOut) return phrase`${WHMAPI} did not end`;
  try {
    const { metadata } = JSON.parse(stdout) as { metadata?: { result?: unknown; reason?: unknown } };
    if (metadata?.result !== 1 && typeof metadata?.reason === 'string') return metadata.reason.slice(0, 200);
  } catch {
    return phrase`${WHMAPI} gave no answer that can be read`;
  }
  return phrase`it said that it had`;
}
