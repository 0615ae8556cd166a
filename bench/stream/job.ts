import type { Heard } from './hearing.ts';

/** How a follower gets at the output of a command. */
export type Way =
  /** A WebSocket; `first`: what it says when it is open. `recording`: what comes is an asciicast, else the output itself. */
  | {
      readonly by: 'socket';
      readonly url: string;
      readonly origin?: string;
      readonly first: string;
      readonly recording: boolean;
    }
  /** The address of a wetty server, which begins its command for each connection. */
  | { readonly by: 'wetty'; readonly url: string }
  /** The product's CGI, as WHM would run it; `query`: what stands behind the question mark. */
  | { readonly by: 'cgi'; readonly socket: string; readonly query: string };

/**
 * How a follower reads. `keep`: all, to look at it later; `count`: all; `slow`: a megabyte a second until the job is
 * over, then the rest; `stop`: nothing.
 */
export type Manner = 'keep' | 'count' | 'slow' | 'stop';

/** What one process of followers is asked to do next. */
export interface Job {
  readonly followers: readonly { readonly way: Way; readonly manner: Manner }[];
}

/** What a follower got. `sha256` is of all its bytes, `body` of the lines between the first and the last. */
export interface Got {
  readonly bytes: number;
  readonly sha256: string;
  readonly heard: Heard | null;
  readonly body: string;
}
