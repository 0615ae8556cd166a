import type { FileFact, FileFacts } from '../../src/core/file.ts';
import { proftpd } from '../../src/ftp/proftpd.ts';
import { pureftpd } from '../../src/ftp/pureftpd.ts';
import type { FtpServer } from '../../src/ftp/server.ts';
import { CONF, fact, LOCAL, MAIN, render, type NatMap } from './cpanel.ts';
import { PROFTPD, renderProftpd } from './cpanel-proftpd.ts';
import { conf, proftpdConf, RENDERED, STORED } from './servers.ts';

/** One FTP server's words and places, so that one table of stores can be told to both. */
export interface Dialect {
  readonly server: FtpServer;
  readonly local: string;
  readonly main: string;
  readonly conf: string;
  readonly rangeKey: string;
  readonly addressKey: string;
  readonly foreign: readonly [rangeKey: string, addressKey: string];
  /** What says in a store that no address is told. */
  readonly none: string;
  /** The daemon's file with these values. */
  rendered(range: string, address: string | null): string;
  render(files: FileFacts, nat: NatMap, now: number): Map<string, FileFact | null>;
}

export const DIALECTS: readonly Dialect[] = [
  {
    server: pureftpd,
    local: LOCAL,
    main: MAIN,
    conf: CONF,
    rangeKey: 'PassivePortRange',
    addressKey: 'ForcePassiveIP',
    foreign: ['PassivePorts', 'MasqueradeAddress'],
    none: 'ForcePassiveIP: ~\n',
    rendered: (range, address) =>
      conf('stock')
        .replace('49152 65534', range)
        .replace('# ForcePassiveIP 192.168.0.1', (line) =>
          address === null ? line : `ForcePassiveIP ${address}`,
        ),
    render,
  },
  {
    server: proftpd,
    ...PROFTPD,
    rangeKey: 'PassivePorts',
    addressKey: 'MasqueradeAddress',
    foreign: ['PassivePortRange', 'ForcePassiveIP'],
    none: '',
    rendered: (range, address) =>
      proftpdConf('stock')
        .replace('49152 65534', range)
        .replace('TimeoutIdle', (key) => (address === null ? key : `MasqueradeAddress ${address}\n${key}`)),
    render: renderProftpd,
  },
];

/** A store's text for one server: RANGE and ADDRESS are its keys, OTHER_… the other's, NONE its way to tell none. */
export function spoken(text: string, { rangeKey, addressKey, foreign, none }: Dialect): string {
  return text
    .replaceAll('OTHER_RANGE', foreign[0])
    .replaceAll('OTHER_ADDRESS', foreign[1])
    .replaceAll('RANGE', rangeKey)
    .replaceAll('ADDRESS', addressKey)
    .replaceAll('NONE\n', none);
}

/** A server as a table says it, with keys as in `spoken`. */
export interface Found {
  readonly local?: string;
  readonly main?: string;
  /** What the daemon's file says; null: there is no file. Left out: cPanel's defaults. */
  readonly conf?: readonly [range: string, address: string | null] | null;
  readonly localCache?: string;
  /** `main` was written after the daemon's file. */
  readonly mainEdited?: boolean;
}

/** Stores, then the daemon's file: each younger than the one before. */
export function foundFiles(found: Found, dialect: Dialect): FileFacts {
  const { local, main, localCache, conf: values = ['49152 65534', null] } = found;
  const at = (path: string, text: string | undefined, time: number) =>
    [path, text === undefined ? null : fact(path, spoken(text, dialect), time)] as const;
  return new Map([
    at(dialect.local, local, STORED),
    at(dialect.main, main, found.mainEdited === true ? RENDERED + 1 : STORED),
    at(`${dialect.local}.cache`, localCache, STORED),
    at(`${dialect.main}.cache`, undefined, STORED),
    at(dialect.conf, values === null ? undefined : dialect.rendered(...values), RENDERED),
  ]);
}
