import type { AddressKind } from '../core/address.ts';
import type { Line } from './lines.ts';
import type { How } from './remarks.ts';
import type { Client } from './shapes.ts';

/** What a server answered: where the client is to connect for the data. */
export interface Told {
  readonly line: Line;
  /** As the log has it, so parts of it may be hidden; null in a 229, and where it cannot be read. */
  readonly address: string | null;
  /** `unknown`: it is hidden, or there is none. */
  readonly kind: AddressKind | 'unknown';
  readonly port: number | null;
}

export interface Failure {
  readonly line: Line;
  /** `silence`: the log ends, or the client begins anew, without a word about the connection. */
  readonly how: How | 'silence';
}

export interface Refusal {
  readonly line: Line;
  readonly code: number;
}

export type Mode = 'pasv' | 'epsv' | 'active' | 'unknown';

/** One try to move data: from the question for a port to the end of the transfer. What did not happen is null. */
export interface Attempt {
  readonly mode: Mode;
  readonly session: Session;
  /** Whether the data was to be encrypted. */
  readonly secure: boolean;
  readonly ask: Line;
  readonly told: Told | null;
  /** The server did not grant PASV, EPSV or PORT. */
  readonly denied: Refusal | null;
  /** The client said that it uses another address than it was told. */
  readonly replaced: Line | null;
  readonly dialled: { readonly address: string | null; readonly line: Line } | null;
  /** The client said that the data connection stands. */
  readonly opened: Line | null;
  readonly transfer: Line | null;
  /** The server said that the transfer begins. */
  readonly begun: Line | null;
  readonly done: Line | null;
  /** The server said that the transfer failed. */
  readonly refusal: Refusal | null;
  readonly failure: Failure | null;
}

/** One control connection. `server`: which FTP server its words are of, null when they do not tell. */
export interface Session {
  readonly address: string | null;
  readonly port: number | null;
  readonly server: 'pure-ftpd' | 'proftpd' | null;
  /** Whether the log shows that the client connects. */
  readonly tried: boolean;
  readonly greeted: boolean;
  readonly login: 'unknown' | 'done' | 'refused';
  readonly failure: Failure | null;
}

/** A client's log, understood. */
export interface Log {
  readonly client: Client | null;
  readonly lines: readonly Line[];
  readonly sessions: readonly Session[];
  readonly attempts: readonly Attempt[];
  /** Whether it is of another protocol that clients of FTP speak. */
  readonly sftp: boolean;
}
