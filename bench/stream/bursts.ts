import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createRecordingReader, type RecordingEvent } from '../../src/runs/reading.ts';
import { built } from './peers.ts';
import type { Product } from './product.ts';
import type { Scratch } from './scratch.ts';

/** Many commands that put out something and end at once. `ms`: for each. `short`: of which something is missing. */
export interface Bursts {
  readonly ms: number;
  readonly short: number;
}

/** What the commands put out, bytes: from less than a terminal holds to several times as much. */
const SIZES = [100, 4000, 12_000, 30_000] as const;

/** So many sizes, each as often as the others. */
export function burstSizes(count: number): number[] {
  return Array.from({ length: count }, (_, index) => SIZES[index % SIZES.length] ?? 0);
}

/** What bench/stream/burst.c writes, as a terminal shows it. */
export function burstOf(size: number): string {
  let text = '';
  for (let line = 0; text.length < size; line++) text += `${line} and more\n`;
  return text.slice(0, size).replaceAll('\n', '\r\n');
}

export async function burstsByProduct(
  { burst }: Scratch,
  product: Product,
  sizes: readonly number[],
): Promise<Bursts> {
  const run = await product.run(sizes.map((size) => [burst, String(size)]));
  await product.ended(run);
  const events = createRecordingReader().push(product.recording(run));
  product.forget(run);
  const outputs = outputsOf(events);
  const whole = sizes.filter((size, index) => outputs[index]?.text === burstOf(size));
  const [first, last] = [outputs[0]?.at ?? 0, outputs.at(-1)?.at ?? 0];
  return { ms: ((last - first) * 1000) / (sizes.length - 1), short: sizes.length - whole.length };
}

/** What stands in a recording between the line that names a command and its mark, and when that came, in seconds. */
function outputsOf(events: readonly RecordingEvent[]): { readonly text: string; readonly at: number }[] {
  const outputs: { text: string; at: number }[] = [];
  let text = '';
  for (const event of events) {
    if (event.kind === 'output') text += event.text;
    else if (event.text.startsWith('s')) {
      outputs.push({ text: text.slice(text.indexOf('\r\n') + 2), at: event.at });
      text = '';
    }
  }
  return outputs;
}

export async function burstsBySpawn({ burst }: Scratch, sizes: readonly number[]): Promise<Bursts> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [await built('spawned'), burst, ...sizes.map(String)],
    { maxBuffer: 1e9 },
  );
  const { ms, outputs } = JSON.parse(stdout) as { ms: number; outputs: string[] };
  const whole = sizes.filter((size, index) => outputs[index] === burstOf(size));
  return { ms: ms / sizes.length, short: sizes.length - whole.length };
}
