/** One thing that was measured, a value for each round. */
export interface Figure {
  readonly title: string;
  /** What the values are in; empty where they are counts. */
  readonly unit: string;
  readonly own: readonly number[];
  /** What it is held against, measured in the same rounds. */
  readonly beside?: { readonly name: string; readonly values: readonly number[] };
  /** How: own divided by the other, own less the other, or own alone. */
  readonly by: 'ratio' | 'difference' | 'value';
  /** What the median of that is to be. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

export interface Verdict {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** Null: there is no target. */
  readonly met: boolean | null;
}

/** Rounds are compared one by one, since the machine may be slower in one of them. */
export function judge({ own, beside, by, target }: Figure): Verdict {
  const values = own.map((value, round) => {
    const other = beside?.values[round];
    if (by === 'value') return value;
    if (other === undefined) throw new Error('a figure has nothing to be compared with');
    return by === 'ratio' ? value / other : value - other;
  });
  const middle = median(values);
  const met =
    target === undefined ? null : 'atLeast' in target ? middle >= target.atLeast : middle <= target.atMost;
  return { median: middle, least: Math.min(...values), most: Math.max(...values), met };
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new Error('a median of nothing');
  return (low + high) / 2;
}

/** Values by name, one for each round. */
export interface Series {
  add(name: string, value: number): void;
  of(name: string): readonly number[];
}

export function openSeries(): Series {
  const series = new Map<string, number[]>();
  return {
    add: (name, value) => void series.set(name, [...(series.get(name) ?? []), value]),
    of(name) {
      const values = series.get(name);
      if (values === undefined) throw new Error(`"${name}" was never measured`);
      return values;
    },
  };
}
