import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { Outcome } from '../engine/ports.ts';
import { CLEAN_ENVIRONMENT } from './exec.ts';
import { findProgram, PERL, UNSHARE } from './programs.ts';

/** What an end says, one line each; `twin-end.pl` tells the form. */
export type EndAnswer =
  | { readonly ready: true }
  | { readonly listening: number }
  | { readonly chain: string; readonly handles: readonly number[] }
  | { readonly traced: string }
  | { readonly id: string; readonly outcome: Outcome };

/** A program in a network namespace of its own that does what it is told line by line. */
export interface End {
  readonly pid: number;
  send(...lines: readonly string[]): void;
  onAnswer(hear: (answer: EndAnswer) => void): void;
  readonly ready: Promise<void>;
  /** Rejects when it ends, whatever it was asked. */
  readonly gone: Promise<never>;
  /** Resolves when it has ended. */
  close(): Promise<void>;
}

/** @param program path of `twin-end.pl` */
export function startEnd(program: string): End {
  const child = spawn(findProgram(UNSHARE), ['--net', '--', findProgram(PERL), program], {
    cwd: '/',
    env: CLEAN_ENVIRONMENT,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const hearers = new Set<(answer: EndAnswer) => void>();
  let errors = '';
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = readAnswer(line);
    for (const hear of hearers) hear(answer);
  });
  const ready = new Promise<void>((resolve, reject) => {
    hearers.add((answer) => 'ready' in answer && resolve());
    child.on('error', (error) => reject(refused(error.message)));
    child.on('close', () => reject(refused(errors)));
  });
  const ended = new Promise<void>((resolve) => {
    child.on('error', () => resolve()).on('exit', () => resolve());
  });
  const gone = ended.then(() => {
    throw new Problem('internal', phrase`The twin of the firewall ended before it had answered; ask again.`);
  });
  for (const each of [ready, gone]) each.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    ready,
    gone,
    send: (...lines) => void child.stdin.write(`${lines.join('\n')}\n`),
    onAnswer: (hear) => void hearers.add(hear),
    close() {
      child.stdin.end();
      return ended;
    },
  };
}

function readAnswer(line: string): EndAnswer {
  if (line.startsWith('trace ')) return { traced: line };
  const [word = '', first = '', second = '', third = '', ...handles] = line.split(' ');
  if (word === 'rules') return { chain: `${first} ${second} ${third}`, handles: handles.map(Number) };
  if (word === 'outcome') return { id: first, outcome: second as Outcome };
  return word === 'listening' ? { listening: Number(first) } : { ready: true };
}

export function refused(why: string): Problem {
  return new Problem(
    'unsupported',
    phrase`Network namespaces cannot be made here: ${why.trim() || phrase`no reason was given`}.`,
  );
}
