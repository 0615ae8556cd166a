import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory for one benchmark, with its C programs compiled. */
export interface Scratch {
  path(...names: readonly string[]): string;
  readonly flood: string;
  readonly limit: string;
  readonly burst: string;
  remove(): void;
}

export function openScratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'ftp-passive-bench-'));
  const path = (...names: readonly string[]): string => join(folder, ...names);
  const compiled = (name: string): string => {
    const source = join(import.meta.dirname, `${name}.c`);
    execFileSync('cc', ['-O2', '-D_GNU_SOURCE', '-o', path(name), source, '-lutil'], { stdio: 'inherit' });
    return path(name);
  };
  return {
    path,
    flood: compiled('flood'),
    limit: compiled('limit'),
    burst: compiled('burst'),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
