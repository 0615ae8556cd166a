import { randomBytes, randomInt } from 'node:crypto';
import { ABSENT } from './core/file.ts';
import { phrase } from './core/phrase.ts';
import { Problem } from './core/problem.ts';
import { unknownReach } from './core/reach.ts';
import { askReach, familiesOf } from './engine/asked.ts';
import { readLast, writeLast } from './outside/last.ts';
import { openProofs, PATIENCE, type Proofs } from './outside/proofs.ts';
import type { Product } from './runs/product.ts';
import { standing } from './runs/standing.ts';
import { openLock } from './system/lock.ts';
import { listenOn } from './system/lookout.ts';
import { rootOnly } from './system/root-only.ts';

const VENDOR = '/sys/class/dmi/id/sys_vendor';

/** The proof from outside with its real effects. @param state the product's own directory */
export function openOutside(product: Omit<Product, 'outside'>, state: string): Proofs {
  const { engine } = product;
  const files = rootOnly(engine.files);
  const lock = openLock(`${state}/outside.lock`);
  const last = `${state}/outside.json`;
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
      return reaches[family] ?? unknownReach(phrase`It was not asked.`);
    },
    async lock() {
      try {
        return await lock.take('outside');
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== 'busy') throw error;
        throw new Problem(
          'busy',
          phrase`Another test from outside is under way on this server; begin yours when it has ended, in ${PATIENCE.command} seconds at the latest.`,
        );
      }
    },
    async keepLast(proof) {
      const now = await files.read(last);
      await files.replace(last, now?.tag ?? ABSENT, writeLast(proof));
    },
    async lastProof() {
      const kept = await files.read(last);
      return kept === null ? null : readLast(kept.text);
    },
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()),
    token: () => randomBytes(32).toString('base64url'),
    pick: (below) => randomInt(below),
  });
}
