/**
 * What an apply takes beside the same commands in the shell script that `plan --script` prints, in turns on one server:
 * the script; of the apply the commands, from the recording; and beside them what finds out, what proves, and Node.js's
 * start. Prints medians in milliseconds as a Markdown table.
 */
import type { Plan } from '../src/core/plan.ts';
import { cli, json, shell } from '../test/job/scene.ts';
import { ok } from '../test/sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../test/sandbox/sandbox.ts';
import { median } from './median.ts';

const ROUNDS = 7;
const PROVES = new Set(['check', 'probe']);
const SCRIPT = '/root/plan.sh';

interface Applied {
  readonly whole: number;
  readonly commands: number;
  readonly proofs: number;
}

const sandbox = await startSandbox({ nat: true });
try {
  const { document: plan } = await json(sandbox.server, 'plan');
  await shell(sandbox.server, `nft -s list ruleset >/root/rules`);
  const script = await ok(cli(sandbox.server, 'plan', '--script'));
  await ok(sandbox.server.run(['tee', SCRIPT], { stdin: script }));
  const scripts: number[] = [];
  const applied: Applied[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    scripts.push(await byScript(sandbox));
    await putBack(sandbox, plan);
    applied.push(await byProduct(sandbox, plan));
  }
  const commands = applied.map((each) => each.commands);
  const row = (words: string, values: readonly number[]): void => {
    const [low, high] = [Math.min(...values), Math.max(...values)].map(Math.round);
    process.stdout.write(`| ${words} | ${Math.round(median(values))} | ${low}–${high} |\n`);
  };
  process.stdout.write('| | ms | spread |\n|---|---|---|\n');
  row('the commands in a shell script', scripts);
  row('the same commands in an apply', commands);
  row(
    'its proofs between and after them',
    applied.map((each) => each.proofs),
  );
  row(
    'finding out, planning, journal and start',
    applied.map(({ whole, proofs, commands }) => whole - proofs - commands),
  );
  row(
    'the whole apply',
    applied.map((each) => each.whole),
  );
  process.stdout.write(`\nThe commands: ${(median(commands) / median(scripts)).toFixed(3)} of the script.\n`);
} finally {
  await sandbox.stop();
}

async function byScript({ server }: Sandbox): Promise<number> {
  const started = performance.now();
  await ok(server.run(['sh', SCRIPT], { timeoutMs: 60_000 }), ['plan.sh']);
  return performance.now() - started;
}

async function byProduct({ server }: Sandbox, plan: Plan): Promise<Applied> {
  const started = performance.now();
  const { document } = await json(server, 'apply', '--yes');
  const whole = performance.now() - started;
  if (document.state !== 'done' || document.run === null) throw new Error(JSON.stringify(document));
  const recording = await shell(server, `cat /var/lib/whm-ftp-passive/runs/${document.run}/recording.cast`);
  const times = { commands: 0, proofs: 0 };
  for (const { id, kind } of plan.steps) {
    const [begun, ended] = ['running', 'done'].map((state) => timeOf(recording, `${id} ${state}: `));
    times[PROVES.has(kind) ? 'proofs' : 'commands'] += (ended ?? Number.NaN) - (begun ?? Number.NaN);
  }
  await ok(cli(server, 'undo', document.run, '--yes'));
  return { whole, ...times };
}

/** Milliseconds from the recording's beginning. */
function timeOf(recording: string, label: string): number {
  const line = recording.split('\n').find((each) => each.includes(`"m","${label}`)) ?? '';
  return Number.parseFloat(line.slice(1)) * 1000;
}

/** What the script has done, undone by hand: files, rules and the FTP server. */
async function putBack({ server }: Sandbox, plan: Plan): Promise<void> {
  for (const step of plan.steps)
    if (step.kind === 'write')
      await (step.before === null
        ? ok(server.run(['rm', '-f', step.path]))
        : ok(server.run(['tee', step.path], { stdin: step.before })));
  await shell(server, '{ echo flush ruleset; cat /root/rules; } | nft -f -');
  await shell(server, '/usr/local/cpanel/scripts/restartsrv_ftpd');
}
