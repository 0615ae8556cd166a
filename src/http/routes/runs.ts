import type { RequestHandler } from 'express';
import { phrase } from '../../core/phrase.ts';
import type { RouteParts } from '../app.ts';
import { runRow } from '../view/record.ts';

/** The history. */
export function runsPage({ desk, views }: RouteParts): RequestHandler {
  return async (_request, response) => {
    const runs = await desk.runs();
    response.send(views('runs', { title: phrase`History`, here: 'runs', runs: runs.map(runRow) }));
  };
}
