import { phrase } from '../core/phrase.ts';

/** What trying the ports of a proof needs of the browser. */
export interface TryingParts {
  /** Resolves or rejects when a connection to `HOST:PORT` has met its end, whatever that was. */
  readonly connect: (target: string) => Promise<unknown>;
  /** Whether this browser has refused to connect at all, which shows nothing. */
  readonly wasKeptFrom: () => boolean;
  /** Tells the server that it is over. */
  readonly end: (tried: boolean) => Promise<unknown>;
  /** Milliseconds. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** A connection that the server has seen is heard by it within this. */
const ARRIVES_WITHIN = 500;

/** A try that failed sooner met nothing of a network: the browser has refused it. Milliseconds. */
const REFUSED_WITHIN = 4;

/**
 * Tries all ports at once. What a try came to is not looked at, since the server tells what arrived; but when each one
 * failed at once, nothing was tried.
 */
export async function tryAll(
  targets: readonly string[],
  { connect, wasKeptFrom, end, now, sleep }: TryingParts,
): Promise<void> {
  const wasMade = async (target: string): Promise<boolean> => {
    const begun = now();
    try {
      await connect(target);
      return true;
    } catch {
      return now() - begun >= REFUSED_WITHIN;
    }
  };
  const made = await Promise.all(targets.map(wasMade));
  await sleep(ARRIVES_WITHIN);
  await end(made.includes(true) && !wasKeptFrom());
}

/** How far the server says it is; null when it did not answer. */
export interface Progress {
  readonly over: boolean;
  readonly arrived: number;
  readonly all: number;
}

export interface WaitingParts {
  /** `gone`: the server knows nothing of this proof any more. */
  readonly ask: () => Promise<Progress | 'refused' | 'gone' | null>;
  readonly say: (words: string) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const ASK_EVERY = 1000;

/** Says how many have arrived until it is over. @returns whether there is a result to be shown */
export async function waitForEnd({ ask, say, sleep }: WaitingParts): Promise<boolean> {
  for (;;) {
    const progress = await ask();
    if (progress === 'refused') {
      say(phrase`WHM does not let this page in any more; log in again.`);
      return false;
    }
    if (progress === 'gone') {
      say(phrase`The server does not know this test any more, so there is no result; begin a new one.`);
      return false;
    }
    if (progress?.over === true) return true;
    if (progress !== null) say(phrase`${progress.arrived} of ${progress.all} connections have arrived.`);
    await sleep(ASK_EVERY);
  }
}
