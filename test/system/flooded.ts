// Records a program's output in a process of its own, as the daemon is one, and prints what that took: the arguments are
// the state, the run, `terminal` or `pipes`, a program that puts out little, and one that puts out much.
import { startRecording } from '../../src/runs/recording.ts';
import { staySmall } from '../../src/system/daemon.ts';
import { runCommand } from '../../src/system/exec.ts';
import { openShelf } from '../../src/system/shelf.ts';

/** Bytes by which the process was larger at its largest than before the much output, and how the program ended. */
export interface Flooded {
  readonly grown: number;
  readonly code: number | null;
  readonly timedOut: boolean;
}

const [state = '', run = '', on = '', little = '', much = ''] = process.argv.slice(2);
const shelf = openShelf(state);

async function record(program: string, into: string): Promise<Omit<Flooded, 'grown'>> {
  await shelf.create(into);
  const write = (bytes: Uint8Array): void => void shelf.addToRecording(into, bytes);
  const recorder = startRecording(write, () => performance.now(), 0, { columns: 80, rows: 24 });
  recorder.marker('s1 running: Flood');
  const tty = on === 'terminal';
  const { code, timedOut } = await runCommand([program], {
    tty,
    onOutput: recorder.output,
    timeoutSeconds: 50,
  });
  recorder.marker('s1 done: Flood');
  recorder.marker('run done: Over.');
  return { code, timedOut };
}

staySmall();
await record(little, 'first');
const before = process.memoryUsage.rss();
let most = before;
const look = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
const ended = await record(much, run);
clearInterval(look);
const flooded: Flooded = { grown: most - before, ...ended };
console.log(JSON.stringify(flooded));
