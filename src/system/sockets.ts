import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Listener, Sockets } from '../engine/ports.ts';

const LISTENING = '0A';
const ESTABLISHED = '01';
const SOCKET = 'socket:';

/** The TCP sockets of this network namespace, from /proc: no program to call, nothing to parse but columns. */
export function sockets(): Sockets {
  const listening = new Map<string, Place>();
  const open: number[] = [];
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readOr(table).split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (local === undefined || inode === undefined) continue;
      if (state === ESTABLISHED) open.push(placeOf(local).port);
      // Sockets that the kernel itself has opened have no number of their own.
      if (state === LISTENING) listening.set(inode === '0' ? local : `${SOCKET}[${inode}]`, placeOf(local));
    }
  }
  return { listening: holders(listening), open };
}

type Place = Pick<Listener, 'address' | 'port'>;

function placeOf(local: string): Place {
  const at = local.lastIndexOf(':');
  return { address: addressOf(local.slice(0, at)), port: parseInt(local.slice(at + 1), 16) };
}

/**
 * An address as /proc writes it: words of four bytes in hexadecimal, each with the last byte first.
 *
 * @returns IPv4 in dots, IPv4 within IPv6 too; IPv6 as eight groups, `::` and `::1` short
 */
export function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  const dotted = (four: readonly string[]): string => four.map((byte) => parseInt(byte, 16)).join('.');
  if (bytes.length === 4) return dotted(bytes);
  const text = bytes.join('');
  if (text.startsWith('00000000000000000000ffff')) return dotted(bytes.slice(12));
  if (/^0{31}[01]$/.test(text)) return text.endsWith('1') ? '::1' : '::';
  return (text.match(/.{4}/g) ?? []).map((group) => group.replace(/^0{1,3}/, '')).join(':');
}

function holders(places: ReadonlyMap<string, Place>): Listener[] {
  const found: Listener[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const socket of new Set(openSockets(pid))) {
      const place = places.get(socket);
      if (place === undefined) continue;
      const program = readOr(`/proc/${pid}/comm`).trim();
      // A process without a name has ended in between.
      if (program !== '') found.push({ ...place, pid: Number(pid), program, startedMs: startedMs(pid) });
    }
  }
  // One with a number that no process has any more was closed while we looked.
  const kernels = [...places].filter(([socket]) => !socket.startsWith(SOCKET));
  return [...found, ...kernels.map(([, place]) => ({ ...place, pid: 0, program: '', startedMs: 0 }))];
}

function openSockets(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => linkOr(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

/** A process's start, from its /proc entry: clock ticks since boot (100 a second on Linux for user space). */
function startedMs(pid: string): number {
  const stat = readOr(`/proc/${pid}/stat`);
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 0);
  const boot = /^btime (\d+)/m.exec(readOr('/proc/stat'))?.[1];
  const uptime = Number(readOr('/proc/uptime').split(' ')[0]);
  const bootMs =
    Number.isFinite(uptime) && uptime > 0 ? Date.now() - uptime * 1000 : Number(boot ?? 0) * 1000;
  return bootMs + ticks * 10;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function linkOr(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
