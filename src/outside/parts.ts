import type { PortRange } from '../core/range.ts';
import type { Reach } from '../core/reach.ts';
import type { Status } from '../core/status.ts';
import type { LastProof } from './last.ts';

/** Ports that are listened on until `close`. `ports`: those that could be had. */
export interface Lookout {
  readonly ports: readonly number[];
  close(): Promise<void>;
}

/** A connection that came. The answer is sent back before the connection is closed; empty for none. */
export type Heard = (call: { port: number; from: string; bytes: Uint8Array }) => string;

/** What proofs need of the world. */
export interface ProofParts {
  /** How the server stands, and the range that is wanted. */
  status(): Promise<{ readonly status: Pick<Status, 'ftp' | 'nat'>; readonly wanted: PortRange }>;
  held(): Promise<readonly string[]>;
  /** What the machine's firmware says of its maker; empty where it says nothing. */
  vendor(): Promise<string>;
  /** Ports on which something listens or talks. */
  busyPorts(): Promise<ReadonlySet<number>>;
  listen(ports: readonly number[], heard: Heard): Promise<Lookout>;
  /** What this server's firewall does with the range. @param from null: a stranger */
  reach(range: PortRange, address: string, from: string | null): Promise<Reach>;
  /** Keeps proofs of other processes of this product away. @throws Problem `busy` */
  lock(): Promise<() => Promise<void>>;
  /** @throws Problem when it cannot be kept */
  keepLast(last: LastProof): Promise<void>;
  lastProof(): Promise<LastProof | null>;
  /** Wall time, milliseconds. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** An unpredictable text that may stand in an address. */
  token(): string;
  /** A whole number from 0 to below the one given. */
  pick(below: number): number;
}
