import { mayLackFamilies, withFamilies } from '../firewall/nftables/families.ts';
import type { Tools } from '../firewall/placing.ts';
import type { CommandResult, RunCommand } from './ports.ts';

/**
 * What nft lists of the rules in force, with handles and without counts, and with what nft leaves out.
 * @param options further ones, like -t: without the elements of sets
 */
export async function listRules(
  run: RunCommand,
  { nft }: Tools,
  options: readonly string[] = [],
): Promise<CommandResult> {
  const listed = await run([nft, '-a', '-s', ...options, 'list', 'ruleset'], { wordy: true });
  if (!mayLackFamilies(listed.stdout)) return listed;
  const compiled = await run([nft, '--debug=netlink', 'list', 'ruleset'], { wordy: true });
  return { ...listed, stdout: withFamilies(listed.stdout, compiled.stdout) };
}
