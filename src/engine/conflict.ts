import { unifiedDiff } from '../core/diff.ts';
import { ABSENT, type FileTag } from '../core/file.ts';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { Entry } from './journal.ts';
import type { EnginePorts } from './survey.ts';

/** A file that somebody changed after the run had left it. `diff`: from the bytes that the run saved to those of now. */
export interface LateEdit {
  readonly path: string;
  readonly diff: string;
}

/** Every file that somebody changed since the run left it: what putting the saved bytes back would lose. */
export async function findLateEdits(
  { files }: Pick<EnginePorts, 'files'>,
  entries: readonly Entry[],
): Promise<LateEdit[]> {
  const { left, copies, open } = foldFiles(entries);
  const edits: LateEdit[] = [];
  for (const [path, tag] of left) {
    // A step that was cut off or failed may have left its file either way.
    if (open.has(path)) continue;
    const now = await files.read(path);
    const saved = await Promise.all(
      (copies.get(path) ?? []).map((copy) => (copy === null ? Promise.resolve(null) : files.read(copy))),
    );
    // A way back that was cut off has restored some files already, each to one of its copies.
    const known = [tag, ...saved.map((each) => each?.tag ?? ABSENT)];
    if (known.includes(now?.tag ?? ABSENT)) continue;
    edits.push({ path, diff: unifiedDiff(path, saved[0]?.text ?? null, now?.text ?? null) });
  }
  return edits;
}

/** Null where nothing would be lost, else the refusal with the differences. */
export async function findConflict(
  ports: Pick<EnginePorts, 'files'>,
  entries: readonly Entry[],
): Promise<Problem | null> {
  const edits = await findLateEdits(ports, entries);
  if (edits.length === 0) return null;
  const paths = edits.map(({ path }) => path).join(phrase` and `);
  return new Problem(
    'change-conflict',
    phrase`${paths} ${edits.length === 1 ? phrase`was` : phrase`were`} changed by someone else after the run; nothing was put back.`,
    diffsOf(edits),
  );
}

/** All differences as one text. Lines with a plus are those that would be lost. */
export function diffsOf(edits: readonly LateEdit[]): string {
  return edits
    .map(({ path, diff }) => (diff === '' ? `${phrase`${path}: mode or owner only`}\n` : diff))
    .join('\n');
}

/** The tags that a run left, the copies that it made, and the files whose last step has no end. */
function foldFiles(entries: readonly Entry[]): {
  readonly left: ReadonlyMap<string, FileTag>;
  readonly copies: ReadonlyMap<string, readonly (string | null)[]>;
  readonly open: ReadonlySet<string>;
} {
  const left = new Map<string, FileTag>();
  const copies = new Map<string, (string | null)[]>();
  const open = new Set<string>();
  for (const entry of entries) {
    if (entry.at !== 'step') continue;
    if (entry.state === 'running') {
      for (const { path, copy } of entry.saved) {
        copies.set(path, [...(copies.get(path) ?? []), copy]);
        open.add(path);
      }
    } else if (entry.state === 'done') {
      for (const [path, tag] of Object.entries(entry.tags)) {
        left.set(path, tag);
        open.delete(path);
      }
    }
  }
  return { left, copies, open };
}
