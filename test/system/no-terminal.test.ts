import assert from 'node:assert/strict';
import type { CommandResult } from '../../src/engine/ports.ts';
import { runInTerminal } from '../../src/system/pty.ts';

const SH = '/bin/sh';

describe('a command for which no terminal can be had', () => {
  /** What the native module does on a system whose C library is too old for it. */
  const refuse = (): never => {
    throw new Error("version `GLIBC_2.28' not found\nRequire stack:\n- /opt/x");
  };

  async function run(script: string, seconds = 5): Promise<{ result: CommandResult; heard: string }> {
    const heard: Uint8Array[] = [];
    const onOutput = (bytes: Uint8Array): void => void heard.push(bytes);
    const result = await runInTerminal([SH, '-c', script], seconds * 1000, { onOutput }, refuse);
    return { result, heard: Buffer.concat(heard).toString() };
  }

  it('runs on pipes all the same, with all its output as a terminal would have given it', async () => {
    const { result } = await run(String.raw`echo out; echo wrong >&2; printf 'a\r\nb\n'; exit 3`);
    assert.deepEqual([result.code, result.stderr, result.missing], [3, '', false]);
    assert.deepEqual(result.stdout.split('\r\n').sort(), ['', 'a', 'b', 'out', 'wrong']);
    assert.doesNotMatch(result.stdout, /(?<!\r)\n|\r\r/);
  });

  it('tells whoever listens, and not the result, that there is none and why', async () => {
    const { result, heard } = await run('echo out');
    assert.equal(
      heard,
      "# No terminal can be had for /bin/sh (version `GLIBC_2.28' not found): its output comes through pipes, and may come late.\r\nout\r\n",
    );
    assert.equal(result.stdout, 'out\r\n');
  });

  it('makes one end of a line of what comes in two pieces', async () => {
    const { heard } = await run(String.raw`printf 'a\r'; sleep 0.2; printf '\nb\n'`);
    assert.match(heard, /a\r\nb\r\n$/);
  });

  it('gives an end of file to a program that reads its input', async () => {
    const { result } = await run('cat; echo over');
    assert.deepEqual([result.code, result.stdout], [0, 'over\r\n']);
  });

  it('is ended with all that it started when its time is up', async () => {
    const { result, heard } = await run('sleep 60 & wait', 1);
    assert.equal(result.timedOut, true);
    assert.match(heard, /has not ended after 1 seconds; it is ended with all that it started/);
  });
});
