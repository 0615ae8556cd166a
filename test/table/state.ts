import { type Machine, ok } from '../sandbox/machine.ts';

/** What a server's firewall is: the rules in force, and every file below /etc. */
export interface State {
  readonly rules: string;
  /** Path, mode and sum of each file; a link with where it leads. */
  readonly files: string;
  /** The same with owner and time. */
  readonly stamps: string;
}

/** Rules without what changes by itself: counters, times, and the seed of a set. */
const RULES = `
echo '## nft' && nft -s list ruleset
for tool in iptables ip6tables iptables-legacy ip6tables-legacy; do echo "## $tool" && $tool-save; done
echo '## ipset' && ipset save`;

const FILES = `
find /etc -type f ! -name '*.xml.old' -exec sha256sum {} +
find /etc -type f ! -name '*.xml.old' -printf '%p %m\\n'
find /etc -type l -printf '%p -> %l\\n'`;
const STAMPS = `find /etc -type f -printf '%p %m %U:%G %s %T@\\n'`;

export async function rulesOf(server: Machine): Promise<string> {
  const text = await ok(server.run(['sh', '-c', RULES]), ['rules']);
  return text
    .replace(/^# .*\n/gm, '')
    .replace(/\[\d+:\d+\]/g, '')
    .replace(/ timeout \d+/g, ' timeout')
    .replace(/ initval 0x[\da-f]+/g, '');
}

export async function stateOf(server: Machine): Promise<State> {
  const [rules, files, stamps] = await Promise.all([
    rulesOf(server),
    ok(server.run(['sh', '-ec', FILES]), ['files']),
    ok(server.run(['sh', '-ec', STAMPS]), ['stamps']),
  ]);
  return { rules, files: sorted(files), stamps: sorted(stamps) };
}

/** Lines that stand in one text only; a whole one is too long to read in a failure. */
export function changes(before: string, after: string): string[] {
  const [was, is] = [before.split('\n'), after.split('\n')];
  return [
    ...was.filter((line) => !is.includes(line)).map((line) => `- ${line}`),
    ...is.filter((line) => !was.includes(line)).map((line) => `+ ${line}`),
  ];
}

function sorted(text: string): string {
  return text.split('\n').sort().join('\n');
}
