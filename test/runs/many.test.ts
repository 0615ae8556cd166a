import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { runCommand } from '../../src/system/exec.ts';
import { openReal, REAL } from '../engine/real.ts';
import { NFT, settings, SETUP, startServer } from '../engine/server.ts';
import { SOAK } from '../house/soak.ts';
import { WHO } from './house.ts';
import { openRealHouse, type RealHouse } from './real-house.ts';

const MB = 1024 * 1024;
const RUNS = SOAK ? 500 : 80;
/** Of the pairs of an apply and an undo, one in so many makes real copies of a real firewall. */
const FIREWALL_EVERY = 50;
const WARM_UP = 30;

const RULES = `table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    tcp dport { 21, 22, 2087 } accept
  }
}
`;
/** What setupftpserver does beside its work here: it speaks, on a terminal. */
const SPEAKS = ['/bin/sh', '-c', 'echo from the script; echo conversion complete'];

/** What a process holds that it could have forgotten to give back. */
interface Holdings {
  readonly descriptors: number;
  /** Also those that ended and were not collected. */
  readonly children: string[];
  readonly mounts: number;
  readonly resources: string[];
  /** Also those that do not keep a process from ending. */
  readonly timers: number;
}

const timers = new Set<number>();
const watch = createHook({
  init(id, type) {
    if (type === 'Timeout') timers.add(id);
  },
  destroy: (id) => void timers.delete(id),
});
/** What waits for the last words of a program goes by itself, after twice one and a half seconds. */
const SETTLED_MS = 5000;

function holdings(): Holdings {
  const threads = readdirSync('/proc/self/task');
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    children: threads.flatMap(
      (each) => readFileSync(`/proc/self/task/${each}/children`, 'utf8').match(/\d+/g) ?? [],
    ),
    mounts: readFileSync('/proc/self/mounts', 'utf8').split('\n').length,
    resources: process.getActiveResourcesInfo().sort(),
    timers: timers.size,
  };
}

/** Bytes of the heap that are in use, and of memory that the process has, when nothing is left to collect. */
function memory(): { heap: number; rss: number } {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 3; round += 1) collect();
  return { heap: process.memoryUsage().heapUsed, rss: process.memoryUsage.rss() };
}

describe(`${RUNS} runs in a row`, () => {
  let folder = '';
  before(() => {
    watch.enable();
    folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'many-'));
  });
  after(() => {
    watch.disable();
    rmSync(folder, { recursive: true });
  });

  async function pair(house: RealHouse, only: 'firewall' | null): Promise<void> {
    const apply = await house.runner.apply({ settings: settings({ only }), who: WHO });
    assert.ok(apply);
    assert.deepEqual((await apply.ended).state, 'done');
    const undo = await house.runner.undo({ run: apply.run, who: WHO });
    assert.deepEqual((await undo.ended).state, 'done');
  }

  it('leave a process with the descriptors, children, timers, namespaces and memory that it began with', async () => {
    const server = startServer();
    const setup = server.programs.get(SETUP);
    server.programs.set(SETUP, async (argv, options) => {
      const said = await runCommand(SPEAKS, options);
      assert.match(said.stdout, /conversion complete/);
      await setup?.(argv, {});
      return { ...said, argv };
    });
    const house = openRealHouse(join(folder, 'whole'), server);

    const link = { name: 'eth0', addresses: ['203.0.113.10/24'] };
    const live = await openReal(RULES);
    const guarded = startServer({ nat: false, ipv6: false, rules: RULES });
    guarded.programs.set(NFT, (argv, options) => live.run(argv, options));
    const { tools, clock } = REAL;
    const twin = { ...REAL, links: () => Promise.resolve([link]) };
    const firewall = openRealHouse(join(folder, 'firewall'), guarded, { tools, clock, twin });
    try {
      const first = house.everything();
      const round = async (from: number, count: number): Promise<void> => {
        for (let index = from; index < from + count; index += 2)
          await ((index / 2) % FIREWALL_EVERY === 0 ? pair(firewall, 'firewall') : pair(house, null));
      };
      await round(0, WARM_UP);
      await delay(SETTLED_MS);
      const before = holdings();
      const memoryBefore = memory();
      await round(WARM_UP, RUNS);
      await delay(SETTLED_MS);
      assert.deepEqual(holdings(), before);
      const memoryAfter = memory();
      const grown = [memoryAfter.heap - memoryBefore.heap, memoryAfter.rss - memoryBefore.rss] as const;
      const said = `${(grown[0] / MB).toFixed(1)} MB of heap, ${(grown[1] / MB).toFixed(1)} MB in all`;
      assert.ok(grown[0] < 8 * MB && grown[1] < 40 * MB, said);
      assert.deepEqual(house.everything(), first);
      for (const each of [house, firewall]) assert.deepEqual(each.kept(), ['runs']);
      const kept = await house.shelf.list();
      assert.ok(kept.length <= 200 && kept.length >= Math.min(180, RUNS), `${kept.length} runs are kept`);
    } finally {
      await live.close();
    }
  }).timeout(900_000);
});
