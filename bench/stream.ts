/**
 * How output comes from a command to a browser: how fast, how soon, what it costs the server, and whether anything is
 * lost. Measures the daemon as it is installed beside wetty, beside a plain server of ws and node-pty, and beside a C
 * program that only reads a terminal, in rounds. Prints a Markdown table; `--svg FILE` draws a picture too.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { barChart } from './stream/chart.ts';
import { openSeries } from './stream/figures.ts';
import { figuresOf, groupsOf } from './stream/results.ts';
import { bursts, delays, followers, slowViewer, throughput } from './stream/rounds.ts';
import { markdownTable } from './stream/table.ts';
import { openWorld } from './stream/world.ts';

const ROUNDS = 5;

const { values } = parseArgs({ options: { svg: { type: 'string' } } });
const series = openSeries();
const world = await openWorld(series);
try {
  for (let round = 1; round <= ROUNDS; round++) {
    for (const part of [throughput, bursts, delays, followers, slowViewer]) {
      process.stderr.write(`round ${round} of ${ROUNDS}: ${part.name}\n`);
      await part(world);
    }
  }
} finally {
  await world.stop();
}
const [cpu] = cpus();
const machine = `${cpus().length} × ${cpu?.model ?? 'unknown'}, Node ${process.version}`;
const date = new Date().toISOString().slice(0, 10);
process.stdout.write(`Streaming, ${date}, ${machine}, ${ROUNDS} rounds, medians.\n\n`);
process.stdout.write(markdownTable(figuresOf(series)));
if (values.svg !== undefined) writeFileSync(values.svg, barChart(groupsOf(series)));
