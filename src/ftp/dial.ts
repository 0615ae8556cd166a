import type { Reply } from './replies.ts';

/** What a server showed when TLS began. `subject` is as its certificate says, which nobody has verified. */
export interface Shown {
  /** Like `TLSv1.3`. */
  readonly protocol: string;
  readonly subject: string;
}

/** A data connection, either way. Nothing is read before `all` or `secure` is called. */
export interface Data {
  /** Goes on under TLS, resuming the session of its control connection, as servers may demand. */
  secure(): Promise<void>;
  /** Resolves with the bytes when the server closes the connection. */
  all(): Promise<Uint8Array>;
  /** Sends the bytes and closes; resolves when they are handed over. */
  send(bytes: Uint8Array): Promise<void>;
  close(): void;
}

/** A control connection. `reply` rejects when none comes in time. */
export interface Control {
  reply(): Promise<Reply>;
  send(line: string): void;
  /** Goes on under TLS; any certificate is taken. @throws Error when there is no agreement */
  secure(): Promise<Shown>;
  /** @param patienceMs how long to wait for the connection. @throws Error with a plain sentence */
  data(host: string, port: number, patienceMs: number): Promise<Data>;
  close(): void;
}

/** Opens control connections; rejects with a plain sentence when it cannot. */
export interface Dial {
  control(host: string, port: number): Promise<Control>;
  /** A moment in which a server can forget a session that has ended. */
  pause(): Promise<void>;
}
