import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import * as z from 'zod/mini';
import type { Host, Link, Listener } from '../engine/ports.ts';
import { runCommand } from './exec.ts';
import { findProgram, IP } from './programs.ts';

export const host: Host = { links, listeners: (port) => Promise.resolve(listeners(port)), hostname };

const addressList = z.array(
  z.object({
    ifname: z.string(),
    flags: z.optional(z.array(z.string())),
    addr_info: z.optional(
      z.array(z.object({ local: z.optional(z.string()), prefixlen: z.number(), scope: z.string() })),
    ),
  }),
);
const routeList = z.array(z.object({ dev: z.optional(z.string()) }));

async function links(): Promise<readonly Link[]> {
  const ip = findProgram(IP);
  const [addresses, route4, route6] = await Promise.all([
    runCommand([ip, '-j', 'addr', 'show']),
    runCommand([ip, '-j', 'route', 'show', 'default']),
    runCommand([ip, '-6', '-j', 'route', 'show', 'default']),
  ]);
  const parsed = addressList.safeParse(parseJson(addresses.stdout));
  if (!parsed.success) return [];
  const found = parsed.data
    .filter((link) => link.flags?.includes('LOOPBACK') !== true)
    .map((link) => ({
      name: link.ifname.replace(/@.*$/, ''),
      addresses: (link.addr_info ?? [])
        .filter((each) => each.scope === 'global' && each.local !== undefined)
        .map((each) => `${each.local ?? ''}/${each.prefixlen}`),
    }));
  const outward = [route4, route6].flatMap(
    (route) => routeList.safeParse(parseJson(route.stdout)).data ?? [],
  );
  const main =
    found.find((link) => link.name === outward[0]?.dev) ?? found.find((link) => link.addresses.length > 0);
  return main === undefined ? found : [main, ...found.filter((link) => link !== main)];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '[]' : text);
  } catch {
    return null;
  }
}

const LISTENING = '0A';

/** Who listens on a port of this network namespace, from /proc: no program to call, nothing to parse but columns. */
function listeners(port: number): Listener[] {
  const sockets = new Map<string, string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readOr(table).split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      const at = local?.lastIndexOf(':') ?? -1;
      if (local === undefined || inode === undefined || state !== LISTENING) continue;
      if (parseInt(local.slice(at + 1), 16) === port) sockets.set(`socket:[${inode}]`, local.slice(0, at));
    }
  }
  return sockets.size === 0 ? [] : holders(sockets);
}

function holders(sockets: ReadonlyMap<string, string>): Listener[] {
  const found: Listener[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const address of new Set(openSockets(pid).map((socket) => sockets.get(socket)))) {
      if (address === undefined || found.some((each) => each.pid === Number(pid))) continue;
      const program = readOr(`/proc/${pid}/comm`).trim();
      found.push({ pid: Number(pid), program, address, startedMs: startedMs(pid) });
    }
  }
  return found;
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
