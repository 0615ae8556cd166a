import type { Check } from '../core/check.ts';

export function judge(id: string, title: string, holds: boolean, fact: string): Check {
  return { id, title, result: holds ? 'pass' : 'fail', fact };
}

export function pass(id: string, title: string, fact: string): Check {
  return { id, title, result: 'pass', fact };
}

export function fail(id: string, title: string, fact: string): Check {
  return { id, title, result: 'fail', fact };
}

export function skip(id: string, title: string, fact: string): Check {
  return { id, title, result: 'skip', fact };
}

/** The words of an error that a connection met. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
