import { unifiedDiff } from '../core/diff.ts';
import { ABSENT, AS_WRITTEN, type FileFacts } from '../core/file.ts';
import { phrase } from '../core/phrase.ts';
import type { FirewallInverse, MarkedRule, Question, Step } from '../core/plan.ts';
import type { Deed } from '../firewall/firewall.ts';
import type { Command } from '../firewall/placing.ts';
import type { FileChange, FtpChange } from '../ftp/server.ts';

/** A step before it has its number. */
export type Draft = Step extends infer Each ? (Each extends Step ? Omit<Each, 'id'> : never) : never;

/** cPanel's script may install packages, so it gets minutes. */
const RENDER_SECONDS = 900;
const RESTART_SECONDS = 180;
const VALIDATE_SECONDS = 60;
const FIREWALL_SECONDS = 60;

export function writeStep(files: FileFacts, change: FileChange, textBefore?: string): Draft {
  const file = files.get(change.path) ?? null;
  const before = textBefore ?? file?.text ?? null;
  return {
    kind: 'write',
    title: change.title,
    why: change.why,
    undoable: true,
    path: change.path,
    expects: textBefore === undefined ? (file?.tag ?? ABSENT) : AS_WRITTEN,
    before,
    after: change.after,
    // What is removed is a cache that only cPanel can read.
    diff: change.after === null ? '' : unifiedDiff(change.path, before, change.after),
  };
}

export function checkStep(kind: 'check' | 'probe', title: string, why: string, question: Question): Draft {
  return { kind, title, why, undoable: true, question };
}

/** The FTP server's own test of its file, which changes nothing. `server`: its name for people. */
export function validateStep(command: readonly string[], server: string): Draft {
  return {
    kind: 'run',
    title: phrase`${server} accepts the new settings`,
    why: phrase`Asked before anything restarts: with settings that it refuses it would not come back.`,
    undoable: true,
    command,
    // With a socket for its input ProFTPD takes itself to be started by inetd, and does not say what it refuses.
    tty: true,
    timeoutSeconds: VALIDATE_SECONDS,
  };
}

export function renderStep(
  { render, restart, enable }: Pick<FtpChange, 'render' | 'restart' | 'enable'>,
  unsettles: readonly string[],
): Draft {
  return {
    kind: 'run',
    title: phrase`Let cPanel write the FTP settings and restart the FTP server`,
    why: phrase`Only this command makes the FTP server's configuration file from WHM's settings. Open FTP sessions end.`,
    undoable: true,
    command: render.command,
    tty: true,
    timeoutSeconds: RENDER_SECONDS,
    touches: render.touches,
    unsettles,
    undo: { kind: 'command', command: restart, whenCutOff: enable, timeoutSeconds: RESTART_SECONDS },
  };
}

export function firewallStep(command: Command, title: string, why: string, inverse: FirewallInverse): Draft {
  const { argv, stdin } = command;
  return {
    kind: 'run',
    title,
    why,
    undoable: true,
    command: argv,
    ...(stdin === undefined ? {} : { stdin }),
    timeoutSeconds: FIREWALL_SECONDS,
    undo: { kind: 'firewall', inverse },
  };
}

/** What a program in charge of the firewall is told. */
export function deedStep(deed: Extract<Deed, { kind: 'command' }>): Draft {
  const { command, undo, title, why, timeoutSeconds, touches, busyCode } = deed;
  return {
    kind: 'run',
    title,
    why,
    undoable: true,
    command,
    tty: true,
    timeoutSeconds,
    ...(touches === undefined ? {} : { touches }),
    ...(busyCode === undefined ? {} : { busyCode }),
    reloads: true,
    undo: { kind: 'command', command: undo, timeoutSeconds, ...(busyCode === undefined ? {} : { busyCode }) },
  };
}

/** A rule's place in words. */
export function placeName(rule: MarkedRule): string {
  return `${rule.family} ${rule.table} ${rule.chain}`;
}
