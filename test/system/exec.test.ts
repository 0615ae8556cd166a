import assert from 'node:assert/strict';
import { runCommand } from '../../src/system/exec.ts';
import { promisesOfCommands } from './command-contract.ts';

describe('a command on pipes', () => {
  promisesOfCommands(false);

  it('gets its input whole, then an end of file', async () => {
    const stdin = 'ü'.repeat(300_000);
    const result = await runCommand(['/bin/cat'], { stdin });
    assert.equal(result.stdout, stdin);
  });

  it('may leave its input unread', async () => {
    const result = await runCommand(['/bin/true'], { stdin: 'x'.repeat(1_000_000) });
    assert.deepEqual([result.code, result.missing], [0, false]);
  });

  it('keeps the two outputs apart, and a listener hears both', async () => {
    const heard: Uint8Array[] = [];
    const argv = ['/bin/sh', '-c', 'echo out; sleep 0.1; echo err >&2'];
    const result = await runCommand(argv, { onOutput: (bytes) => heard.push(bytes) });
    assert.deepEqual([result.stdout, result.stderr], ['out\n', 'err\n']);
    assert.equal(Buffer.concat(heard).toString(), 'out\nerr\n');
  });

  it('whose output is gathered has all of it, and its own end', async () => {
    const script = 'i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done; echo err >&2; exit 7';
    const argv = ['/bin/sh', '-c', script];
    const result = await runCommand(argv, { wordy: true });
    const lines = Array.from({ length: 20_000 }, (_, at) => `${at}\n`);
    assert.deepEqual([result.argv, result.code, result.stderr], [argv, 7, 'err\n']);
    assert.equal(result.stdout, lines.join(''));
    const killed = await runCommand(['/bin/sh', '-c', 'echo a; kill -9 $$'], { wordy: true });
    assert.deepEqual([killed.code, killed.stdout], [137, 'a\n']);
    const none = await runCommand(['/bin/no-such-program'], { wordy: true });
    assert.deepEqual([none.code, none.missing], [null, true]);
    const late = await runCommand(['/bin/sh', '-c', 'echo a; sleep 20'], {
      wordy: true,
      timeoutSeconds: 0.3,
    });
    assert.equal(late.timedOut, true);
    assert.ok(late.ms < 10_000);
  });

  it('keeps a list that is read whole, and says where an endless one was cut', async () => {
    const list = await runCommand(['/usr/bin/head', '-c', '20000000', '/dev/zero']);
    assert.equal(list.stdout.length, 20_000_000);
    const endless = await runCommand(['/usr/bin/head', '-c', '80000000', '/dev/zero']);
    assert.match(endless.stdout, /\n\[12628992 bytes are left out here\]\n/);
    assert.ok(endless.stdout.length < 66 * 1024 * 1024);
  });
});
