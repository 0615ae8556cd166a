import type { Page } from 'playwright-core';
import { Problem } from '../../src/core/problem.ts';
import type { Verdict } from '../../src/outside/judgement.ts';
import type { RunRecord } from '../../src/runs/record.ts';
import { ended, WAITING } from '../http/fake-outside.ts';
import * as sample from '../http/samples.ts';
import { BLOCKED, OPEN, PROOF } from '../outside/samples.ts';
import type { World } from './world.ts';

const { DONE, EMPTY_PLAN, FAILED, INTERRUPTED, RUNNING, UNDONE } = sample;

/** A page in one of its states: where it is, what the server says for it, and what is pressed to come there. */
export interface State {
  readonly route: string;
  readonly set?: () => unknown;
  readonly press?: (page: Page) => Promise<unknown>;
}

const RUN = `runs/${RUNNING.id}`;
/** A list that the compiler keeps whole. */
const VERDICTS: Readonly<Record<Exclude<Verdict, 'waiting'>, true>> = {
  open: true,
  unproven: true,
  part: true,
  'wrong-address': true,
  here: true,
  outside: true,
  somewhere: true,
  nothing: true,
};

/** Every page in each of its states. */
export function statesOf(world: World): Readonly<Record<string, State>> {
  const status = (value: typeof sample.GOOD_STATUS): unknown => world.desk.status.resolves(value);
  const proven = Object.keys(VERDICTS).map((verdict): [string, State] => [
    `outside, ${verdict}`,
    { route: `outside/${PROOF.id}`, set: () => world.outside.look.resolves(judged(verdict as Verdict)) },
  ]);
  return {
    'status, wrong': { route: 'status', set: () => world.desk.runs.resolves([RUNNING]) },
    'status, wrong, with links and commands': { route: 'status', set: () => status(sample.LEADING_STATUS) },
    'status, right': { route: 'status', set: () => status(sample.GOOD_STATUS) },
    'status, empty': { route: 'status', set: () => status(sample.EMPTY_STATUS) },
    plan: { route: 'plan' },
    'plan, changed': { route: 'plan&changed=1' },
    'plan, wrong setting': { route: 'plan&range=1-2' },
    'plan, nothing to do': { route: 'plan', set: () => world.desk.plan.resolves(EMPTY_PLAN) },
    'run, running': { route: RUN, set: () => fill(world, RUNNING), press: isFollowed },
    'run, cancelled once': {
      route: RUN,
      set: () => fill(world, { ...RUNNING, cancels: 1 }),
      press: isFollowed,
    },
    'run, done': { route: RUN, set: () => fill(world, DONE) },
    'run, not kept yet': { route: RUN, set: () => wait(world) },
    'run, failed': { route: RUN, set: () => fill(world, FAILED) },
    'run, undone': { route: RUN, set: () => fill(world, UNDONE) },
    'run, interrupted': { route: RUN, set: () => fill(world, INTERRUPTED) },
    'run, conflict': { route: RUN, set: () => conflict(world), press: putBack },
    history: {
      route: 'runs',
      set: () => world.desk.runs.resolves([RUNNING, FAILED, UNDONE, INTERRUPTED, DONE]),
    },
    'history, empty': { route: 'runs', set: () => world.desk.runs.resolves([]) },
    'settings, watch off': { route: 'settings&idle=1' },
    'settings, watch half on': {
      route: 'settings',
      set: () => world.desk.watch.resolves({ mode: 'repair', timer: false, hook: true }),
    },
    'live port, closed': { route: 'live-port' },
    'live port, open': { route: 'live-port', set: () => world.desk.runs.resolves([opened(world)]) },
    'live port, open beside a set-up': {
      route: 'live-port&changed=1',
      set: () => world.desk.runs.resolves([opened(world), DONE]),
    },
    outside: { route: 'outside' },
    'outside, begun in the browser': { route: `outside/${PROOF.id}` },
    'outside, begun with a command': {
      route: `outside/${PROOF.id}`,
      set: () => world.outside.look.resolves({ ...WAITING, proof: { ...PROOF, by: 'command' } }),
    },
    ...Object.fromEntries(proven),
    reach: { route: 'reach' },
    'reach, wrong': { route: 'reach&port=x' },
    'reach, blocked and open': {
      route: 'reach&port=50000',
      set: () => world.desk.reach.resolves({ ipv4: BLOCKED, ipv6: OPEN }),
    },
    'reach, not told': {
      route: 'reach&port=50000&from=198.51.100.20',
      set: () => world.desk.reach.resolves({ ipv4: sample.BROKEN_STATUS.firewall.reach.ipv6 ?? OPEN }),
    },
    help: { route: 'help' },
    error: { route: 'nothing' },
  };
}

/** A proof with this verdict, and ports of each kind. */
function judged(verdict: Verdict): typeof WAITING {
  const standing = ended([49152]);
  return { ...standing, judgement: { ...standing.judgement, verdict, doubts: ['own-rule', 'self'] } };
}

/** Output in every colour, on every ground. */
function fill({ desk, recording }: World, record: RunRecord): void {
  desk.run.resolves(record);
  recording.mark('s1 done: Write');
  recording.mark('s2 running: Render');
  const colours = [30, 40, 90, 100].flatMap((first) => [...Array(8).keys()].map((index) => first + index));
  for (const code of [0, 1, 2, 3, 4, ...colours])
    recording.output(`\x1b[${code}mcolour ${code}\x1b[0m plain \x1b[31;${code}mred ${code}\x1b[0m\r\n`);
}

/** A run that is put back unless somebody keeps it. */
function wait({ desk }: World): void {
  const unconfirmed = { armed: new Date().toISOString(), seconds: 120 };
  desk.run.resolves({ ...DONE, ended: unconfirmed.armed, unconfirmed });
  desk.confirm.rejects(new Problem('not-proven', 'Your address is not let in.'));
}

function conflict({ desk }: World): void {
  desk.run.resolves(DONE);
  desk.undo.rejects(
    new Problem('change-conflict', 'A file was changed.', '--- then\n+++ now\n@@ -1 +1 @@\n-a\n+b\n'),
  );
}

/** A run that has let in the port of live output. */
function opened({ live }: World): RunRecord {
  return { ...DONE, id: RUNNING.id, settings: { ...DONE.settings, range: String(live.port), only: 'live' } };
}

const isFollowed = (page: Page): Promise<void> => page.getByText('live over WebSocket').waitFor();

async function putBack(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Put back what this run changed' }).click();
  await page.getByRole('heading', { name: 'Changed in the meantime' }).waitFor();
}
