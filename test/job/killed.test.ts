import assert from 'node:assert/strict';
import { SOAK } from '../house/soak.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox/sandbox.ts';
import { probe, transfer } from '../sandbox/transfer.ts';
import { type Carrier, commandLine, type Moment, page, type Took } from './killed-carriers.ts';
import { momentsOf } from './killed-moments.ts';
import { journalOf, remainsOf, runsOf, strays, type Told } from './killed-remains.ts';
import { checkTruth } from './killed-truth.ts';
import { rules, snapshot } from './scene.ts';

const SEED = 20_261_122;
/** For the command line and for the page. */
const ROUNDS = SOAK ? 50 : 6;
const PLANNING = 0.2;
/** Some are killed when they have ended already. */
const BEYOND = 1.05;
const NOTHING = /left nothing changed; there is nothing to put back/;

const LANES = {
  'the command line': { nat: true, layout: 'inet-INPUT', persist: 'redhat' },
  'the daemon': { nat: false, layout: 'ip-INPUT', persist: 'debian' },
} as const satisfies Record<string, SandboxOptions>;

/** Where the runs of a lane were cut off. */
interface Tally {
  before: number;
  unchanged: number;
  changed: number;
  done: number;
}

describe('real applies that are killed at any moment', function () {
  this.timeout(1_500_000);
  const started: Sandbox[] = [];

  after(() => Promise.all(started.map((sandbox) => sandbox.stop())));

  it(`leave what status tells truly and undo puts back whole, ${2 * ROUNDS} of ${2 * ROUNDS}`, async () => {
    const failed = new AbortController();
    const lanes = await Promise.allSettled(
      Object.entries(LANES).map(async ([name, options], index) => {
        const sandbox = await startSandbox({ install: true, ...options });
        started.push(sandbox);
        const way = { commandLine: commandLine(sandbox), page: await page(sandbox) };
        const tally: Tally = { before: 0, unchanged: 0, changed: 0, done: 0 };
        await killed(
          sandbox,
          index === 0 ? way.commandLine : way.page,
          way,
          SEED + index,
          tally,
          failed.signal,
        ).catch((error: unknown) => {
          failed.abort();
          throw new Error(`${name}, seed ${SEED + index}: ${String(error)}`, { cause: error });
        });
        return tally;
      }),
    );
    const bad = lanes.find((lane) => lane.status === 'rejected');
    if (bad !== undefined) throw bad.reason;
    for (const lane of lanes) {
      if (lane.status === 'rejected') continue;
      const { before, unchanged, changed, done } = lane.value;
      assert.equal(before + unchanged + changed + done, ROUNDS);
      assert.ok(changed > ROUNDS / 5, `only ${changed} had changed something`);
    }
  });
});

async function killed(
  sandbox: Sandbox,
  by: Carrier,
  way: { readonly commandLine: Carrier; readonly page: Carrier },
  seed: number,
  tally: Tally,
  failed: AbortSignal,
): Promise<void> {
  const first = await everything(sandbox);
  const took = await by.apply();
  await putBack(sandbox, way.commandLine, fresh(sandbox, []), first);
  for (const [round, part] of momentsOf(seed, ROUNDS).entries()) {
    if (failed.aborted) return;
    const moment = momentIn(took, part);
    try {
      const before = runsOf(sandbox.server);
      await by.kill(moment);
      assert.deepEqual(await remainsOf(sandbox.server), [], 'still at work');
      const told = fresh(sandbox, before);
      tally[
        told === null || !told.begun ? 'before' : told.ended ? 'done' : told.changed ? 'changed' : 'unchanged'
      ]++;
      const left = await everything(sandbox);
      await checkTruth(sandbox, told);
      assert.equal(await everything(sandbox), left, 'something went on by itself');
      await putBack(sandbox, round % 2 === 0 ? way.commandLine : way.page, told, first);
    } catch (error) {
      throw new Error(
        `round ${round}, killed ${Math.round(moment.ms)} ms after it was ${moment.from}: ${String(error)}`,
        { cause: error },
      );
    }
  }
}

/** A part of the whole, some of it while the plan is made and most of it while that is done. */
function momentIn({ planning, doing }: Took, part: number): Moment {
  return part < PLANNING
    ? { from: 'asked', ms: (part / PLANNING) * planning }
    : { from: 'begun', ms: ((part - PLANNING) / (1 - PLANNING)) * doing * BEYOND };
}

/** Puts the run back where it left something, is told so where not, and finds everything as it was at first. */
async function putBack(sandbox: Sandbox, by: Carrier, told: Told | null, first: string): Promise<void> {
  if (told?.begun === true) {
    const refusal = await by.undo(told);
    if (told.changed) assert.equal(refusal, null);
    else assert.match(refusal ?? 'put back', NOTHING);
    assert.deepEqual(strays(sandbox.server), []);
  }
  assert.deepEqual(await remainsOf(sandbox.server), []);
  const [now, { ok }] = await Promise.all([everything(sandbox), transfer(sandbox.client, 'curl', 'PASV')]);
  assert.ok(!ok, 'a transfer works that did not');
  assert.deepEqual(changes(first, now), []);
}

/** The run that there is now and was not before. */
function fresh({ server }: Sandbox, before: readonly string[]): Told | null {
  const [run, ...more] = runsOf(server).filter((each) => !before.includes(each));
  assert.deepEqual(more, []);
  return run === undefined ? null : journalOf(server, run);
}

/** Files without their times, rules, and what a client is told. */
async function everything({ server, client }: Sandbox): Promise<string> {
  const [files, ruleset, answer] = await Promise.all([
    snapshot(server),
    rules(server),
    probe(client).catch(() => null),
  ]);
  const told = `PASV ${answer?.pasv?.address ?? '-'} ${answer?.pasv?.data ?? '-'}`;
  return `${bytesOnly(files)}\n${ruleset}\n${told}`;
}

/** cPanel's own scripts touch files of theirs and leave a lock beside their accounts; its bytes must be the same. */
function bytesOnly(files: string): string {
  return files.replace(/ \d+\.\d+$/gm, '').replace(/^.*passwd\.vhosts\.lock.*\n/gm, '');
}

function changes(before: string, after: string): string[] {
  const [was, is] = [new Set(before.split('\n')), new Set(after.split('\n'))];
  return [...was].filter((line) => !is.has(line)).concat([...is].filter((line) => !was.has(line)));
}
