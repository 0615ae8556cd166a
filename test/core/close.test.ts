import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLOSE } from '../../src/core/close.ts';

describe('the codes of a closed socket', () => {
  it('are all in the table for people, each once', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/live-output.md'), 'utf8');
    const told = [...text.matchAll(/^\| (\d{4}) \|/gm)].map(([, code]) => Number(code));
    // These three come from the browser and the WebSocket library.
    assert.deepEqual(
      told,
      [...new Set([...Object.values(CLOSE), 1006, 1007, 1009])].sort((a, b) => a - b),
    );
  });
});
