import { phrase } from '../core/phrase.ts';
import type { Files, RunCommand } from '../engine/ports.ts';

/** What looking at a server takes. Nothing is changed by it. */
export interface Eyes {
  readonly run: RunCommand;
  readonly files: Pick<Files, 'read' | 'isExecutable'>;
}

/** `held`: null where it could not be told. `seen`: what was found, without anything that is secret or names a person. */
export interface Looked {
  readonly held: boolean | null;
  readonly seen: string;
}

/** Something that the product takes for granted of a cPanel server, as docs/unverified.md lists it. */
export interface Assumption {
  readonly id: string;
  /** What is taken for granted, as a sentence. */
  readonly says: string;
  look(eyes: Eyes): Promise<Looked>;
}

export const held = (seen: string): Looked => ({ held: true, seen });
export const broken = (seen: string): Looked => ({ held: false, seen });
export const untold = (seen: string): Looked => ({ held: null, seen });

/** `mode 0600, owner 0:0` of a file that was read. */
export function modeOf(tag: string): string {
  const [, mode = '?', uid = '?', gid = '?'] = /mode:(\d+) uid:(\d+) gid:(\d+)/.exec(tag) ?? [];
  return phrase`mode ${mode}, owner ${uid}:${gid}`;
}

/** Whether only the owner may read a file that was read. */
export function isPrivate(tag: string): boolean {
  return /mode:0?\d00\b/.test(tag);
}
