import type { RequestHandler } from 'express';
import type { RouteParts } from '../app.ts';
import { statusView } from '../view/status.ts';
import { runRow } from '../view/record.ts';

/** The home page: the path of a passive connection on this server, and what is wrong with it. */
export function statusPage({ desk, views }: RouteParts): RequestHandler {
  return async (_request, response) => {
    const [status, runs] = await Promise.all([desk.status(), desk.runs()]);
    const running = runs.find((run) => run.state === 'running');
    response.send(
      views('status', {
        title: 'Passive FTP on this server',
        here: 'status',
        running: running ? runRow(running) : null,
        ...statusView(status),
      }),
    );
  };
}
