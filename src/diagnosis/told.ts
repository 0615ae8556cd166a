import { addressKind, isIpv4 } from '../core/address.ts';
import type { Line } from './lines.ts';
import type { Told } from './log.ts';

/** People hide parts of addresses before they show a log. */
const PASV = /(?:^|[^\w*])([\w*?]{1,4}(?:,[\w*?]{1,4}){3}),(\d{1,3}),(\d{1,3})(?!\d|,\d)/;
const EPSV = /\(([!-~])\1\1(\d{1,5})\1\)/;

/** Where a reply 227 sends the client. */
export function toldByPasv(line: Line, text: string): Told {
  const found = PASV.exec(text.slice(3));
  const parts = found?.[1]?.split(',') ?? [];
  const port = Number(found?.[2] ?? Number.NaN) * 256 + Number(found?.[3] ?? Number.NaN);
  const known = parts.filter((part) => /^\d+$/.test(part)).length;
  // What begins like a private address is one, whatever was hidden of it.
  const likeness = parts.map((part) => (/^\d+$/.test(part) ? part : '1')).join('.');
  const readable =
    known >= 2 && /^\d+$/.test(parts[0] ?? '') && /^\d+$/.test(parts[1] ?? '') && isIpv4(likeness);
  return {
    line,
    address: parts.length === 4 ? parts.join('.') : null,
    kind: readable ? addressKind(likeness) : 'unknown',
    port: validPort(port),
  };
}

/** Where a reply 229 sends the client: a port of the server that it is connected to. */
export function toldByEpsv(line: Line, text: string): Told {
  return {
    line,
    address: null,
    kind: 'unknown',
    port: validPort(Number(EPSV.exec(text)?.[2] ?? Number.NaN)),
  };
}

function validPort(port: number): number | null {
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
}
