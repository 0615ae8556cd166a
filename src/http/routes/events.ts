import { once } from 'node:events';
import type { RequestHandler, Response } from 'express';
import { phrase } from '../../core/phrase.ts';
import { Problem } from '../../core/problem.ts';
import type { RouteParts } from '../app.ts';
import type { Desk } from '../desk.ts';
import { field } from '../guard.ts';
import { runOf } from './run.ts';

/** WHM may cut a long answer off; the page asks again from where it is. */
const STREAM_FOR = 50_000;

/** The recording's bytes from `offset` on: as they come, or with `wait=0` those that are there now. */
export function runEvents({ desk }: RouteParts): RequestHandler {
  return async (request, response) => {
    const { id: run } = await desk.run(runOf(request));
    const offset = offsetOf(field(request.query, 'offset'));
    response.type('application/octet-stream').set('x-run-offset', String(offset));
    if (field(request.query, 'wait') === '0') {
      const { bytes, next, ended } = await desk.read(run, offset);
      response.set({ 'x-run-next': String(next), 'x-run-ended': ended ? '1' : '0' });
      response.send(Buffer.from(bytes));
      return;
    }
    response.flushHeaders();
    const stop = stopWith(response);
    const lease = setTimeout(() => stop.abort(), STREAM_FOR);
    try {
      await pour(desk.follow(run, offset, stop.signal), response, stop.signal);
    } finally {
      clearTimeout(lease);
    }
    response.end();
  };
}

/** The whole recording as a file to keep, for any asciicast player. */
export function runRecording({ desk }: RouteParts): RequestHandler {
  return async (request, response) => {
    const { id: run } = await desk.run(runOf(request));
    const stop = stopWith(response);
    response.attachment(`ftp-passive-${run}.cast`).type('application/x-asciicast');
    await pour(whatIsThere(desk, run), response, stop.signal);
    response.end();
  };
}

async function* whatIsThere(desk: Desk, run: string): AsyncIterable<Uint8Array> {
  for (let offset = 0; ;) {
    const { bytes, next } = await desk.read(run, offset);
    if (bytes.length === 0) return;
    yield bytes;
    offset = next;
  }
}

function stopWith(response: Response): AbortController {
  const stop = new AbortController();
  response.once('close', () => stop.abort());
  return stop;
}

/** Writes no faster than the reader reads. */
async function pour(
  chunks: AsyncIterable<Uint8Array>,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (signal.aborted) return;
      if (!response.write(chunk)) await once(response, 'drain', { signal });
    }
  } catch (error) {
    // The reader left, or its time is over: nothing is wrong with the run.
    if (!signal.aborted) throw error;
  }
}

/** @throws Problem `invalid` for what is not a number of bytes; nothing is 0 */
export function offsetOf(text: string): number {
  if (!/^\d{0,15}$/.test(text)) {
    throw new Problem('invalid', phrase`The offset is not a number of bytes; write digits only, like 0.`);
  }
  return Number(text);
}
