import type { Shape } from './shapes.ts';

/** How a connection failed. `other`: a client says that it failed and not how. */
export type How = 'timeout' | 'refused' | 'unreachable' | 'reset' | 'closed' | 'tls' | 'other';

/** An address and a port that a remark names; null where it is a name, hidden or left out. */
export interface Peer {
  readonly address: string | null;
  readonly port: number | null;
}

/** What a client says of its own doings. */
export type Remark =
  | ({ readonly says: 'connecting' | 'connected' | 'dialling' } & Peer)
  | { readonly says: 'opened' | 'replaced' | 'secured' | 'sftp' }
  | { readonly says: 'failed'; readonly how: How };

const FAILURES: readonly (readonly [How, RegExp])[] = [
  [
    'unreachable',
    /No route to host|EHOSTUNREACH|\bErrno 113\b|\b10065\b|host (?:is )?unreachable|network is unreachable|ENETUNREACH|\bErrno 101\b|\b10051\b/i,
  ],
  ['refused', /\brefused\b|ECONNREFUSED|\bErrno 111\b|\b10061\b/i],
  [
    'tls',
    /GnuTLS error|gnutls_\w+|error:\w+:SSL|SSLE?(?:OF)?Error|SSL_(?:connect|read|write)|session reuse required|non-properly terminated|TLS renegociation/i,
  ],
  ['reset', /reset by peer|ECONNRESET|\b10054\b|ECONNABORTED|\b10053\b|connection aborted/i],
  [
    'timeout',
    /timed[ -]?out|time-?out\b|ETIMEDOUT|\bErrno 110\b|\b10060\b|Zeitüberschreitung|tempo scaduto|délai .*dépassé|tiempo .*(?:agotado|espera)|tempo limite|таймаут|время ожидания|超时|タイムアウト/i,
  ],
  ['closed', /connection closed|disconnected from server|EOFError|server closed|closed by remote/i],
  [
    'other',
    /failed to (?:retrieve|connect)|could not (?:retrieve|connect)|couldn't connect|cannot open data connection|max-retries exceeded|transfer failed|Verzeichnisinhalt|error retrieving/i,
  ],
];

/** curl calls every reply 421 a timeout; others speak of limits that they keep. */
const NO_FAILURE = /We got a 421|timeout (?:set|is|value)|^Set |ftp_perform|Timeout: \d/i;
const ADDRESS =
  /\[([0-9a-f:.]{2,45})\]|\b(\d{1,3}(?:\.\d{1,3}){3})\b|[( ]([0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})[) ]/i;
const PORT = /(?:[\])\w]):(\d{1,5})(?=\D|$)(?!.*:\d)|\bport:? (\d{1,5})\b/;

/** In any language this is what comes before a connection. */
const ENDS_IN_PEER = /[\d\]]:\d{1,5}\.\.\.$/;
/** In any language this is how long was waited. */
const SECONDS = /\d ?(?:se[cgk]|сек|秒)/i;

/** Lines of no shape that are no file names. */
const LOOSE =
  /^(?:(?:\w{1,40}\.){0,4}\w{0,40}(?:Error|Exception|error_\w{1,20})\b|socket\.timeout|[a-z]{2,8}: |Connection closed|Timeout detected|Could not |Failed to |Connected to |Not connected|Server sent passive reply|Connecting to |[A-Za-z]{1,20} timed out)/;

/** What a remark says, or null when it is of no importance. A loose one may as well be a line of a listing. */
export function remarkOf(text: string, kind: Shape['kind']): Remark | null {
  if (text === '' || (kind === 'loose' && !LOOSE.test(text))) return null;
  if (/unroutable address|returned by PASV seemed|PASV is ignored|^Skip \S+ for data connection/i.test(text))
    return skipped(text) ? { says: 'replaced' } : null;
  if (/Data connection established/i.test(text)) return { says: 'opened' };
  if (/(?:TLS|SSL) connection (?:established|using)|SSL connection established/i.test(text))
    return { says: 'secured' };
  if (/fzSftp|Using username|SSH-2\.0|\bSFTP (?:protocol|session)|Using SFTP/.test(text))
    return { says: 'sftp' };
  if (/Connecting data socket/.test(text)) return { says: 'dialling', ...peerOf(text) };
  if (/^(?:Connecting to|Trying) /.test(text) || (kind === 'remark' && ENDS_IN_PEER.test(text)))
    return { says: 'connecting', ...peerOf(text) };
  if (/^Connected (?:to|with) /.test(text)) return { says: 'connected', ...peerOf(text) };
  if (NO_FAILURE.test(text)) return null;
  const found = FAILURES.find(([, pattern]) => pattern.test(text));
  if (found === undefined && kind !== 'error') return null;
  const how = found?.[0] ?? 'other';
  return {
    says: 'failed',
    how: how === 'other' && kind === 'error' && SECONDS.test(text) ? 'timeout' : how,
  };
}

/** curl skips an address even where it is the same as the one that it uses. */
function skipped(text: string): boolean {
  const [, told, used] = /^Skip (\S+) for data connection, (?:re-use|uses) (\S+) instead/.exec(text) ?? [];
  return told === undefined || told !== used;
}

function peerOf(text: string): Peer {
  const found = ADDRESS.exec(`${text} `);
  const port = PORT.exec(text);
  const number = Number(port?.[1] ?? port?.[2] ?? Number.NaN);
  return {
    address: found?.[1] ?? found?.[2] ?? found?.[3] ?? null,
    port: Number.isInteger(number) && number > 0 && number < 65536 ? number : null,
  };
}
