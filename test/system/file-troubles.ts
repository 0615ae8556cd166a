/**
 * Meets file systems that refuse: run in a mount namespace of its own with an empty directory as its argument, it
 * mounts them there, tries every operation, and prints one JSON list of Trouble.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ABSENT } from '../../src/core/file.ts';
import { toProblem } from '../../src/core/problem.ts';
import { files } from '../../src/system/files.ts';
import { openShelf } from '../../src/system/shelf.ts';

/** What an operation met. `same`: the directory's files have the same names and bytes as before. */
export interface Trouble {
  readonly place: string;
  readonly operation: string;
  readonly code: string;
  readonly message: string;
  readonly same: boolean;
}

const root = process.argv[2] ?? '';
const OLD = 'old settings\n';
const RUN = '20261122T102233Z-1a2b3c';
const LONG = 'x'.repeat(48 * 1024);

function place(name: string): string {
  mkdirSync(join(root, name));
  return join(root, name);
}

function mount(...argv: readonly string[]): void {
  execFileSync('/bin/mount', argv);
}

function contents(directory: string): string {
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true });
  return JSON.stringify(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, entry.isFile() ? readFileSync(path, 'latin1') : ''];
    }),
  );
}

async function tryAll(
  directory: string,
  operations: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<Trouble[]> {
  const troubles: Trouble[] = [];
  for (const [operation, attempt] of Object.entries(operations)) {
    const before = contents(directory);
    const problem = await attempt().then(() => null, toProblem);
    troubles.push({
      place: directory.slice(root.length + 1),
      operation,
      code: problem?.code ?? 'none',
      message: problem?.message ?? '',
      same: contents(directory) === before,
    });
  }
  return troubles;
}

/** A full file system lets files be removed, which would make room. */
async function changes(directory: string, copy: string, isFull = false): Promise<Trouble[]> {
  const conf = join(directory, 'conf');
  const tag = (await files.read(conf))?.tag ?? ABSENT;
  return tryAll(directory, {
    probeWritable: () => files.probeWritable(conf),
    replace: () => files.replace(conf, tag, LONG),
    restore: () => files.restore(conf, copy),
    ...(isFull
      ? {}
      : {
          remove: () => files.replace(conf, tag, null),
          'restore to nothing': () => files.restore(conf, null),
        }),
  });
}

async function additions(directory: string, source: string): Promise<Trouble[]> {
  return tryAll(directory, {
    'probeWritable of a new file': () => files.probeWritable(join(directory, 'new')),
    'replace of a new file': () => files.replace(join(directory, 'new'), ABSENT, LONG),
    'save to here': () => files.save(source, join(directory, 'copy')),
    'restore of a new file': () => files.restore(join(directory, 'new'), source),
  });
}

/** The product's own state on this file system. `begun`: a run has begun there, so that its journal is what has no room. */
async function states(directory: string, begun: boolean): Promise<Trouble[]> {
  const shelf = openShelf(join(directory, 'state'));
  return tryAll(directory, {
    'lock of the state': () => shelf.lock(RUN),
    ...(begun
      ? { 'journal of the state': () => shelf.addToJournal(RUN, LONG) }
      : { 'run of the state': () => shelf.create(RUN) }),
  });
}

/** Makes `path` immutable and answers whether the file system can do that. */
function freeze(path: string): boolean {
  try {
    execFileSync('/usr/bin/chattr', ['+i', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function thaw(path: string): void {
  execFileSync('/usr/bin/chattr', ['-i', path]);
}

const troubles: Trouble[] = [];
const kept = join(place('kept'), 'saved');
writeFileSync(kept, LONG);

const readOnly = place('read-only');
writeFileSync(join(readOnly, 'conf'), OLD);
mount('--bind', readOnly, readOnly);
mount('-o', 'remount,bind,ro', readOnly);
troubles.push(...(await changes(readOnly, kept)), ...(await additions(readOnly, kept)));
troubles.push(...(await states(readOnly, false)));

const full = place('full');
mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', full);
writeFileSync(join(full, 'conf'), OLD);
writeFileSync(join(full, 'filler'), 'x'.repeat(40 * 1024));
troubles.push(...(await changes(full, kept, true)), ...(await additions(full, kept)));

const begun = openShelf(join(full, 'state'));
await begun.create(RUN);
await begun.addToJournal(RUN, '{}');
writeFileSync(join(full, 'more filler'), 'x'.repeat(16 * 1024));
troubles.push(...(await states(full, true)));

const crowded = place('crowded');
mount('-t', 'tmpfs', '-o', 'nr_inodes=3', 'tmpfs', crowded);
for (const name of ['conf', 'other']) writeFileSync(join(crowded, name), OLD);
troubles.push(...(await changes(crowded, kept, true)), ...(await additions(crowded, kept)));
troubles.push(...(await states(crowded, false)));

const frozen = place('frozen');
writeFileSync(join(frozen, 'conf'), OLD);
// Not every file system knows immutable files; a file in memory does since Linux 6.6.
if (!freeze(join(frozen, 'conf'))) {
  mount('-t', 'tmpfs', 'tmpfs', frozen);
  writeFileSync(join(frozen, 'conf'), OLD);
  if (!freeze(join(frozen, 'conf'))) throw new Error('no file system here knows immutable files');
}
troubles.push(...(await changes(frozen, kept)));
thaw(join(frozen, 'conf'));
freeze(frozen);
troubles.push(...(await changes(frozen, kept)), ...(await additions(frozen, kept)));
thaw(frozen);

process.stdout.write(JSON.stringify(troubles));
