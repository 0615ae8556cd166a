import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openShelf } from '../../src/system/shelf.ts';
import { recordedEvents } from '../runs/recorded.ts';
import type { Flooded } from './flooded.ts';
import { scratchDirectory } from './scratch.ts';

const MB = 1024 * 1024;
const RUN = '20261122T102233Z-1a2b3c';

describe('a flood of output', () => {
  const scratch = scratchDirectory();
  const floods = {
    '100 MB of lines': ['/usr/bin/yes', 'a line of some length that a program says again and again'],
    '100 MB of binary garbage': ['/bin/cat', '/dev/urandom'],
    'a line of 100 MB': ['/bin/cat', '/dev/zero'],
    'escapes without an end': ['/usr/bin/yes', '\x1b[2J\x1b]0;title\x1b[999999999C\x1bP\x1b['],
  } as const;

  /** A program whose output is cut off after some bytes. */
  const flood = (name: string, argv: readonly string[], bytes: number): string => {
    const quoted = argv.map((argument) => `'${argument}'`).join(' ');
    const text = `#!/bin/sh\n${quoted} | /usr/bin/head -c ${bytes}\necho; echo the end\n`;
    writeFileSync(scratch(name), text, { mode: 0o755 });
    return scratch(name);
  };

  /** What a process of its own says that keeps small as the daemon does. */
  async function record(argv: readonly string[], tty: boolean): Promise<Flooded> {
    const flags = ['--max-semi-space-size=1', '--import=tsx'];
    const programs = [flood('little', argv, 5 * MB), flood('much', argv, 100 * MB)];
    const on = tty ? 'terminal' : 'pipes';
    const flooded = [join(import.meta.dirname, 'flooded.ts'), scratch('state'), RUN, on, ...programs];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, ...flooded]);
    return JSON.parse(stdout) as Flooded;
  }

  for (const [name, argv] of Object.entries(floods)) {
    // A terminal of the kernel is slow; what follows it is the same.
    for (const tty of name === 'escapes without an end' ? [false, true] : [false]) {
      it(`of ${name} ${tty ? 'on a terminal' : 'on pipes'} costs less than 30 MB of memory and fails no run`, async () => {
        const { grown, code, timedOut } = await record(argv, tty);
        assert.deepEqual([code, timedOut], [0, false]);
        assert.ok(grown < 30 * MB, `${grown / MB} MB`);
        const path = scratch('state', 'runs', RUN, 'recording.cast');
        const { size } = statSync(path);
        assert.ok(size > 16 * MB && size < 17 * MB, `${size / MB} MB`);
        const bytes = await openShelf(scratch('state')).readRecording(RUN, 0, size);
        const events = recordedEvents(Buffer.from(bytes).toString());
        const [full, left, last, ...marks] = events.slice(-5).map(([, , text]) => text);
        assert.match(
          full ?? '',
          /# This recording is full: of each step only the last words are kept\.\r\n$/,
        );
        assert.match(left ?? '', /# \d{8,} bytes of output are left out here\.\r\n$/);
        assert.match(last ?? '', /\r?\nthe end\r?\n$/);
        assert.deepEqual(marks, ['s1 done: Flood', 'run done: Over.']);
      }).timeout(60_000);
    }
  }
});
