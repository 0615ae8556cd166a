/** To pack once takes as long as to encrypt and send the same to so many. */
const FEW = 4;

/** Those who follow each run. */
export interface Crowds {
  /** @returns what leaves */
  join(run: string): () => void;
  /** Whether so many follow a run that what all of them get is better packed once. */
  isMany(run: string): boolean;
}

export function openCrowds(): Crowds {
  const followers = new Map<string, number>();
  const add = (run: string, more: number): void => {
    const now = (followers.get(run) ?? 0) + more;
    if (now === 0) followers.delete(run);
    else followers.set(run, now);
  };
  return {
    join(run) {
      add(run, 1);
      return () => add(run, -1);
    },
    isMany: (run) => (followers.get(run) ?? 0) > FEW,
  };
}
