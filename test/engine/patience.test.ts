import assert from 'node:assert/strict';
import { runPatiently } from '../../src/engine/patience.ts';
import type { CommandOptions } from '../../src/engine/ports.ts';

/** Runs a program that ends with these codes, one after the other, the last one for ever. */
async function run(
  codes: readonly (number | null)[],
  busyCode: number | undefined,
  options: CommandOptions = {},
): Promise<{ code: number | null; runs: number; ms: number; given: unknown }> {
  let now = 0;
  let runs = 0;
  let given: unknown;
  const clock = {
    now: () => now,
    elapsed: () => now,
    sleep: (ms: number) => Promise.resolve(void (now += ms)),
  };
  const { code } = await runPatiently(
    {
      clock,
      run: (argv, some) => {
        given = some;
        now += 100;
        const next = codes[Math.min(runs++, codes.length - 1)] ?? null;
        return Promise.resolve({
          ...{ argv, code: next, signal: null, stdout: '', stderr: '' },
          ...{ missing: false, timedOut: false, ms: 100 },
        });
      },
    },
    ['/usr/sbin/csf', '-r'],
    busyCode,
    options,
  );
  return { code, runs, ms: now, given };
}

describe('a program that says that it is busy', () => {
  it('is run again, a second later, until it has done its work', async () => {
    const { code, runs, ms } = await run([11, 11, 0], 11);
    assert.deepEqual([code, runs, ms], [0, 3, 2300]);
  });

  it('is run again after no other code', async () => {
    for (const other of [0, 1, 12, null]) {
      const { code, runs } = await run([other, 0], 11);
      assert.deepEqual([code, runs], [other, 1]);
    }
    assert.equal((await run([11, 0], undefined)).runs, 1);
  });

  it('is given up when its time is over, with its last word', async () => {
    const { code, runs, ms } = await run([11], 11, { timeoutSeconds: 10 });
    assert.equal(code, 11);
    assert.ok(runs >= 9 && ms >= 10_000 && ms < 12_000, `${runs} ${ms}`);
    assert.ok((await run([11], 11)).ms >= 60_000);
  });

  it('is given the same options each time', async () => {
    const options = { stdin: 'x', tty: true, timeoutSeconds: 5 };
    assert.deepEqual((await run([11, 0], 11, options)).given, options);
  });
});
