import { createServer, type RequestListener } from 'node:http';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';

/** How the daemon listens and when it leaves. Times in milliseconds. */
export interface ServeParts {
  /** The socket that systemd opened, or the path of a socket to open. A stale one must be gone already. */
  readonly listen: { readonly fd: number } | { readonly path: string };
  readonly app: RequestListener;
  readonly idleMs: number;
  /** Whether something goes on that no request shows: a run, a follower. */
  readonly busy: () => boolean;
  /** Called once, when nothing has happened for `idleMs`. */
  readonly onIdle: () => void;
}

/** What one request may take: bytes of its head, and milliseconds until its head and its body have come. */
const LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2000,
} as const;

export interface Serving {
  /** Stops listening and ends the connections that are open. */
  close(): Promise<void>;
}

/**
 * Listens, and watches the idle clock.
 * @throws Problem `busy` when the path is taken, `internal` otherwise
 */
export async function startServer({ listen, app, idleMs, busy, onIdle }: ServeParts): Promise<Serving> {
  let open = 0;
  let last = performance.now();
  const server = createServer(LIMITS, (request, response) => {
    open++;
    response.once('close', () => {
      open--;
      last = performance.now();
    });
    app(request, response);
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken
          ? new Problem('busy', phrase`Another daemon already listens on this socket; only one may run.`)
          : new Problem('internal', phrase`The daemon cannot listen: ${error.message}.`, undefined, error),
      );
    });
    server.listen(listen, resolve);
  });

  const clock = setInterval(
    () => {
      if (open > 0 || busy()) last = performance.now();
      if (performance.now() - last < idleMs) return;
      clearInterval(clock);
      onIdle();
    },
    Math.min(idleMs / 4, 30_000),
  );

  return {
    close() {
      clearInterval(clock);
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
