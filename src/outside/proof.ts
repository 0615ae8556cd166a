import type { PortRange } from '../core/range.ts';
import type { Blocked } from '../core/reach.ts';

/** What is to be proven: that clients reach the range at the address that they are told. */
export interface Subject {
  readonly range: PortRange;
  /** What clients are told; null when the server names the address that they have reached. */
  readonly told: string | null;
  /** The address whose ports are tried: what clients are told, where anybody outside could reach that. */
  readonly address: string;
  /** Another name or address of this server, by which a wrong address shows; null when none is known. */
  readonly witness: string | null;
  /** Every public address that this server knows as its own. */
  readonly known: readonly string[];
}

/** Where the tries come from: the browser that shows the page, or a command on another machine. */
export type By = 'browser' | 'command';

/** One proof under way or over. `ports` are tried at the subject's address, `witnesses` at its witness. */
export interface Proof {
  readonly id: string;
  /** Who asked: only they and root see it. Null: at the machine itself. */
  readonly user: string | null;
  /** Where the browser that tries is, as WHM sees it; null when that is not known, or another machine tries. */
  readonly visitor: string | null;
  readonly by: By;
  readonly subject: Subject;
  /** What the machine's firmware says of its maker; empty where it says nothing. */
  readonly vendor: string;
  readonly token: string;
  readonly ports: readonly number[];
  readonly witnesses: readonly number[];
  /**
   * What this server's own firewall blocks for whoever would try. Nothing is sent there: programs that guard a server
   * ban an address that is refused often.
   */
  readonly withheld: readonly Blocked[];
  /** Wall time at which it ends by itself, milliseconds. */
  readonly until: number;
}

/** What of these ports may be tried. */
export function triedOf(ports: readonly number[], withheld: readonly Blocked[]): number[] {
  return ports.filter((port) => blockOf(withheld, port) === undefined);
}

export function blockOf(blocked: readonly Blocked[], port: number): Blocked | undefined {
  return blocked.find(({ range: [low, high] }) => low <= port && port <= high);
}

/**
 * A connection that came. `token`: it showed the proof's token; `tls`: it began TLS, as a browser does; `other`: it
 * did neither and proves nothing.
 */
export interface Visit {
  readonly port: number;
  readonly from: string;
  readonly said: 'token' | 'tls' | 'other';
}

/** What a visitor said, by the first bytes of the connection. */
export function saidBy(bytes: Uint8Array, token: string): Visit['said'] {
  if (bytes[0] === 0x16 && bytes[1] === 0x03) return 'tls';
  return String.fromCharCode(...bytes).includes(token) ? 'token' : 'other';
}
