import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { startRecording } from '../../src/runs/recording.ts';
import { runCommand } from '../../src/system/exec.ts';
import { openShelf } from '../../src/system/shelf.ts';
import { recordedEvents } from '../runs/recorded.ts';
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
  const flood = (argv: readonly string[], bytes: number): string[] => {
    const quoted = argv.map((argument) => `'${argument}'`).join(' ');
    writeFileSync(
      scratch('flood'),
      `#!/bin/sh\n${quoted} | /usr/bin/head -c ${bytes}\necho; echo the end\n`,
      {
        mode: 0o755,
      },
    );
    return [scratch('flood')];
  };

  async function record(argv: readonly string[], run: string, tty: boolean): Promise<string> {
    const shelf = openShelf(scratch('state'));
    await shelf.create(run);
    const write = (text: string): void => shelf.addToRecording(run, text);
    const recorder = startRecording(write, () => performance.now(), 0, { columns: 80, rows: 24 });
    recorder.marker('s1 running: Flood');
    const result = await runCommand(argv, { tty, onOutput: recorder.output, timeoutSeconds: 50 });
    recorder.marker('s1 done: Flood');
    recorder.marker('run done: Over.');
    assert.deepEqual([result.code, result.timedOut], [0, false]);
    return scratch('state', 'runs', run, 'recording.cast');
  }

  for (const [name, argv] of Object.entries(floods)) {
    // A terminal of the kernel is slow; what follows it is the same.
    for (const tty of name === 'escapes without an end' ? [false, true] : [false]) {
      it(`of ${name} ${tty ? 'on a terminal' : 'on pipes'} costs less than 30 MB of memory and fails no run`, async () => {
        await record(flood(argv, 5 * MB), 'first', tty);
        const before = process.memoryUsage.rss();
        let most = 0;
        const look = setInterval(() => (most = Math.max(most, process.memoryUsage.rss() - before)), 5);
        const path = await record(flood(argv, 100 * MB), RUN, tty).finally(() => clearInterval(look));
        assert.ok(most < 30 * MB, `${most / MB} MB`);
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
