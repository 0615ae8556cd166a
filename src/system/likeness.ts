import { existsSync } from 'node:fs';
import { runCommand } from './exec.ts';
import { findProgram } from './programs.ts';
import { errorFromWords } from './refusal.ts';

const CP = ['/usr/bin/cp', '/bin/cp'] as const;
const SELINUX = '/sys/fs/selinux/enforce';
const LIMIT_SECONDS = 10;

/**
 * Gives a file what another one in the same place has beside its bytes: mode, owner, access control list, extended
 * attributes and SELinux label. Node has no call for most of these, so cp does it.
 * @throws Error when any of it cannot be kept
 */
export function takeLikeness(path: string, like: string): Promise<void> {
  const kept = ['mode', 'ownership', 'xattr', ...(existsSync(SELINUX) ? ['context'] : [])];
  return copyAttributes(path, like, kept.join(','));
}

/** The same with its times, for a copy somewhere else: what the file system there does not know is left out. */
export function takeLikenessElsewhere(path: string, like: string): Promise<void> {
  return copyAttributes(path, like, 'all');
}

async function copyAttributes(path: string, like: string, kept: string): Promise<void> {
  const argv = [findProgram(CP), '--attributes-only', `--preserve=${kept}`, '--', like, path];
  const result = await runCommand(argv, { timeoutSeconds: LIMIT_SECONDS });
  if (result.code !== 0) throw errorFromWords(result.stderr);
}
