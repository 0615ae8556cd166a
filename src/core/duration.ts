import { phrase } from './phrase.ts';

/** A length of time in words: `42 s`, `3 min 5 s`, `2 h 4 min`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return phrase`${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return phrase`${minutes} min ${seconds % 60} s`;
  return phrase`${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
