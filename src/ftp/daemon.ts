import type { FileFact } from '../core/file.ts';
import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import type { RunningDaemon } from './server.ts';

/** A file's time and a process's start are told by different clocks of the kernel. */
const CLOCK_SLACK_MS = 50;

/** A daemon reads its file when it starts and never again, so one that is younger than the file runs with it. */
export function isCurrent(daemon: RunningDaemon | null, conf: FileFact | null): boolean {
  return daemon !== null && conf !== null && daemon.startedMs >= conf.mtimeMs - CLOCK_SLACK_MS;
}

/** What is wrong with the daemon's file as a whole. `title`: the server's name for people. */
export function confFindings(
  title: string,
  path: string,
  conf: FileFact | null,
  daemon: RunningDaemon | null,
): Finding[] {
  if (conf === null) {
    return [
      {
        id: 'conf-missing',
        level: 'bad',
        title: phrase`The FTP server has no settings`,
        fact: phrase`${path} does not exist.`,
        fix: phrase`Setting up passive FTP lets cPanel write it.`,
      },
    ];
  }
  if (daemon === null || isCurrent(daemon, conf)) return [];
  return [
    {
      id: 'daemon-older-than-conf',
      level: 'warn',
      title: phrase`The FTP server may run with older settings`,
      fact: phrase`${path} was written after process ${daemon.pid} had started, and ${title} reads it only at its start.`,
      fix: phrase`Setting up passive FTP restarts it.`,
    },
  ];
}
