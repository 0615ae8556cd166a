import type { FileFact, FileTag } from '../core/file.ts';
import type { Place } from '../firewall/ruleset.ts';

/** What a program did. `code` is null when a signal ended it or it never started (`missing`). `ms`: run time. */
export interface CommandResult {
  readonly argv: readonly string[];
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly missing: boolean;
  readonly timedOut: boolean;
  readonly ms: number;
}

export interface CommandOptions {
  readonly stdin?: string;
  readonly timeoutSeconds?: number;
  /** The program says much, a word at a time: its output is gathered on the way. */
  readonly wordy?: boolean;
  /** Give the program a terminal; its whole output is then in `stdout`. */
  readonly tty?: boolean;
  /**
   * Hears all output, and a line of ours when the program's time is up. With it, `stdout` and `stderr` of the result
   * hold only the beginning and the end of long output.
   */
  readonly onOutput?: (bytes: Uint8Array) => void;
  /** Raised: the program is ended, and what it started too. */
  readonly end?: AbortSignal;
}

/** Runs one program with a clean environment. Never throws for what the program does: it is in the result. */
export type RunCommand = (argv: readonly string[], options?: CommandOptions) => Promise<CommandResult>;

export interface Files {
  /** Null when there is no such file. @throws Problem for links, special files and what cannot be read */
  read(path: string): Promise<FileFact | null>;
  /** Whether a write could succeed: the directory takes a new file and the file can be opened. @throws Problem */
  probeWritable(path: string): Promise<void>;
  /** Replaces the text, keeping mode and owner; null removes the file. Answers with the new tag. @throws Problem `change-conflict` */
  replace(path: string, expects: FileTag, text: string | null): Promise<FileTag>;
  /**
   * A word that differs after each change of the file, its attributes or the file at that path, as far as the kernel
   * gives changes a time: a store through shared memory may get none. Null where it may not differ: there is no such
   * file, it cannot be looked at, or it changed so lately that its time may be the same after the next change.
   */
  stamp(path: string): Promise<string | null>;
  /** Copies a file's bytes and attributes to `copy`. False when there is no such file. */
  save(path: string, copy: string): Promise<boolean>;
  /** Takes a copy away that nobody needs, if it can be. */
  discard(copy: string): Promise<void>;
  /** Puts a saved file back, bytes and times; a null copy removes the file. */
  restore(path: string, copy: string | null): Promise<void>;
  /** Names of the regular files in a directory; empty when there is no such directory. */
  list(directory: string): Promise<readonly string[]>;
  isExecutable(path: string): Promise<boolean>;
}

/** An interface of this server with the addresses it holds, in `ADDRESS/LENGTH` form. */
export interface Link {
  readonly name: string;
  readonly addresses: readonly string[];
}

/**
 * A process that listens on a TCP port. `pid` 0, with no program: the kernel, or a process that cannot be seen.
 * `startedMs`: when it started, on the clock of file times.
 */
export interface Listener {
  readonly pid: number;
  readonly program: string;
  readonly address: string;
  readonly port: number;
  readonly startedMs: number;
}

/** The TCP sockets of this server. `open`: the local port of each connection that is established. */
export interface Sockets {
  readonly listening: readonly Listener[];
  readonly open: readonly number[];
}

export interface Host {
  /** The interface of the default route first. Loopback is left out. */
  links(): Promise<readonly Link[]>;
  sockets(): Promise<Sockets>;
  hostname(): string;
}

/** One connection to try in the twin. `from` empty: whatever address and port the kernel takes. */
export interface Ask {
  readonly id: string;
  readonly from: string;
  /** The port it comes from. */
  readonly caller: number;
  readonly to: string;
  readonly port: number;
}

/** `open`: connected; `refused`, `unreachable`: an answer said no; `silent`: nothing in the time given. */
export type Outcome = 'open' | 'refused' | 'unreachable' | 'silent';

/** Two network namespaces joined by one link: a copy of this server, and a client. Gone after `close`. */
export interface Namespaces {
  /** Whether IPv6 works in them. */
  readonly ipv6: boolean;
  /** Runs a program in the server's namespace. */
  run: RunCommand;
  /** The numbers of a chain's rules in the server's namespace, in their order. */
  handles(chain: Place): Promise<readonly number[]>;
  listen(ports: readonly number[]): Promise<void>;
  /** Lets the client connect from these addresses, or from any of these networks (`ADDRESS/LENGTH`). */
  openClient(networks: readonly string[]): Promise<void>;
  /** Starts all connections at once; `onOutcome` for each, `silent` after `timeoutMs`. */
  connect(
    asks: readonly Ask[],
    timeoutMs: number,
    onOutcome: (id: string, outcome: Outcome) => void,
  ): Promise<void>;
  /** Ends the wait for these connections: what they met is known by other means. */
  settle(ids: readonly string[]): void;
  /**
   * Lines as `nft -a monitor trace` prints them in the server's namespace, but without the words of rules; resolves
   * when it is known to be listening. Rules that have anything traced must be there.
   */
  trace(onLine: (line: string) => void): Promise<void>;
  close(): Promise<void>;
}

/** What may still be found out while they are made. */
export interface NamespacesSpec {
  readonly main: Promise<Link>;
  /** Interfaces that must exist by name. */
  readonly stubs: Promise<readonly string[]>;
}

/** @throws Problem `unsupported` where namespaces are refused */
export type OpenNamespaces = (spec: NamespacesSpec) => Promise<Namespaces>;

export interface Clock {
  /** Wall time, milliseconds. */
  now(): number;
  /** Monotonic, milliseconds. */
  elapsed(): number;
  sleep(ms: number): Promise<void>;
}
