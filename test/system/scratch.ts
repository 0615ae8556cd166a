import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh directory for each test of the suite that calls this; gone after it. */
export function scratchDirectory(): (...parts: readonly string[]) => string {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ftp-passive-test-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  return (...parts) => join(root, ...parts);
}
