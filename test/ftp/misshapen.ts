import type { PassiveWish } from '../../src/ftp/server.ts';
import type { Found } from './dialects.ts';
import { store } from './servers.ts';

export const PUBLIC = '203.0.113.10';
export const PLAIN: PassiveWish = { range: [49152, 65534], address: null };
export const BEHIND: PassiveWish = { range: [49152, 65534], address: PUBLIC };
export const WIDE: PassiveWish = { range: [50000, 60000], address: null };

export interface Row extends Found {
  readonly store: string;
  readonly wish: PassiveWish;
  /** What `local` says afterwards, null: nothing is done. Left out: as before, and rendered anew. */
  readonly after?: string | null;
  /** Findings beforehand. */
  readonly finds?: readonly string[];
  /** Findings beforehand that ProFTPD alone has. */
  readonly findsOfProftpd?: readonly string[];
}

/** A fixture of Pure-FTPd in the words of a table. */
export const generic = (name: string): string =>
  store(name).replaceAll('PassivePortRange', 'RANGE').replaceAll('ForcePassiveIP', 'ADDRESS');

/** Stores that parsers read differently or not at all. */
export const MISSHAPEN: readonly Row[] = [
  {
    store: 'Windows line ends',
    local: "# ours\r\nTLS:   2   # many\r\n\r\nRANGE: 50000 60000\r\nRootPassLogins: 'no'",
    wish: WIDE,
    after: "# ours\nTLS:   2   # many\n\nRANGE: 50000 60000\nRootPassLogins: 'no'",
    finds: ['store-windows'],
  },
  {
    store: 'a byte order mark',
    local: '\uFEFFRANGE: 50000 60000\n',
    conf: ['50000 60000', null],
    wish: WIDE,
    after: 'RANGE: 50000 60000\n',
    finds: ['store-windows'],
  },
  {
    store: 'entries run together',
    local: generic('local-joined'),
    wish: BEHIND,
    after: `TLS: 1\nADDRESS: ${PUBLIC}\nRANGE: 49152 65534\n`,
    finds: ['store-broken'],
  },
  {
    store: 'an entry indented below another',
    local: generic('local-indented'),
    wish: WIDE,
    after: 'MaxClientsPerIP: 30\nRANGE: 50000 60000\n',
    finds: ['store-broken'],
  },
  {
    store: 'all entries indented',
    local: '# ours\n  RANGE: 49152 65534\n  TLS: 2\n',
    wish: PLAIN,
    after: '# ours\nRANGE: 49152 65534\nTLS: 2\n',
    finds: ['store-indented'],
  },
  {
    store: 'a tab before an entry',
    local: 'TLS: 2\n\tRANGE: 40000 40100\n',
    wish: WIDE,
    after: 'TLS: 2\nRANGE: 50000 60000\n',
    finds: ['store-broken'],
  },
  {
    store: 'a line without a colon',
    local: 'TLS: 2\nRANGE 50000 60000\n# end\n',
    wish: WIDE,
    after: 'TLS: 2\n# RANGE 50000 60000\n# end\nRANGE: 50000 60000\n',
    finds: ['store-broken'],
  },
  {
    store: 'a quote that does not end',
    local: 'TLS: 2\nTLSCipherSuite: "HIGH\nRANGE: 30000 35000\n',
    wish: WIDE,
    after: 'TLS: 2\n# TLSCipherSuite: "HIGH\nRANGE: 50000 60000\n',
    finds: ['store-broken'],
  },
  {
    store: 'a list for a value',
    local: 'RANGE: [50000, 60000]\nTLS: 2\n',
    wish: WIDE,
    after: '# RANGE: [50000, 60000]\nTLS: 2\nRANGE: 50000 60000\n',
    finds: ['store-broken'],
  },
  {
    store: 'two documents',
    local: '---\nTLS: 2\n---\nRANGE: 50000 60000\n',
    wish: WIDE,
    after: '---\nTLS: 2\n# ---\nRANGE: 50000 60000\n',
    finds: ['store-broken'],
  },
  {
    store: 'a broken main',
    main: '---\nTLS: 2\n  RANGE: 30000 35000\n',
    wish: PLAIN,
    after: 'RANGE: 49152 65534\n',
    finds: ['store-broken'],
  },
];
