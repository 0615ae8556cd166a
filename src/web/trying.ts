/** What trying the ports of a proof needs of the browser. */
export interface TryingParts {
  /** Resolves or rejects when a connection to `HOST:PORT` has met its end, whatever that was. */
  readonly connect: (target: string) => Promise<unknown>;
  /** Whether this browser has refused to connect at all, which shows nothing. */
  readonly wasKeptFrom: () => boolean;
  /** Tells the server that it is over. */
  readonly end: (tried: boolean) => Promise<unknown>;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** A connection that the server has seen is heard by it within this. */
const ARRIVES_WITHIN = 500;

/** Tries all ports at once. What a try came to is not looked at: the server tells what arrived. */
export async function tryAll(
  targets: readonly string[],
  { connect, wasKeptFrom, end, sleep }: TryingParts,
): Promise<void> {
  await Promise.allSettled(targets.map(connect));
  await sleep(ARRIVES_WITHIN);
  await end(!wasKeptFrom());
}

/** How far the server says it is; null when it did not answer. */
export interface Progress {
  readonly over: boolean;
  readonly arrived: number;
  readonly all: number;
}

export interface WaitingParts {
  readonly ask: () => Promise<Progress | 'refused' | null>;
  readonly say: (words: string) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const ASK_EVERY = 1000;

/** Says how many have arrived until it is over. @returns whether there is a result to be shown */
export async function waitForEnd({ ask, say, sleep }: WaitingParts): Promise<boolean> {
  for (;;) {
    const progress = await ask();
    if (progress === 'refused') {
      say('WHM does not let this page in any more; log in again.');
      return false;
    }
    if (progress?.over === true) return true;
    if (progress !== null) say(`${progress.arrived} of ${progress.all} connections have arrived.`);
    await sleep(ASK_EVERY);
  }
}
