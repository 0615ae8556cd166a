import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chain } from '../../../src/firewall/ruleset.ts';
import { parseListing } from '../../../src/firewall/nftables/listing.ts';

const RUN =
  'for my $file (@ARGV) { system("nft", "-f", $file) == 0 or exit 1 } exec qw(nft -a -s list ruleset)';

/** Loads the texts one after the other into the kernel of an empty network namespace; the chains that are then there. */
export function loadInto(...texts: readonly string[]): Chain[] {
  const folder = mkdtempSync(join(tmpdir(), 'nft-'));
  try {
    const files = texts.map((text, index) => {
      const file = join(folder, `${index}.nft`);
      writeFileSync(file, text);
      return file;
    });
    return parseListing(
      execFileSync('unshare', ['-n', 'perl', '-e', RUN, ...files], { encoding: 'utf8', stdio: 'pipe' }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The rules of one chain, in order. */
export function rulesOf(chains: readonly Chain[], name: string): string[] {
  const chain = chains.find(({ family, table, chain: each }) => `${family} ${table} ${each}` === name);
  return chain?.rules.map(({ text }) => text) ?? [];
}
