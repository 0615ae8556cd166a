import { randomBytes, randomInt } from 'node:crypto';
import { unknownReach } from './core/reach.ts';
import { askReach, familiesOf } from './engine/asked.ts';
import { openProofs, type Proofs } from './outside/proofs.ts';
import type { Product } from './runs/product.ts';
import { standing } from './runs/standing.ts';
import { listenOn } from './system/lookout.ts';

const VENDOR = '/sys/class/dmi/id/sys_vendor';

/** The proof from outside with its real effects. */
export function openOutside(product: Omit<Product, 'outside'>): Proofs {
  const { engine } = product;
  return openProofs({
    async status() {
      const { settings } = await product.remembered();
      return { status: await standing(product, settings), wanted: settings.range };
    },
    held: async () =>
      (await engine.host.links()).flatMap(({ addresses }) =>
        addresses.map((each) => each.replace(/\/.*/, '')),
      ),
    async vendor() {
      try {
        return (await engine.files.read(VENDOR))?.text.trim() ?? '';
      } catch {
        return '';
      }
    },
    async busyPorts() {
      const { listening, open } = await engine.host.sockets();
      return new Set([...listening.map(({ port }) => port), ...open]);
    },
    listen: listenOn,
    async reach(ports, address, from) {
      const [family = 'ipv4'] = familiesOf({ from: from ?? address });
      const reaches = await askReach(engine, { ports, from }, [family]);
      return reaches[family] ?? unknownReach('It was not asked.');
    },
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()),
    token: () => randomBytes(32).toString('base64url'),
    pick: (below) => randomInt(below),
  });
}
