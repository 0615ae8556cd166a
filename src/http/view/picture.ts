import { phrase } from '../../core/phrase.ts';
import type { Hop, HopId } from './path.ts';

/** A place of the picture. Numbers are units of its viewBox, `icon` and `mark` are drawn around their own centre. */
interface PictureHop {
  readonly level: Hop['level'];
  readonly icon: string;
  readonly mark: string;
  readonly x: number;
  readonly y: number;
  readonly texts: readonly PictureText[];
}

interface PictureText {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly kind: 'name' | 'word' | 'fact';
}

/** A piece of the way between two places; `stopped`: a connection does not come so far. */
interface PictureWay {
  readonly points: string;
  readonly state: Hop['level'] | 'stopped';
}

/** The path of a passive connection as a drawing. `says` is the same in words, for whoever does not see it. */
export interface Picture {
  readonly shape: 'across' | 'down';
  readonly viewBox: string;
  readonly says: string;
  readonly hops: readonly PictureHop[];
  readonly ways: readonly PictureWay[];
}

/** Outlines in a square of 40 by 40 around 0,0. */
const ICONS: Readonly<Record<HopId, string>> = {
  client: 'M-16 -13H16V8H-16Z M-6 14H6 M0 8V14',
  outside: 'M-11 11A7 7 0 0 1 -11 -3A10 10 0 0 1 8 -6A8.5 8.5 0 0 1 10 11Z',
  nat: 'M-15 -6H13L7 -12 M15 6H-13L-7 12',
  firewall: 'M-16 -14H16V14H-16Z M-16 -5H16 M-16 5H16 M-5 -14V-5 M6 -5V5 M-5 5V14',
  ftp: 'M-14 -15H14V-2H-14Z M-14 2H14V15H-14Z M-9 -8H-5 M-9 9H-5 M3 -8H9 M3 9H9',
};

export const MARKS: Readonly<Record<Hop['level'], string>> = {
  good: 'M-4 0L-1 3L4 -3',
  warn: 'M0 -4.5V1 M0 4V4.2',
  bad: 'M-3 -3L3 3 M3 -3L-3 3',
  unknown: 'M-2.5 -2A2.5 2.5 0 1 1 0.8 0.3L0 1.5 M0 4.2V4.4',
};

const LINE = 17;
const COLUMN = 200;
const ROW = 124;
const RADIUS = 30;
/** As many characters as stand beside or under a place. */
const MOST = 27;

/** What of the way stops a connection, in one sentence. */
export function stopOf(hops: readonly Hop[]): string {
  const bad = hops.find(({ level }) => level === 'bad');
  if (bad) return phrase`A transfer comes no further than “${bad.name}”.`;
  if (hops.some(({ level, id }) => level !== 'good' && id !== 'outside'))
    return phrase`Nothing is known to stop a transfer, but not every place is right or could be looked at.`;
  return phrase`Nothing on this server stops a transfer. What lies before the server cannot be seen from it.`;
}

/** @param shape `across` for a wide page, `down` for a narrow one */
export function pictureOf(hops: readonly Hop[], shape: Picture['shape']): Picture {
  const places = hops.map((_, index) => placeOf(index, shape));
  const lines = Math.max(...hops.map(({ facts }) => facts.length));
  return {
    shape,
    viewBox:
      shape === 'across'
        ? `0 0 ${COLUMN * hops.length} ${RADIUS * 2 + 56 + LINE * lines}`
        : `0 0 300 ${ROW * hops.length}`,
    says: `${hops.map(({ name, word, facts }) => `${[`${name}: ${word}`, ...facts].join(', ')}.`).join(' ')} ${stopOf(hops)}`,
    hops: hops.map((hop, index) => drawn(hop, places[index] ?? [0, 0], shape)),
    ways: waysOf(hops, places, shape),
  };
}

type Place = readonly [x: number, y: number];

function placeOf(index: number, shape: Picture['shape']): Place {
  return shape === 'across'
    ? [COLUMN * index + COLUMN / 2, RADIUS + 4]
    : [RADIUS + 4, ROW * index + RADIUS + 8];
}

function drawn({ id, name, level, word, facts }: Hop, [x, y]: Place, shape: Picture['shape']): PictureHop {
  const [textX, textY] = shape === 'across' ? [x, y + RADIUS + 20] : [x + RADIUS + 14, y - 18];
  const said = [
    { text: name, kind: 'name' },
    { text: word, kind: 'word' },
    ...facts.map((text) => ({ text, kind: 'fact' }) as const),
  ] as const;
  return {
    level,
    icon: ICONS[id],
    mark: MARKS[level],
    x,
    y,
    texts: said.map(({ text, kind }, index) => ({
      x: textX,
      y: textY + LINE * index,
      text: cut(text),
      kind,
    })),
  };
}

function waysOf(hops: readonly Hop[], places: readonly Place[], shape: Picture['shape']): PictureWay[] {
  const firstBad = hops.findIndex(({ level }) => level === 'bad');
  return hops.slice(1).map(({ level }, index) => {
    const [fromX, fromY] = places[index] ?? [0, 0];
    const [toX, toY] = places[index + 1] ?? [0, 0];
    const gap = RADIUS + 4;
    return {
      points:
        shape === 'across'
          ? `M${fromX + gap} ${fromY}H${toX - gap - 4}m-8 -6l8 6l-8 6`
          : `M${fromX} ${fromY + gap}V${toY - gap - 4}m-6 -8l6 8l6 -8`,
      state: firstBad !== -1 && index + 1 > firstBad ? 'stopped' : level,
    };
  });
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= MOST ? text : `${characters.slice(0, MOST - 1).join('')}…`;
}
