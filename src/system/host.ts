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
