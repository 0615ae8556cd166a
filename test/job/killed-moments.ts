/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Random parts of a whole, from 0 up to 1: one in each of so many equal stretches, in a random order. */
export function momentsOf(seed: number, count: number): number[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, index) => ({ part: (index + random()) / count, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ part }) => part);
}
