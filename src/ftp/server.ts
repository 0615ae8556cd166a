import type { FileFacts } from '../core/file.ts';
import type { Finding } from '../core/finding.ts';
import type { PortRange } from '../core/range.ts';
import type { Truths } from '../core/status.ts';

/** What passive FTP on this server should be. `address` null: advertise the address that the client reached. */
export interface PassiveWish {
  readonly range: PortRange;
  readonly address: string | null;
}

/** A running FTP daemon: what listens on the control port. `startedMs`: on the clock of file times. */
export interface RunningDaemon {
  readonly pid: number;
  readonly startedMs: number;
}

/** `says`: the directive with its value, or what is so without one. */
export interface ClientLimit {
  readonly most: number;
  readonly says: string;
}

/** A local address that the server treats by itself. `told`: what PASV names there; null: that address. */
export interface HostReading {
  readonly address: string;
  readonly told: string | null;
}

export interface FtpReading {
  readonly controlPort: number;
  readonly running: boolean;
  readonly range: Truths<PortRange>;
  readonly passiveAddress: Truths<string>;
  /** Of how many clients it serves at once, and what says so; null where nothing limits them. */
  readonly clients: ClientLimit | null;
  /** What clients of an address with a section of its own are told; empty where all are told the same. */
  readonly hosts: readonly HostReading[];
  /** Why nothing can be changed until a person has repaired something; null when the stores can be edited. */
  readonly refusal: string | null;
  readonly findings: readonly Finding[];
}

/** A file to write: whole new text, or null to remove it. */
export interface FileChange {
  readonly path: string;
  readonly after: string | null;
  readonly title: string;
  readonly why: string;
}

export interface FtpChange {
  readonly writes: readonly FileChange[];
  /** The server's own test of the file that was written; must succeed before anything restarts. */
  readonly validate?: readonly string[];
  /** The command that turns the stores into the daemon's file and restarts it, and the files it may rewrite. */
  readonly render: { readonly command: readonly string[]; readonly touches: readonly string[] };
  /** Restarts the daemon on the file that is there, for undo. */
  readonly restart: readonly string[];
  /** Has the daemon started at boot: the command that renders switches that off for as long as it is at work. */
  readonly enable: readonly string[];
}

/** One FTP server's ways, without any input or output: texts in, facts and edits out. */
export interface FtpServer {
  readonly name: 'pure-ftpd' | 'proftpd';
  /** Its name for people. */
  readonly title: string;
  /** The name of its process. */
  readonly process: string;
  /** Whether it can tell clients of each of its addresses another public one. */
  readonly tellsEach: boolean;
  readonly files: readonly string[];
  /** Further files, directories or names with `*` that its file includes. */
  included(files: FileFacts): readonly string[];
  read(files: FileFacts, daemon: RunningDaemon | null): FtpReading;
  /** The control port that its file asks for. */
  controlPort(files: FileFacts): number;
  /** Null when all three truths are already what is wished. @throws Problem `invalid` for a broken store */
  change(files: FileFacts, reading: FtpReading, wish: PassiveWish): FtpChange | null;
}
