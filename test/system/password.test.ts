import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { scratchDirectory } from './scratch.ts';

const pty = createRequire(import.meta.url)('node-pty') as typeof import('@lydell/node-pty');
const MODULE = new URL('../../src/system/password.ts', import.meta.url).href;
const ROOT = new URL('../../', import.meta.url).pathname;
/** Tells what it was given in another form, so that an echo could not be taken for it. */
const PROGRAM = `
const { askPassword } = await import('${MODULE}');
try {
  const given = await askPassword('Password of alice: ');
  process.stdout.write('[' + Buffer.from(given).toString('hex') + ']');
} catch (problem) {
  process.stdout.write('(' + problem.code + ')');
}
`;
const hex = (text: string): string => `[${Buffer.from(text).toString('hex')}]`;

describe('a password', function () {
  this.timeout(30_000);
  const scratch = scratchDirectory();
  const argv = (): string[] => {
    writeFileSync(scratch('ask.mts'), PROGRAM);
    return ['--import', 'tsx', scratch('ask.mts')];
  };

  /** Types keys when the question has come; gives all that the terminal showed. */
  async function typed(keys: string): Promise<string> {
    const terminal = pty.spawn(process.execPath, argv(), { cwd: ROOT });
    let shown = '';
    const ended = new Promise((resolve) => terminal.onExit(resolve));
    terminal.onData((text) => {
      if (!shown.includes('alice: ') && (shown + text).includes('alice: ')) terminal.write(keys);
      shown += text;
    });
    await ended;
    return shown;
  }

  const rows: readonly (readonly [what: string, keys: string, given: string])[] = [
    ['is what was typed', 'geheim 1\r', 'geheim 1'],
    ['may hold letters of any alphabet', 'gehéim€\n', 'gehéim€'],
    ['can be mended with the key for it', 'geheix\x7fm\r', 'geheim'],
    ['can be begun anew', 'wrong\x15geheim\r', 'geheim'],
  ];
  for (const [what, keys, given] of rows) {
    it(`${what}, and is not shown`, async () => {
      assert.equal(await typed(keys), `Password of alice: \r\n${hex(given)}`);
    });
  }

  it('is none after Ctrl-C', async () => {
    assert.equal(await typed('geh\x03'), 'Password of alice: \r\n(interrupted)');
  });

  /** What a script pipes into it. */
  async function piped(text: string): Promise<string> {
    const child = spawn(process.execPath, argv(), { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
    child.stdin.on('error', () => undefined).end(text);
    await once(child, 'close');
    return out;
  }

  it('is the first line of standard input where that is no terminal, without a question', async () => {
    assert.equal(await piped('geheim \x7f\r\nmore\n'), hex('geheim \x7f'));
    assert.equal(await piped('no end'), hex('no end'));
    assert.equal(await piped(''), hex(''));
  });

  it('is not as long as a file', async () => {
    assert.equal(await piped('x'.repeat(100_000)), '(invalid)');
  });
});
