import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FirewallFacts } from '../../../src/firewall/firewall.ts';
import { parseSaved } from '../../../src/firewall/iptables/saved.ts';
import { NO_RULES } from '../../../src/firewall/ruleset.ts';
import { ufw } from '../../../src/firewall/ufw/ufw.ts';
import { factsOf } from '../rulesets.ts';

/** One look at the world. `said`: what the line before it printed. `save`: what the two iptables-save print. */
export interface Sight {
  readonly facts: FirewallFacts;
  readonly said: string;
  readonly save: readonly [ip: string, ip6: string];
}

/** A machine where ufw is on and lets ssh in. */
export interface World {
  /** Runs a line of the shell, and looks. */
  run(line: string): Promise<Sight>;
  /** Back to the beginning, and a line after that. */
  afresh(...lines: readonly string[]): Promise<Sight>;
  leave(): Promise<void>;
}

/** A copy of /etc over which nothing of the host's is written, and a kernel without rules. */
const ENTER = `
set -e
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/start"
mount -t overlay none -o "lowerdir=/etc,upperdir=$1/upper,workdir=$1/work" /etc
mount -t tmpfs none /run
ip link set lo up
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
ufw --force enable
ufw allow 22/tcp
# ufw writes its files anew at the first change, with rules that it puts in force at the next reload only.
ufw reload
cp -a /etc/ufw "$1/start/ufw"; cp -a /etc/default/ufw "$1/start/default"
iptables-save > "$1/ip"
ip6tables-save > "$1/ip6"
set +e
`;

const AFRESH = `
nft flush ruleset
iptables-restore < "$1/ip"; ip6tables-restore < "$1/ip6"
rm -rf /etc/ufw; cp -a "$1/start/ufw" /etc/ufw; cp -a "$1/start/default" /etc/default/ufw
`;

const LOOK = [
  'echo "@@save ip"; iptables-save 2>/dev/null',
  'echo "@@save ip6"; ip6tables-save 2>/dev/null',
  ...ufw.files.map((path) => `[ -f ${path} ] && { echo "@@file ${path}"; cat ${path}; }`),
  'echo "@@end"',
].join('\n');

export async function enterUfw(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'ufw-'));
  const args = ['-n', '-m', '--propagation', 'private', 'sh', '-s', folder];
  const shell = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(shell, 'exit');
  const run = async (line: string): Promise<Sight> => {
    output = '';
    shell.stdin.write(`{ ${line}\n} 2>&1\n${LOOK}\n`);
    while (!output.endsWith('@@end\n')) {
      await Promise.race([once(shell.stdout, 'data'), ended]);
      if (shell.exitCode !== null) throw new Error(`The world ended: ${output}`);
    }
    return sightOf(output);
  };
  await run(ENTER);
  return {
    run,
    afresh: (...lines) => run(`{ ${AFRESH}\n} > /dev/null 2>&1\n${lines.join('\n')}`),
    leave: async () => {
      shell.stdin.end();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** A line for the shell; no word of ours holds a quote. */
export function shellLine(argv: readonly string[]): string {
  return argv.map((word) => `'${word}'`).join(' ');
}

function sightOf(look: string): Sight {
  const [said = '', ...parts] = look.split(/^@@/m);
  const named = new Map(
    parts.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
  );
  const files = [...named].filter(([name]) => name.startsWith('file '));
  const texts = { ip: named.get('save ip') ?? '', ip6: named.get('save ip6') ?? '' };
  const chains = (['ip', 'ip6'] as const).flatMap((family) =>
    parseSaved({ family, tool: 'iptables', text: texts[family] }),
  );
  const given = factsOf(NO_RULES, {
    files: Object.fromEntries(files.map(([name, text]) => [name.slice('file '.length), text])),
    enabled: ['ufw.service'],
  });
  return { facts: { ...given, chains }, said, save: [rulesIn(texts.ip), rulesIn(texts.ip6)] };
}

function rulesIn(text: string): string {
  return text.replace(/^#.*\n/gm, '').replace(/\[\d+:\d+\]/g, '');
}
