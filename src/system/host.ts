import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import * as z from 'zod/mini';
import type { Host, Link } from '../engine/ports.ts';
import { runCommand } from './exec.ts';
import { findProgram, IP } from './programs.ts';
import { sockets } from './sockets.ts';

export const host: Host = { links, sockets: () => Promise.resolve(sockets()), hostname };

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
/** The kernel's main routes of IPv4, addresses and masks in hexadecimal. */
const ROUTES = '/proc/net/route';
const [UP, REJECT] = [0x1, 0x200];

async function links(): Promise<readonly Link[]> {
  const ip = findProgram(IP);
  const addresses = await runCommand([ip, '-j', 'addr', 'show']);
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
  const outward = (await wayOut4()) ?? (await wayOut6(ip));
  const main = found.find(({ name }) => name === outward) ?? found.find((link) => link.addresses.length > 0);
  return main === undefined ? found : [main, ...found.filter((link) => link !== main)];
}

/** The interface of the default route; null where there is none. */
async function wayOut4(): Promise<string | null> {
  const lines = (await readFile(ROUTES, 'utf8').catch(() => '')).split('\n').slice(1);
  const defaults = lines
    .map((line) => line.split('\t'))
    .filter(([, to, , flags, , , , mask]) => {
      const bits = parseInt(flags ?? '', 16);
      return to === '00000000' && mask === '00000000' && (bits & UP) !== 0 && (bits & REJECT) === 0;
    });
  const metric = (columns: readonly string[]): number => Number(columns[6]);
  return defaults.sort((a, b) => metric(a) - metric(b))[0]?.[0] ?? null;
}

async function wayOut6(ip: string): Promise<string | null> {
  const { stdout } = await runCommand([ip, '-6', '-j', 'route', 'show', 'default']);
  return routeList.safeParse(parseJson(stdout)).data?.[0]?.dev ?? null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '[]' : text);
  } catch {
    return null;
  }
}
