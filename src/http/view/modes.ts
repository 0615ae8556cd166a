import { phrase } from '../../core/phrase.ts';
import { DEFAULT_RANGE } from '../../core/range.ts';
import type { Status } from '../../core/status.ts';
import { toldAddress, type Hop } from './path.ts';
import { MARKS } from './picture.ts';
import { rangeWords } from './words.ts';

type State = Hop['level'];

/** How client and server talk in one mode, as a drawing. `says` stands under it: the same in words, and what comes of it. */
export interface ModePicture {
  readonly title: string;
  readonly says: string;
  readonly viewBox: string;
  readonly lanes: readonly { readonly x: number; readonly name: string; readonly until: number }[];
  readonly arrows: readonly { readonly points: string; readonly state: State }[];
  readonly texts: readonly { readonly x: number; readonly y: number; readonly text: string }[];
  readonly marks: readonly {
    readonly x: number;
    readonly y: number;
    readonly mark: string;
    readonly level: State;
  }[];
}

const WIDTH = 300;
const ROW = 56;
const TOP = 34;
const CLIENT = 24;
const SERVER = 276;

interface Call {
  readonly says: string;
  readonly to: 'client' | 'server';
  readonly state: State;
  /** Where it ends when it does not arrive. */
  readonly stopsAt?: number;
}

/** Passive and active mode with this server's own address and ports, and what comes of passive mode as it is now. */
export function modesOf(status: Status, path: readonly Hop[]): ModePicture[] {
  const { ftp } = status;
  const told = toldAddress(status) ?? phrase`my own address`;
  const ports = rangeWords(ftp.range.live ?? ftp.range.rendered ?? DEFAULT_RANGE);
  return [passive(told, ports, path), active()];
}

function passive(told: string, ports: string, path: readonly Hop[]): ModePicture {
  const levelOf = (id: Hop['id']): State => path.find((hop) => hop.id === id)?.level ?? 'unknown';
  const lost = levelOf('nat') === 'bad';
  const [state, stopsAt, end]: [State, number | undefined, string] = lost
    ? [
        'bad',
        150,
        phrase`That address leads nowhere from the internet, so each listing and each transfer hangs.`,
      ]
    : levelOf('firewall') === 'bad'
      ? [
          'bad',
          226,
          phrase`This server’s firewall keeps the client out, so each listing and each transfer hangs.`,
        ]
      : levelOf('firewall') === 'good' && levelOf('ftp') === 'good'
        ? ['good', undefined, phrase`This server lets the client in there.`]
        : ['unknown', undefined, phrase`Whether the client gets in there is not known.`];
  return drawn(
    phrase`Passive mode: the client comes to the server twice`,
    phrase`The client logs in at port 21. For each listing or file the server answers “come to ${told}, to a port of ${ports}”, and the client opens a second connection there. ${end}`,
    [
      { says: phrase`1. logs in at port 21`, to: 'server', state: 'good' },
      { says: phrase`2. “come to ${told}”`, to: 'client', state: 'good' },
      {
        says: phrase`3. the file, port of ${ports}`,
        to: 'server',
        state,
        ...(stopsAt === undefined ? {} : { stopsAt }),
      },
    ],
  );
}

function active(): ModePicture {
  return drawn(
    phrase`Active mode: the server comes to the client`,
    phrase`The client logs in at port 21 and names a port of its own. For each listing or file the server opens the second connection, to the client. Nearly every client stands behind a router or firewall that lets in nobody, so it ends there. Nothing on this server can change that: this is why passive mode matters.`,
    [
      { says: phrase`1. logs in at port 21`, to: 'server', state: 'good' },
      { says: phrase`2. “come to me, to my port”`, to: 'server', state: 'good' },
      { says: phrase`3. the file`, to: 'client', state: 'bad', stopsAt: 74 },
    ],
  );
}

function drawn(title: string, says: string, calls: readonly Call[]): ModePicture {
  const height = TOP + ROW * calls.length + 4;
  const lineOf = (index: number): number => TOP + ROW * (index + 1) - 12;
  return {
    title,
    says,
    viewBox: `0 0 ${WIDTH} ${height}`,
    lanes: [
      { x: CLIENT, name: phrase`Client`, until: height },
      { x: SERVER, name: phrase`Server`, until: height },
    ],
    arrows: calls.map(({ to, state, stopsAt }, index) => ({
      points: arrow(lineOf(index), to, stopsAt),
      state,
    })),
    texts: calls.map(({ says: text }, index) => ({ x: WIDTH / 2, y: lineOf(index) - 15, text })),
    marks: calls.flatMap(({ state, stopsAt }, index) =>
      stopsAt === undefined ? [] : [{ x: stopsAt, y: lineOf(index), mark: MARKS[state], level: state }],
    ),
  };
}

/** Room for the sign at the end of what does not arrive. */
const SIGN = 12;

function arrow(y: number, to: Call['to'], stopsAt: number | undefined): string {
  const [from, until, back] = to === 'server' ? [CLIENT + 6, SERVER - 6, -8] : [SERVER - 6, CLIENT + 6, 8];
  const end = stopsAt === undefined ? until : stopsAt + Math.sign(back) * SIGN;
  return `M${from} ${y}H${end}m${back} -5l${-back} 5l${back} 5`;
}
