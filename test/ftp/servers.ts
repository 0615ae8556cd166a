import { readFileSync } from 'node:fs';
import type { FileFacts } from '../../src/core/file.ts';
import { CONF, fact, LOCAL, MAIN } from './cpanel.ts';

export const STORED = 1_000_000;
export const RENDERED = 2_000_000;
export const STARTED = 3_000_000;

const FIXTURES = new URL('../fixtures/', import.meta.url);
export const store = (name: string): string =>
  readFileSync(new URL(`pureftpd/${name}.yaml`, FIXTURES), 'utf8');
export const conf = (name: string): string =>
  readFileSync(new URL(`pureftpd-conf/${name}.conf`, FIXTURES), 'utf8');
export const proftpdConf = (name: string): string =>
  readFileSync(new URL(`proftpd-conf/${name}.conf`, FIXTURES), 'utf8');

/** A server's files. Stores, then the daemon's file, then the daemon: each younger than the one before. */
export interface Texts {
  readonly local?: string;
  readonly main?: string;
  readonly conf?: string;
  /** Which caches there are, as texts. */
  readonly mainCache?: string;
  readonly localCache?: string;
}

export function filesOf(texts: Texts): FileFacts {
  const at = (path: string, text: string | undefined, time: number) =>
    [path, text === undefined ? null : fact(path, text, time)] as const;
  return new Map([
    at(LOCAL, texts.local, STORED),
    at(MAIN, texts.main, STORED),
    at(`${LOCAL}.cache`, texts.localCache, STORED),
    at(`${MAIN}.cache`, texts.mainCache, STORED),
    at(CONF, texts.conf, RENDERED),
  ]);
}

export const running = { pid: 4242, startedMs: STARTED };
