/**
 * Runs commands one after the other with node-pty alone. The arguments are the program and a number for each command;
 * prints how long they took, milliseconds, and what each put out.
 */
import { createRequire } from 'node:module';

const { spawn } = createRequire(import.meta.url)('node-pty') as typeof import('@lydell/node-pty');

const [program = '', ...sizes] = process.argv.slice(2);
const outputs: string[] = [];

function run(size: string): Promise<void> {
  return new Promise((resolve) => {
    const terminal = spawn(program, [size], { cols: 120, rows: 30 });
    let output = '';
    terminal.onData((text) => (output += text));
    terminal.onExit(() => {
      outputs.push(output);
      resolve();
    });
  });
}

const began = performance.now();
for (const size of sizes) await run(size);
const ms = performance.now() - began;
console.log(JSON.stringify({ ms, outputs }));
