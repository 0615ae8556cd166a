import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { burstsByProduct, burstsBySpawn, burstSizes } from './bursts.ts';
import { median } from './figures.ts';
import type { Got, Way } from './job.ts';
import { readOnly } from './limit.ts';
import { measure, type Flood, type Measured } from './measure.ts';
import type { Server } from './server.ts';
import type { World } from './world.ts';

/** Less than a recording holds, so that all of it goes the whole way. */
const WHOLE = 12_000_000;
/** More than any browser reads in that time. */
const MUCH = 64_000_000;
const TIMES = 2;
const BURSTS = 200;
const TICKS = 250;
/** 200 lines a second for four seconds. */
const STEADY = { kind: 'steady', amount: 800 } as const;
const CROWD = 50;

/** How fast output comes through, and what that costs the server; `client` is in a process of its own. */
export async function throughput(world: World): Promise<void> {
  const { series, scratch } = world;
  for (const kind of ['lines', 'blocks'] as const) {
    const flood: Flood = { kind, amount: WHOLE };
    const sums = new Map<string, { ms: number; cpu: number; megabytes: number }>();
    const count = (name: string, ms: number, cpu: number, bytes: number): void => {
      const sum = sums.get(name) ?? { ms: 0, cpu: 0, megabytes: 0 };
      sums.set(name, { ms: sum.ms + ms, cpu: sum.cpu + cpu, megabytes: sum.megabytes + bytes / 1e6 });
    };
    for (let time = 0; time < TIMES; time++) {
      const { start, last, cpu, bytes } = await readOnly(scratch, flood);
      count('limit', (last - start) / 1e6, cpu, bytes);
      for (const name of ['plain', 'wetty', 'product'] as const) {
        const measured = await measure(world, world[name], flood, ['keep']);
        const heard = measured.got[0]?.heard;
        assert.ok(heard?.start != null, `${name} showed nothing`);
        count(name, (heard.last - heard.start) / 1e6, measured.cpu, bytes);
        if (name === 'product') keepPeak(world, measured);
      }
    }
    for (const [name, { ms, cpu, megabytes }] of sums) {
      series.add(`${kind} ${name} MB/s`, megabytes / (ms / 1000));
      series.add(`${kind} ${name} CPU`, (cpu / megabytes) * 100);
    }
  }
}

/** Commands that put out something and end at once. */
export async function bursts({ series, scratch, product }: World): Promise<void> {
  const sizes = burstSizes(BURSTS);
  const own = await burstsByProduct(scratch, product, sizes);
  const plain = await burstsBySpawn(scratch, sizes);
  for (const [name, { ms, short }] of Object.entries({ product: own, plain })) {
    series.add(`bursts ${name} ms`, ms);
    series.add(`bursts ${name} short`, short);
  }
}

/** From the writing of a line to its coming at a follower. */
export async function delays(world: World): Promise<void> {
  const { series, product, plain, secure } = world;
  const flood: Flood = { kind: 'ticks', amount: TICKS };
  const p50 = async (name: string, server: Server, ways?: () => Promise<readonly Way[]>): Promise<void> => {
    const { got } = await measure(world, server, flood, ['keep'], ways);
    const found = got[0]?.heard?.delays ?? [];
    assert.ok(found.length > TICKS / 2, `${name}: only ${found.length} of ${TICKS} lines came`);
    series.add(`p50 ${name}`, median(found));
  };
  await p50('plain', plain);
  await p50('secure', secure);
  await p50('product', product);
  await p50('cgi', product, () =>
    Promise.resolve([
      { by: 'cgi', socket: product.socket, query: `r=runs/${product.shown()}/events&offset=0` },
    ]),
  );
  await besideFlood(world, plain, () => p50('plain beside', plain));
  await besideFlood(world, product, () => p50('product beside', product));
}

/** While another follower gets more than it can read: of plain a command, of the product an old recording. */
async function besideFlood(
  { crowd, scratch, product, plain }: World,
  server: Server,
  what: () => Promise<void>,
): Promise<void> {
  const go = scratch.path('go-beside');
  const flood = (bytes: number): string[] => {
    writeFileSync(go, '');
    return [scratch.flood, 'lines', String(bytes), go];
  };
  const old = server === product ? await product.run([flood(WHOLE)]) : '';
  if (server === product) await product.ended(old);
  const done = new AbortController();
  const flooding = (async () => {
    while (!done.signal.aborted) {
      const [way] = server === product ? await product.ways(old, 1) : await plain.show(flood(MUCH), 1);
      assert.ok(way);
      await crowd.begin({ followers: [{ way, manner: 'count' }] });
      await crowd.read();
      await crowd.finish();
    }
  })();
  try {
    await what();
  } finally {
    done.abort();
    await flooding;
  }
}

/** One follower and many of the same run, and one that reads nothing. */
export async function followers(world: World): Promise<void> {
  const { series, product } = world;
  const one = ['count'] as const;
  const many = Array.from({ length: CROWD }, () => 'count' as const);
  for (const [name, flood] of [
    ['steady', STEADY],
    ['flood', { kind: 'lines', amount: WHOLE }],
  ] as const) {
    for (const [count, manners] of [
      ['one', one],
      ['many', many],
    ] as const) {
      const measured = await measure(world, product, flood, manners);
      checkWhole(world, measured.got);
      if (count === 'one') keepPeak(world, measured);
      else series.add('resident many', measured.peak);
      series.add(`${name} ${count} CPU`, measured.cpu);
    }
  }
  const flood: Flood = { kind: 'lines', amount: WHOLE };
  const alone = await measure(world, product, flood, ['keep']);
  const beside = await measure(world, product, flood, ['keep', 'stop']);
  series.add('stopped grown', beside.grown - alone.grown);
  series.add('stopped alone ms', readIn(alone));
  series.add('stopped beside ms', readIn(beside));
  series.add('stopped alone command', alone.took);
  series.add('stopped beside command', beside.took);
}

/** A viewer that reads a megabyte a second of a command that puts out much more. */
export async function slowViewer(world: World): Promise<void> {
  const { series, product, plain, scratch } = world;
  const flood: Flood = { kind: 'lines', amount: MUCH };
  const { start, last } = await readOnly(scratch, flood);
  series.add('slow limit command', (last - start) / 1e6);
  const own = await measure(world, product, flood, ['slow']);
  checkWhole(world, own.got);
  keepPeak(world, own);
  const other = await measure(world, plain, flood, ['slow']);
  for (const [name, { grown, took }] of Object.entries({ product: own, plain: other })) {
    series.add(`slow ${name} grown`, grown);
    series.add(`slow ${name} command`, took);
  }
}

function readIn({ got }: Measured): number {
  const heard = got[0]?.heard;
  assert.ok(heard?.start != null);
  return (heard.last - heard.start) / 1e6;
}

/** Every follower that read has the recording, byte by byte. */
function checkWhole({ product }: World, got: readonly Got[]): void {
  const recording = createHash('sha256').update(product.recording(product.shown())).digest('hex');
  for (const { sha256 } of got) assert.equal(sha256, recording, 'a follower got something else');
}

function keepPeak({ series }: World, { peak }: Measured): void {
  series.add('resident', peak);
}
