/** What a follower has of the output of bench/stream/flood.c. Times in nanoseconds of the clock that all processes share. */
export interface Heard {
  /** When the program began and when it had written all; null where that line never came. */
  readonly start: number | null;
  readonly end: number | null;
  /** When the last byte of the output came. */
  readonly last: number;
  /** Characters between the first line and the last one. */
  readonly characters: number;
  /** From the writing of each line that tells its time to its coming, milliseconds. */
  readonly delays: readonly number[];
}

export interface Hearing {
  /** Takes the next piece of the output, which came at this time. */
  take(text: string, at: number): void;
  heard(): Heard;
}

const LINE = /^(start|at|end) (\d+)\r?$/;

/** @param body is told of every line that tells no time */
export function openHearing(body: (line: string) => void): Hearing {
  const times = new Map<string, number>();
  const delays: number[] = [];
  let last = 0;
  let characters = 0;
  let rest = '';

  function line(text: string, at: number): void {
    const [, name = '', ns] = LINE.exec(text) ?? [];
    if (ns !== undefined && name === 'at') delays.push((at - Number(ns)) / 1e6);
    else if (ns !== undefined) times.set(name, Number(ns));
    else if (times.has('start')) {
      characters += text.length + 1;
      body(text);
    }
  }

  return {
    take(text, at) {
      if (text !== '') last = at;
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const each of lines) line(each, at);
    },
    heard: () => ({
      start: times.get('start') ?? null,
      end: times.get('end') ?? null,
      last,
      characters,
      delays,
    }),
  };
}
