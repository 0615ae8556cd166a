/** One reply of an FTP server: its three-digit code and its whole text, lines joined by newlines. */
export interface Reply {
  readonly code: number;
  readonly text: string;
}

/** Where a passive data connection is to go. `address` null: the one the control connection uses (EPSV). */
export interface PassiveTarget {
  readonly address: string | null;
  readonly port: number;
}

/**
 * Takes complete replies off the front of what a server has sent. A reply of several lines ends with its code and a
 * blank (RFC 959, 4.2).
 */
export function takeReply(received: string): { reply: Reply; rest: string } | null {
  const first = /^(\d{3})([ -])[^\n]*\n/.exec(received);
  if (!first) return null;
  const end =
    first[2] === ' '
      ? first[0].length
      : lastLineEnd(received, new RegExp(`^${first[1] ?? ''} [^\\n]*\\n`, 'm'));
  if (end < 0) return null;
  const text = received
    .slice(0, end)
    .replace(/\r?\n$/, '')
    .replaceAll('\r\n', '\n');
  return { reply: { code: Number(first[1]), text }, rest: received.slice(end) };
}

function lastLineEnd(received: string, lastLine: RegExp): number {
  const match = lastLine.exec(received);
  return match ? match.index + match[0].length : -1;
}

/** Reads a 227 reply. The text around the six numbers is not reliable (RFC 1123, 4.1.2.6). */
export function passiveTarget(reply: Reply): PassiveTarget | null {
  const match = /^227\D*?(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})/.exec(reply.text);
  const numbers = match?.slice(1).map(Number) ?? [];
  const [a, b, c, d, high, low] = numbers;
  if (high === undefined || low === undefined || numbers.some((number) => number > 255)) return null;
  const port = high * 256 + low;
  return port === 0 ? null : { address: [a, b, c, d].join('.'), port };
}

/** Reads a 229 reply: `(<d><d><d>port<d>)` with any delimiter (RFC 2428). */
export function extendedTarget(reply: Reply): PassiveTarget | null {
  const match = /^229[^(]*\(([!-~])\1\1(\d{1,5})\1\)/.exec(reply.text);
  const port = Number(match?.[2]);
  return match && port >= 1 && port <= 65535 ? { address: null, port } : null;
}
