/**
 * A process of followers. A line of its input is a job; it says `"attached"` when all followers are, `"read"` when
 * those that read everything have come to the end, and, told to finish by another line, what each of them got.
 */
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { createRecordingReader } from '../../src/runs/reading.ts';
import { openWay, type Opened } from './follower.ts';
import { openHearing } from './hearing.ts';
import type { Got, Job, Manner, Way } from './job.ts';

const SLOW_BYTES_A_SECOND = 1_000_000;
const SLOW_TURN_MS = 20;

interface Follower {
  readonly opened: Opened;
  readonly manner: Manner;
  readonly over: Promise<void>;
  /** From now on all that comes is read. */
  hurry(): void;
  got(): Got;
}

/** Nanoseconds of the clock that bench/stream/flood.c writes. */
const now = (): number => Number(process.hrtime.bigint());

const say = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

async function follow(way: Way, manner: Manner): Promise<Follower> {
  const kept: { readonly at: number; readonly bytes: Buffer }[] = [];
  const hash = createHash('sha256');
  let bytes = 0;
  let slow = manner === 'slow';
  const began = now();
  let ended: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (ended = resolve));

  /** Reads no more until what was read is no more than the time allows. */
  const brake = (): void => {
    if (!slow || bytes <= ((now() - began) / 1e9) * SLOW_BYTES_A_SECOND) opened.resume();
    else setTimeout(brake, SLOW_TURN_MS);
  };
  const opened = await openWay(
    way,
    (piece) => {
      if (manner === 'keep') kept.push({ at: now(), bytes: piece });
      else hash.update(piece);
      bytes += piece.length;
      if (!slow) return;
      opened.pause();
      brake();
    },
    () => ended(),
  );
  if (manner === 'stop') opened.pause();
  return {
    opened,
    manner,
    over,
    hurry: () => (slow = false),
    got() {
      for (const piece of kept) hash.update(piece.bytes);
      const body = createHash('sha256');
      const hearing = openHearing((line) => void body.update(line.replace(/\r$/, '\n')));
      const text =
        way.by === 'socket' && !way.recording ? plain() : way.by === 'wetty' ? plain() : recorded();
      for (const { at, bytes: piece } of kept) hearing.take(text(piece), at);
      const heard = manner === 'keep' ? hearing.heard() : null;
      return { bytes, sha256: hash.digest('hex'), heard, body: body.digest('hex') };
    },
  };
}

function plain(): (bytes: Buffer) => string {
  const decoder = new TextDecoder();
  return (bytes) => decoder.decode(bytes, { stream: true });
}

function recorded(): (bytes: Buffer) => string {
  const reader = createRecordingReader();
  return (bytes) => {
    const output = reader.push(bytes).filter(({ kind }) => kind === 'output');
    return output.map(({ text }) => text).join('');
  };
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
say('ready');
for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
  const job = JSON.parse(line.value) as Job;
  const followers = await Promise.all(job.followers.map(({ way, manner }) => follow(way, manner)));
  say('attached');
  const reading = followers.filter(({ manner }) => manner === 'keep' || manner === 'count');
  await Promise.all(reading.map(({ over }) => over));
  say('read');
  await lines.next();
  for (const each of followers) {
    if (each.manner === 'stop') each.opened.close();
    each.hurry();
  }
  await Promise.all(followers.map(({ over }) => over));
  say(followers.map((each) => each.got()));
}
