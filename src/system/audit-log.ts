import { appendFileSync, fstatSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RunCommand } from '../engine/ports.ts';
import { auditLine, type Audit } from '../runs/audit.ts';
import { findProgram } from './programs.ts';
import { errorCode } from './refusal.ts';

/** A file that has reached this many bytes makes room: about twenty thousand lines. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Older files that are kept, `.1` the youngest. */
const KEPT = 4;
const LOGGER = findProgram(['/usr/bin/logger', '/bin/logger']);

/** Where an audit is kept: what was done, and what was only asked for, so that a flood of that pushes out no deed. */
export interface AuditPaths {
  readonly done: string;
  readonly asked: string;
}

/**
 * Writes to files that only root reads, and to the journal. It never throws: an audit that cannot be written must
 * not keep anybody from undoing a change, so the journal is told that the file could not be written.
 * @param paths of the youngest files
 * @param journal takes one line
 */
export function openAudit(
  { done, asked }: AuditPaths,
  journal: (line: string) => void,
  now = () => new Date(),
): Audit {
  return {
    note(event) {
      const path = event.deed === true ? done : asked;
      const line = auditLine(event, now());
      journal(`audit ${line}`);
      try {
        makeRoom(path);
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        appendFileSync(path, `${line}\n`, { mode: 0o600 });
      } catch (error) {
        journal(`audit: ${path} cannot be written: ${errorCode(error)}`);
      }
    },
  };
}

/** Two processes that do this at once lose at worst the oldest file a little early. */
function makeRoom(path: string): void {
  if (sizeOf(path) < MOST_BYTES) return;
  for (let age = KEPT; age > 0; age--) {
    const from = age === 1 ? path : `${path}.${age - 1}`;
    if (sizeOf(from) > 0) renameSync(from, `${path}.${age}`);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * The way to journald. A process whose standard error systemd has joined to the journal says it there, with the
 * priority (5, notice) before it; anywhere else `logger` carries it, out of a person's sight.
 */
export function openJournal(run: RunCommand): (line: string) => void {
  if (isJournal(process.env['JOURNAL_STREAM'])) return (line) => void process.stderr.write(`<5>${line}\n`);
  return (line) => {
    const told = run([LOGGER, '--tag', 'ftp-passive', '--priority', 'authpriv.notice', '--', line]);
    told.catch(() => undefined);
  };
}

/** @param stream `DEVICE:INODE` of the journal's end, as systemd hands it over; what cron starts inherits the text only */
function isJournal(stream: string | undefined): boolean {
  const { dev, ino } = fstatSync(2);
  return stream === `${dev}:${ino}`;
}
