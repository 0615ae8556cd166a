/**
 * How `reach` and `status` grow with the rules of the firewall, and the page of the history with past runs: each
 * command from its start to its end, inside the sandbox, one after the other in several rounds. Prints medians in
 * milliseconds as a Markdown table.
 */
import { cli, shell } from '../test/job/scene.ts';
import { ok } from '../test/sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../test/sandbox/sandbox.ts';
import { median } from './median.ts';

const ROUNDS = 5;
const RULES = [10, 100, 500, 1000, 10_000];
const ELEMENTS = 100_000;
const RUNS = [1, 100, 200];
const CHAIN = 'cP-Firewall-1-INPUT';

type Firewall = 'nftables' | 'iptables';

/** Addresses for documentation and tests, as many as are asked for. */
function address(at: number): string {
  return `198.${18 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}`;
}

/** Rules that no client meets, before those that let clients in, as a list of bans is. */
async function fill({ server }: Sandbox, firewall: Firewall, from: number, to: number): Promise<void> {
  const rules = Array.from({ length: to - from }, (_, at) => ({
    ip: address(from + at),
    port: 22 + (at % 900),
  }));
  if (firewall === 'nftables') {
    const stdin = rules
      .map(({ ip, port }) => `insert rule inet filter ${CHAIN} ip saddr ${ip} tcp dport ${port} drop\n`)
      .join('');
    await ok(server.run(['nft', '-f', '-'], { stdin }));
    return;
  }
  const lines = rules.map(({ ip, port }) => `-I INPUT -s ${ip} -p tcp --dport ${port} -j DROP\n`).join('');
  await ok(server.run(['iptables-restore', '--noflush'], { stdin: `*filter\n${lines}COMMIT\n` }));
}

async function fillSet({ server }: Sandbox): Promise<void> {
  const elements = Array.from({ length: ELEMENTS }, (_, at) => address(at)).join(', ');
  await ok(server.run(['nft', '-f', '-'], { stdin: `add element inet filter banned { ${elements} }\n` }));
}

/** @returns milliseconds from start to end, each asked in turn */
async function took(
  sandbox: Sandbox,
  asked: readonly (readonly string[])[],
): Promise<readonly (readonly number[])[]> {
  const times = asked.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, argv] of asked.entries()) {
      const started = performance.now();
      const { stdout, stderr } = await cli(sandbox.server, ...argv);
      times[at]?.push(performance.now() - started);
      if (stdout === '') throw new Error(`${argv.join(' ')}: ${stderr}`);
    }
  }
  return times;
}

function row(words: string, times: readonly (readonly number[])[]): void {
  const cells = times.map(
    (each) =>
      `${Math.round(median(each))} (${Math.round(Math.min(...each))}–${Math.round(Math.max(...each))})`,
  );
  process.stdout.write(`| ${[words, ...cells].join(' | ')} |\n`);
}

const ASKED = [
  ['reach', '49152-65534', '--json'],
  ['status', '--json'],
];

process.stdout.write('| rules | reach, ms | status, ms |\n|---|---|---|\n');
for (const firewall of ['nftables', 'iptables'] as const) {
  const sandbox = await startSandbox({ firewall, nat: true });
  try {
    let filled = 0;
    for (const rules of RULES) {
      await fill(sandbox, firewall, filled, rules);
      filled = rules;
      row(`${firewall}, ${rules}`, await took(sandbox, ASKED));
    }
    if (firewall === 'nftables') {
      await fillSet(sandbox);
      row(`nftables, ${filled} and a set of ${ELEMENTS}`, await took(sandbox, ASKED));
    }
  } finally {
    await sandbox.stop();
  }
}

process.stdout.write('\n| past runs | runs, ms | status, ms |\n|---|---|---|\n');
const sandbox = await startSandbox({ nat: true });
try {
  await ok(cli(sandbox.server, 'apply', '--yes'));
  let kept = 1;
  for (const runs of RUNS) {
    await copyRuns(sandbox, kept, runs);
    kept = runs;
    row(
      `${runs}`,
      await took(sandbox, [
        ['runs', '--json'],
        ['status', '--json'],
      ]),
    );
  }
} finally {
  await sandbox.stop();
}

/** Past runs are copies of a real one, each begun a second before the next. */
async function copyRuns({ server }: Sandbox, from: number, to: number): Promise<void> {
  await shell(
    server,
    `cd /var/lib/whm-ftp-passive/runs
    first=$(ls | tail -n 1)
    i=${from}
    while [ $i -lt ${to} ]; do
      name=$(date -u -d "2026-01-01 + $i seconds" +%Y%m%dT%H%M%SZ)-$(printf %06x $i)
      mkdir -m 700 $name
      cp $first/journal.jsonl $name/
      i=$((i + 1))
    done`,
  );
}
