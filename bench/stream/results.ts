import type { Group } from './chart.ts';
import { median, type Figure, type Series } from './figures.ts';

type Beside = NonNullable<Figure['beside']>;

/** What the rounds have shown, held against what was promised. */
export function figuresOf({ of }: Series): Figure[] {
  const limit = (kind: string): Beside => ({ name: 'limit', values: of(`${kind} limit MB/s`) });
  const wetty = (kind: string): Beside => ({ name: 'wetty', values: of(`${kind} wetty CPU`) });
  const plain = (name: string): Beside => ({ name: 'plain', values: of(name) });
  return [
    {
      title: 'Lines, 80 bytes a write',
      unit: 'MB/s',
      own: of('lines product MB/s'),
      beside: limit('lines'),
      by: 'ratio',
      target: { atLeast: 0.85 },
    },
    {
      title: 'Blocks, 4 KiB a write',
      unit: 'MB/s',
      own: of('blocks product MB/s'),
      beside: limit('blocks'),
      by: 'ratio',
      target: { atLeast: 0.7 },
    },
    {
      title: 'CPU of the server for 100 MB of lines',
      unit: 's',
      own: of('lines product CPU'),
      beside: wetty('lines'),
      by: 'ratio',
      target: { atMost: 0.75 },
    },
    {
      title: 'CPU of the server for 100 MB of blocks',
      unit: 's',
      own: of('blocks product CPU'),
      beside: wetty('blocks'),
      by: 'ratio',
      target: { atMost: 0.75 },
    },
    {
      title: 'Of 200 fast commands, short of something',
      unit: '',
      own: of('bursts product short'),
      beside: plain('bursts plain short'),
      by: 'value',
      target: { atMost: 0 },
    },
    {
      title: 'One fast command, with its lines in journal and recording',
      unit: 'ms',
      own: of('bursts product ms'),
      beside: plain('bursts plain ms'),
      by: 'difference',
      target: { atMost: 20 },
    },
    {
      title: 'From write to follower, p50',
      unit: 'ms',
      own: of('p50 product'),
      beside: plain('p50 plain'),
      by: 'ratio',
      target: { atMost: 1.1 },
    },
    {
      title: 'The same, both over TLS',
      unit: 'ms',
      own: of('p50 product'),
      beside: { name: 'plain', values: of('p50 secure') },
      by: 'ratio',
    },
    {
      title: 'From write to follower, p50, beside another follower under a flood',
      unit: 'ms',
      own: of('p50 product beside'),
      beside: plain('p50 plain beside'),
      by: 'ratio',
      target: { atMost: 1.1 },
    },
    {
      title: 'From write to follower, p50, through the CGI',
      unit: 'ms',
      own: of('p50 cgi'),
      beside: { name: 'WebSocket', values: of('p50 product') },
      by: 'difference',
      target: { atMost: 10 },
    },
    {
      title: 'CPU for 50 followers of 200 lines a second, 4 s',
      unit: 's',
      own: of('steady many CPU'),
      beside: { name: 'one', values: of('steady one CPU') },
      by: 'ratio',
      target: { atMost: 3 },
    },
    {
      title: 'CPU for 50 followers of a flood, 12 MB',
      unit: 's',
      own: of('flood many CPU'),
      beside: { name: 'one', values: of('flood one CPU') },
      by: 'ratio',
      target: { atMost: 3 },
    },
    {
      title: 'Memory that a follower costs which reads nothing',
      unit: 'MB',
      own: of('stopped grown'),
      by: 'value',
      target: { atMost: 5 },
    },
    {
      title: 'Time of another follower beside it',
      unit: 'ms',
      own: of('stopped beside ms'),
      beside: { name: 'without', values: of('stopped alone ms') },
      by: 'ratio',
    },
    {
      title: 'Time of the command beside it',
      unit: 'ms',
      own: of('stopped beside command'),
      beside: { name: 'without', values: of('stopped alone command') },
      by: 'ratio',
    },
    {
      title: 'Time of a command that puts out 64 MB, with one viewer that reads 1 MB/s',
      unit: 'ms',
      own: of('slow product command'),
      beside: { name: 'limit', values: of('slow limit command') },
      by: 'ratio',
    },
    {
      title: 'Memory that grows meanwhile',
      unit: 'MB',
      own: of('slow product grown'),
      beside: plain('slow plain grown'),
      by: 'value',
    },
    {
      title: 'Most memory of the daemon in a run, resident',
      unit: 'MB',
      own: [Math.max(...of('resident'))],
      by: 'value',
      target: { atMost: 90 },
    },
    {
      title: 'The same with 50 followers',
      unit: 'MB',
      own: [Math.max(...of('resident many'))],
      by: 'value',
    },
  ];
}

/** What goes into the picture. */
export function groupsOf({ of }: Series): Group[] {
  const group = (title: string, names: readonly (readonly [string, string])[]): Group => ({
    title,
    bars: names.map(([name, series]) => ({
      name,
      value: median(of(series)),
      own: name.startsWith('this product'),
    })),
  });
  const all = (what: (name: string) => string): [string, string][] => [
    ['read only, in C', what('limit')],
    ['plain ws + node-pty', what('plain')],
    ['wetty', what('wetty')],
    ['this product', what('product')],
  ];
  return [
    group(
      'Lines, MB/s (more is better)',
      all((name) => `lines ${name} MB/s`),
    ),
    group(
      'Blocks, MB/s (more is better)',
      all((name) => `blocks ${name} MB/s`),
    ),
    group(
      'CPU seconds of the server for 100 MB of lines (less is better)',
      all((name) => `lines ${name} CPU`),
    ),
    group('From write to follower, p50 in ms (less is better)', [
      ['plain ws + node-pty', 'p50 plain'],
      ['the same over TLS', 'p50 secure'],
      ['this product', 'p50 product'],
      ['this product, CGI', 'p50 cgi'],
    ]),
  ];
}
