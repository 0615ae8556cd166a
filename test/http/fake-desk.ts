import { EventEmitter, once } from 'node:events';
import { stub, type SinonStub } from 'sinon';
import { Problem } from '../../src/core/problem.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import type { Desk } from '../../src/http/desk.ts';
import { OPEN } from '../outside/samples.ts';
import { BROKEN_STATUS, CHECKS, DONE, PLAN, RUNNING } from './samples.ts';

/** A recording in memory that grows as a test says. */
export interface FakeRecording {
  readonly bytes: () => Buffer;
  append(bytes: Uint8Array | string): void;
  /** One output event, as a line. */
  output(text: string): void;
  mark(label: string): void;
  end(): void;
  follow: Desk['follow'];
  read: Desk['read'];
  /** How many follow it now. */
  readonly followers: () => number;
}

const MOST_AT_ONCE = 256 * 1024;

export function createFakeRecording(): FakeRecording {
  const changed = new EventEmitter().setMaxListeners(0);
  let bytes = Buffer.alloc(0);
  let ended = false;
  let followers = 0;

  return {
    bytes: () => bytes,
    ...writing((more) => {
      bytes = Buffer.concat([bytes, more]);
      changed.emit('change');
    }),
    end() {
      ended = true;
      changed.emit('change');
    },
    async *follow(_run, offset, signal) {
      followers++;
      try {
        for (let next = offset; ;) {
          if (signal.aborted) return;
          const chunk = bytes.subarray(next, next + 65_536);
          if (chunk.length > 0) {
            next += chunk.length;
            yield chunk;
          } else if (ended) return;
          else await once(changed, 'change', { signal }).catch(() => undefined);
        }
      } finally {
        followers--;
      }
    },
    read(_run, offset) {
      const found = bytes.subarray(offset, offset + MOST_AT_ONCE);
      const next = offset + found.length;
      return Promise.resolve({ bytes: found, next, ended: ended && next >= bytes.length });
    },
    followers: () => followers,
  };
}

/** Writes a recording's first line, and its events as they come. */
export function writing(add: (bytes: Buffer) => void): Pick<FakeRecording, 'append' | 'output' | 'mark'> {
  let at = 0;
  const append = (more: Uint8Array | string): void => add(Buffer.from(more));
  const line = (kind: string, text: string): void => append(`${JSON.stringify([(at += 0.1), kind, text])}\n`);
  append('{"version":2,"width":100,"height":30}\n');
  return { append, output: (text) => line('o', text), mark: (label) => line('m', label) };
}

export type FakeDesk = { [M in keyof Desk]: SinonStub<Parameters<Desk[M]>, ReturnType<Desk[M]>> };

/** A desk whose every method is a stub with a plain answer; the run with the sample's id exists, others do not. */
export function createFakeDesk(recording = createFakeRecording()): FakeDesk {
  return {
    status: stub<[], ReturnType<Desk['status']>>().resolves(BROKEN_STATUS),
    settings: stub<[], ReturnType<Desk['settings']>>().resolves(DEFAULT_SETTINGS),
    watch: stub<[], ReturnType<Desk['watch']>>().resolves({ mode: 'off', timer: false, hook: false }),
    turnWatch: stub<Parameters<Desk['turnWatch']>, ReturnType<Desk['turnWatch']>>().resolves({
      stands: { mode: 'repair', timer: true, hook: true },
      idle: false,
    }),
    plan: stub<Parameters<Desk['plan']>, ReturnType<Desk['plan']>>().resolves(PLAN),
    apply: stub<Parameters<Desk['apply']>, ReturnType<Desk['apply']>>().resolves(RUNNING.id),
    undo: stub<Parameters<Desk['undo']>, ReturnType<Desk['undo']>>().resolves('r-20261122-9'),
    cancel: stub<Parameters<Desk['cancel']>, ReturnType<Desk['cancel']>>().resolves(),
    confirm: stub<Parameters<Desk['confirm']>, ReturnType<Desk['confirm']>>().resolves(),
    verify: stub<Parameters<Desk['verify']>, ReturnType<Desk['verify']>>().resolves(CHECKS),
    reach: stub<Parameters<Desk['reach']>, ReturnType<Desk['reach']>>().resolves({ ipv4: OPEN }),
    runs: stub<[], ReturnType<Desk['runs']>>().resolves([DONE]),
    run: stub<Parameters<Desk['run']>, ReturnType<Desk['run']>>().callsFake((id) =>
      id === RUNNING.id
        ? Promise.resolve(RUNNING)
        : Promise.reject(new Problem('not-found', `There is no run ${id}.`)),
    ),
    follow: stub<Parameters<Desk['follow']>, ReturnType<Desk['follow']>>().callsFake(recording.follow),
    read: stub<Parameters<Desk['read']>, ReturnType<Desk['read']>>().callsFake(recording.read),
    script: stub<Parameters<Desk['script']>, ReturnType<Desk['script']>>().returns('#!/bin/sh\nset -eu\n'),
  };
}

/** The desk's methods that change something. */
export const CHANGING = ['apply', 'undo', 'cancel', 'confirm', 'turnWatch'] as const;
