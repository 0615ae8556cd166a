import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { startRecording } from '../../src/runs/recording.ts';
import { runCommand } from '../../src/system/exec.ts';
import { COLUMNS, ROWS } from '../../src/system/pty.ts';
import { openShelf } from '../../src/system/shelf.ts';
import { recordedOutput } from '../runs/recorded.ts';
import { promisesOfCommands } from './command-contract.ts';
import { scratchDirectory } from './scratch.ts';

const COMMANDS = 200;
const AT_ONCE = 10;
const BYTES = 20 * 1024;

describe('a command on a terminal', () => {
  promisesOfCommands(true);
  const scratch = scratchDirectory();

  it('sees a terminal of the size that the recording tells', async () => {
    const result = await runCommand(['/bin/sh', '-c', 'tty; stty size <&1'], { tty: true });
    assert.match(result.stdout, new RegExp(`^/dev/pts/\\d+\r\n${ROWS} ${COLUMNS}\r\n$`));
  });

  it(`loses no byte of ${COMMANDS} quick commands, ${AT_ONCE} at once, up to the recording on disk`, async () => {
    const shelf = openShelf(scratch('state'));
    const one = async (index: number): Promise<void> => {
      const run = `run-${index}`;
      const text = quickOutput(index);
      writeFileSync(scratch(run), text);
      await shelf.create(run);
      const write = (bytes: Uint8Array): void => void shelf.addToRecording(run, bytes);
      const recorder = startRecording(write, () => performance.now(), 0, { columns: COLUMNS, rows: ROWS });
      const result = await runCommand(['/bin/cat', scratch(run)], { tty: true, onOutput: recorder.output });
      recorder.marker('end');
      const onTerminal = text.replaceAll('\n', '\r\n');
      assert.equal(result.stdout, onTerminal);
      const recorded = Buffer.from(await shelf.readRecording(run, 0, 1024 * 1024)).toString();
      assert.equal(recordedOutput(recorded), onTerminal);
    };
    for (let first = 0; first < COMMANDS; first += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => one(first + index)));
    }
  }).timeout(60_000);
});

/** Lines that differ from command to command, with characters of one to four bytes; 20 kB in all. */
function quickOutput(index: number): string {
  let text = '';
  for (let line = 0; Buffer.byteLength(text) < BYTES - 100; line++)
    text += `${index}.${line} aé€😀 \x1b[32mok\x1b[0m\n`;
  return text + 'x'.repeat(BYTES - Buffer.byteLength(text));
}
